// A vcpu's Worker: a thread of the host that spends its life in KVM_RUN. The only vcpu of a machine has the
// devices too, so that an MMIO exit is served without a hand-over.

import { Vcpu } from "../kvm/vcpu.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import type { Ending } from "./ending.ts";
import { haveDevices, join, serveJob } from "./isolate.ts";
import type { VcpuJob } from "./isolates.ts";
import { remoteTarget } from "./mmio.ts";
import { type RunContext, runVcpu } from "./run_loop.ts";

/** As `runVcpu`; a vcpu that KVM refuses to run on has failed. */
function runOrFail(context: RunContext): Ending | undefined {
  try {
    return runVcpu(context);
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    return { kind: "failed", reason: error.message, vcpu: context.vcpu.index };
  }
}

serveJob(async (job: VcpuJob) => {
  const joined = await join(job, [[job.vcpu, `vcpu ${job.index}`]]);
  const { backend, control } = joined;
  const vcpu = new Vcpu(backend, job.vcpu, job.index, job.runPageSize);
  const page = vcpu.mapRunPage();
  const devices = job.devices && haveDevices(joined, job.devices);
  control.setThread(job.index, backend.currentThread());
  const ending = runOrFail({
    vcpu,
    page,
    control,
    target: devices?.target ?? remoteTarget(control, job.index),
    poll: devices?.poll ?? (() => {}),
    canAbort: job.canAbort,
  });
  control.setThread(job.index, 0);
  devices?.close();
  backend.unmapRunPage(page.buffer);
  return ending && { kind: "ending", ending };
});
