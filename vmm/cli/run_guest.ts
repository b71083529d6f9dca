// A guest's run, with this process's terminal and signals.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { caughtIn, deathReport } from "../machine/death_report.ts";
import type { Ending } from "../machine/ending.ts";
import { Machine, type MachineOptions } from "../machine/machine.ts";
import type { TranscriptTarget } from "../machine/transcript_output.ts";
import { backendOf, transcriptOf } from "./backend_request.ts";
import { guestRequestOf, seedOf } from "./guest_request.ts";
import { writeOutputFile } from "./input_files.ts";
import { isMachineFileGiven, machineFileOf } from "./machine_file.ts";
import type { Given } from "./options.ts";
import { parseSeconds } from "./quantities.ts";
import { watchForSignals } from "./signals.ts";
import { feedInput, restoreTerminal, showOutput } from "./terminal.ts";
import { traceOf } from "./trace_request.ts";

/** Returns the exit status. Throws RequestError. */
export async function runGuest(given: Given): Promise<number> {
  const trace = traceOf(given);
  const transcript = transcriptOf(given);
  const file = isMachineFileGiven(given) ? await machineFileOf(given, transcript) : undefined;
  const seconds = given.has("timeout") ? parseSeconds("timeout", given.one("timeout")!) : file?.seconds;
  const options = file?.options ?? await machineOptionsOf(given, transcript);
  checkStatistics(given, options.backend);
  const machine = await Machine.create({ ...options, trace });
  try {
    if (!given.has("dump-dtb")) {
      const status = await attend(machine, seconds);
      if (given.has("stats")) console.error(statisticsReport(machine));
      return status;
    }
    writeOutputFile("dump-dtb", given.one("dump-dtb")!, machine.loaded.deviceTree);
    return 0;
  } finally {
    machine.close();
  }
}

async function machineOptionsOf(
  given: Given,
  transcript: TranscriptTarget | undefined,
): Promise<MachineOptions> {
  const request = await guestRequestOf(given);
  return { ...request, transcript, backend: backendOf(given, transcript, seedOf(given)) };
}

function checkStatistics(given: Given, backend: Backend) {
  if (!given.has("stats") || backend.name === "interpreter") return;
  throw new RequestError(
    "stats",
    "KVM does not count a guest's instructions; --stats needs --backend interpreter",
  );
}

function statisticsReport({ statistics }: Machine): string {
  const { instructions, seconds } = statistics!;
  const time = seconds === undefined ? "" : `, ${seconds.toFixed(6)} s by the guest's clock`;
  return `velum: ${instructions.toLocaleString("en-US")} instructions${time}`;
}

/** Runs the machine with this process's terminal and signals. */
async function attend(machine: Machine, seconds: number | undefined): Promise<number> {
  const signals = watchForSignals(() => machine.stop());
  const timer = seconds === undefined
    ? undefined
    : setTimeout(() => machine.end({ kind: "timeout", seconds }), 1000 * seconds);
  globalThis.addEventListener("unload", restoreTerminal);
  try {
    void feedInput(machine);
    machine.start();
    const [ending] = await Promise.all([machine.ended, showOutput(machine)]);
    restoreTerminal();
    return report(machine, ending, signals.status());
  } finally {
    clearTimeout(timer);
    signals.remove();
    restoreTerminal();
  }
}

function report(machine: Machine, ending: Ending, signalStatus: number | undefined): number {
  const tell = (text: string) => console.error(`velum: ${text}`);
  switch (ending.kind) {
    case "exit":
      return ending.status;
    case "shutdown":
      return 0;
    case "reset":
      tell("the guest asked for a reset, and Velum does not restart guests: run it again");
      return 0;
    case "timeout":
      tell(`the guest still ran after ${ending.seconds} seconds and was stopped`);
      caughtIn(machine).forEach(tell);
      return 124;
    case "stopped":
      return signalStatus ?? 130;
    case "panic":
    case "failed":
      tell(ending.kind === "panic" ? ending.reason : `vcpu ${ending.vcpu} cannot go on: ${ending.reason}`);
      console.error(deathReport(machine));
      return 1;
  }
}
