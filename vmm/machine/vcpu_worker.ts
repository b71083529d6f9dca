// A vcpu's Worker: a thread of the host that spends its life in KVM_RUN. The only vcpu of a machine has the
// devices too, so that an MMIO exit is served without a hand-over.

import { Vcpu } from "../kvm/vcpu.ts";
import { haveDevices, join, serveJob } from "./isolate.ts";
import type { VcpuJob } from "./isolates.ts";
import { remoteTarget } from "./mmio.ts";
import { orFailure } from "./run_failure.ts";
import { type RunContext, runVcpu } from "./run_loop.ts";

serveJob(async (job: VcpuJob) => {
  const joined = await join(job, [[job.vcpu, `vcpu ${job.index}`]]);
  const { backend, control } = joined;
  const vcpu = new Vcpu(backend, job.vcpu, job.index, job.runPageSize);
  const page = vcpu.mapRunPage();
  const devices = job.devices && haveDevices(joined, job.devices);
  control.setThread(job.index, backend.currentThread());
  const context: RunContext = {
    vcpu,
    page,
    control,
    target: devices?.target ?? remoteTarget(control, job.index),
    poll: devices?.poll ?? (() => {}),
    canAbort: job.canAbort,
  };
  const ending = orFailure(() => runVcpu(context), () => job.index);
  control.setThread(job.index, 0);
  devices?.close();
  backend.unmapRunPage(page.buffer);
  return ending && { kind: "ending", ending };
});
