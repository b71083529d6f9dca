// velum run: boots a guest, lends it the terminal, and exits as the guest does.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { TranscriptTarget } from "../machine/transcript_output.ts";
import { caughtIn, deathReport } from "../machine/death_report.ts";
import type { Ending } from "../machine/ending.ts";
import { Machine, type MachineOptions } from "../machine/machine.ts";
import { backendOf, backendOptions, hostOptions, transcriptOf } from "./common_options.ts";
import { guestOptions, guestRequestOf, seedOf } from "./guest_options.ts";
import { writeOutputFile } from "./input_files.ts";
import { isMachineFileGiven, machineFileOf } from "./machine_file.ts";
import type { Command, Given } from "./options.ts";
import { parseSeconds } from "./quantities.ts";
import { traceOf, traceOptions } from "./trace_options.ts";
import { watchForSignals } from "./signals.ts";
import { feedInput, restoreTerminal, showOutput } from "./terminal.ts";

export const run: Command = {
  summary: "boots a guest: one of the tiny guests by name, or a kernel of your own",
  operands: "[GUEST [ARGUMENT]...]",
  options: {
    ...guestOptions,
    config: {
      value: "FILE",
      help: "a vcpu's configuration, as velum baseline --write wrote it, or a whole machine's",
    },
    "dump-dtb": { value: "FILE", help: "write the device tree the guest gets, and run nothing" },
    stats: { help: "tell how many instructions the guest ran, at its end (interpreter)" },
    timeout: { value: "SECONDS", help: "stop the guest after so long; exit status 124" },
    ...traceOptions,
    ...hostOptions,
    ...backendOptions,
  },
  notes: [
    "Exit status: the guest's own (the exit device's, 0 for PSCI SYSTEM_OFF and SYSTEM_RESET); 1 when it",
    "panicked or cannot go on; 2 for a request that cannot be met; 124 on timeout; 130 when stopped.",
    "On a terminal: Ctrl-A x quits, Ctrl-A h lists the keys.",
  ],
  run: runGuest,
};

async function runGuest(given: Given): Promise<number> {
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
