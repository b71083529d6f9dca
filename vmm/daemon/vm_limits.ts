// A run's limits of time, kept by the VM's own process.

import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import type { RunEnding, VmStats } from "./vm_messages.ts";

/** What the process has used since it began. What tells that takes 10 MiB: it is loaded when somebody asks. */
export async function processorSeconds(): Promise<VmStats["cpuSeconds"]> {
  const { default: process } = await import("node:process");
  const { user, system } = process.cpuUsage();
  return { user: user / 1e6, system: system / 1e6 };
}

/** Seconds that pass before processor time is looked at again: more of it than this may go by unseen, times the processors. */
const shortest = 0.05;

/** Calls back once when a limit is reached; returns how to call that off. */
export function watchLimits(
  { cpuSeconds, wallSeconds }: NonNullable<MachineConfiguration["limits"]>,
  onReached: (ending: RunEnding) => void,
): () => void {
  const processors = navigator.hardwareConcurrency;
  let isOver = false;
  let cpuTimer: ReturnType<typeof setTimeout> | undefined;
  /** Looks again when the limit can be reached at the earliest. */
  async function watchProcessor(limit: number) {
    const { user, system } = await processorSeconds();
    if (isOver) return;
    const left = limit - user - system;
    if (left <= 0) return onReached({ kind: "limit", limit: "cpuSeconds", value: limit });
    const wait = Math.min(Math.max(left / processors, shortest), 2e6);
    cpuTimer = setTimeout(() => watchProcessor(limit), 1000 * wait);
  }
  if (cpuSeconds !== undefined) void watchProcessor(cpuSeconds);
  const wallTimer = wallSeconds === undefined ? undefined : setTimeout(
    () => onReached({ kind: "limit", limit: "wallSeconds", value: wallSeconds }),
    1000 * wallSeconds,
  );
  return () => {
    isOver = true;
    clearTimeout(cpuTimer);
    clearTimeout(wallTimer);
  };
}
