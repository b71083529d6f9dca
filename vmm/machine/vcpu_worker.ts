// A vcpu's Worker: a thread of the host that spends its life in KVM_RUN. The only vcpu of a machine has the
// devices too, so that an MMIO exit is served without a hand-over.

import type { Backend } from "../kvm/backend.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { Trace } from "../kvm/trace.ts";
import { Vcpu } from "../kvm/vcpu.ts";
import { loadMore, wantsMore } from "./backend_share.ts";
import type { Ending } from "./ending.ts";
import { ExitHistory } from "./exit_history.ts";
import { haveDevices, join, serveJob } from "./isolate.ts";
import type { VcpuJob } from "./isolates.ts";
import { remoteTarget, tracedTarget } from "./mmio.ts";
import { orFailure } from "./run_failure.ts";
import { type RunContext, runVcpu } from "./run_loop.ts";

const levelShift = 2n;

/** KVM tells where a vcpu is, but not how many instructions it has executed; nor of hypercalls, but for their end. */
function placeOnKvm(trace: Trace, vcpu: Vcpu) {
  trace.place = () => ({
    vcpu: vcpu.index,
    pc: vcpu.getRegister(registerNamed("PC")),
    el: Number(vcpu.getRegister(registerNamed("PSTATE")) >> levelShift & 3n),
  });
}

const endingCalls: Readonly<Record<string, string>> = { shutdown: "SYSTEM_OFF", reset: "SYSTEM_RESET" };

function traceEnding(trace: Trace, ending: Ending | undefined) {
  const call = ending && endingCalls[ending.kind];
  if (call && trace.has("psci")) trace.tell("psci", `${call}()`, { function: call });
}

async function runToEnd(context: RunContext, backend: Backend): Promise<Ending | undefined> {
  for (;;) {
    const ending = orFailure(() => runVcpu(context), () => context.vcpu.index);
    if (ending || !context.wantsMore()) return ending;
    await loadMore(backend);
  }
}

serveJob(async (job: VcpuJob) => {
  // A transcript is to show no interruption that is our own.
  const loadsMore = job.transcript === undefined;
  const joined = await join(job, [[job.vcpu, `vcpu ${job.index}`]], { loadsMore });
  const { backend, control, trace } = joined;
  const vcpu = new Vcpu(backend, job.vcpu, job.index, job.runPageSize);
  const page = vcpu.mapRunPage();
  const devices = job.devices && haveDevices(joined, job.devices);
  const history = new ExitHistory(joined.counters.exits(job.index));
  const target = devices?.target ?? remoteTarget(control, job.index);
  if (trace && backend.name === "kvm") placeOnKvm(trace, vcpu);
  control.setThread(job.index, backend.currentThread());
  const context: RunContext = {
    vcpu,
    page,
    control,
    target: trace?.has("mmio") ? tracedTarget(target, trace) : target,
    poll: devices?.poll ?? (() => {}),
    stopAtExit: job.stopAtExit,
    canAbort: job.canAbort,
    history,
    wantsMore: () => wantsMore(backend),
  };
  const ending = await runToEnd(context, backend);
  control.setThread(job.index, 0);
  if (trace && backend.name === "kvm") traceEnding(trace, ending);
  trace?.release();
  devices?.close();
  backend.unmapRunPage(page.buffer);
  return { ending, exits: [{ vcpu: job.index, lines: history.lines() }] };
});
