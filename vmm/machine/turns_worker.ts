// The one Worker of a machine whose guest runs the same each time: it has every vcpu and the devices.

import { Vcpu } from "../kvm/vcpu.ts";
import { type Turns, turnsOf } from "./backend_share.ts";
import { ExitHistory } from "./exit_history.ts";
import { haveDevices, join, type Joined, serveJob, type Sources } from "./isolate.ts";
import type { TurnsJob } from "./isolates.ts";
import { tracedTarget } from "./mmio.ts";
import type { RunContext } from "./run_loop.ts";
import { orFailure } from "./run_failure.ts";
import { runInTurns } from "./turn_loop.ts";

/** The guest's own clock, and numbers that follow from its seed. */
const guestSources = (turns: Turns): Sources => ({
  now: () => turns.time.date,
  wakeAt: (date) => turns.setDeadline(date),
  fillRandom: turns.fillRandom,
});

function vcpuContexts(
  { backend, control, counters }: Joined,
  job: TurnsJob,
  target: RunContext["target"],
): RunContext[] {
  return job.vcpuFds.map((fd, index) => {
    const vcpu = new Vcpu(backend, fd, index, job.runPageSize);
    const history = new ExitHistory(counters.exits(index));
    const { canAbort, stopAtExit } = job;
    const page = vcpu.mapRunPage();
    return { vcpu, page, control, target, poll() {}, stopAtExit, canAbort, history, wantsMore: () => false };
  });
}

serveJob(async (job: TurnsJob) => {
  const names = job.vcpuFds.map((fd, index) => [fd, `vcpu ${index}`] as const);
  const joined = await join(job, names, { loadsMore: false });
  const { backend, control, trace } = joined;
  const turns = turnsOf(backend);
  const devices = haveDevices(joined, job.devices, guestSources(turns));
  const vcpus = vcpuContexts(
    joined,
    job,
    trace?.has("mmio") ? tracedTarget(devices.target, trace) : devices.target,
  );
  vcpus.forEach((_, index) => control.setThread(index, backend.currentThread()));
  const ending = orFailure(
    () => runInTurns({ vcpus, control, turns, poll: devices.poll }),
    () => turns.current,
  );
  vcpus.forEach((_, index) => control.setThread(index, 0));
  devices.close();
  vcpus.forEach(({ page }) => backend.unmapRunPage(page.buffer));
  trace?.release();
  return { ending, exits: vcpus.map(({ vcpu, history }) => ({ vcpu: vcpu.index, lines: history.lines() })) };
});
