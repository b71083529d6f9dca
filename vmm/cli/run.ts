// velum run: boots a guest, lends it the terminal, and exits as the guest does.

import { findProgram, programFile } from "../../guest/programs.ts";
import { MiB } from "../../guest/ram.ts";
import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { TranscriptTarget } from "../machine/transcript_output.ts";
import { parseDrive } from "../machine/drive.ts";
import { caughtIn, deathReport } from "../machine/death_report.ts";
import type { Ending } from "../machine/ending.ts";
import { type Firmware, parseFirmware } from "../machine/flash_banks.ts";
import { Machine } from "../machine/machine.ts";
import { parseMemorySize } from "../machine/memory_size.ts";
import { backendOf, backendOptions, hostOptions, transcriptOf } from "./common_options.ts";
import { readInputFile, writeOutputFile } from "./input_files.ts";
import type { Command, Given } from "./options.ts";
import { parseCount, parseSeconds, parseSeed } from "./quantities.ts";
import { traceOf, traceOptions } from "./trace_options.ts";
import { feedInput, restoreTerminal, showOutput } from "./terminal.ts";
import { vcpuOptions, vcpuRequestOf } from "./vcpu_options.ts";

const defaults = { guest: "hello", cpus: 1, memorySize: 512 * MiB };
const signals: readonly [Deno.Signal, number][] = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]];

export const run: Command = {
  summary: "boots a guest: one of the tiny guests by name, or a kernel of your own",
  operands: "[GUEST [ARGUMENT]...]",
  options: {
    kernel: {
      value: "FILE",
      help: "a flat binary, ELF64 or Linux Image, plain or gzipped, in place of a tiny guest",
    },
    bios: {
      value: "FILE[,rw]",
      help: "firmware that starts the guest, in flash at address 0; rw: what the guest writes there is kept",
    },
    flash: {
      value: "FILE[,ro]",
      help: "the firmware's variables, in flash at 0x4000000; written back, unless ro",
    },
    initrd: { value: "FILE", help: "an initial RAM disk for Linux" },
    append: { value: "TEXT", help: "the kernel's command line (/chosen bootargs)" },
    cpus: { value: "N", help: `vcpus (${defaults.cpus})` },
    memory: { value: "SIZE", help: `RAM, as 512M or 2G (${defaults.memorySize / MiB}M)` },
    drive: {
      value: "FILE[,ro]",
      repeats: true,
      help: "a raw image or block device as a virtio disk; may be repeated",
    },
    ...vcpuOptions,
    dtb: { value: "FILE", help: "a device tree blob in place of the machine's own" },
    "dump-dtb": { value: "FILE", help: "write the device tree the guest gets, and run nothing" },
    deterministic: {
      help:
        "run the same each time: by a clock that counts instructions, all vcpus on one thread (interpreter)",
    },
    seed: { value: "N", help: "what a deterministic guest's random numbers follow from (0)" },
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
  const guest = chooseGuest(given);
  const optional = (name: string) => given.has(name) ? readInputFile(name, given.one(name)!) : undefined;
  const seconds = given.has("timeout") ? parseSeconds("timeout", given.one("timeout")!) : undefined;
  const transcript = transcriptOf(given);
  const machine = await Machine.create({
    ...guest,
    initrd: optional("initrd"),
    deviceTree: optional("dtb"),
    cpus: given.has("cpus") ? parseCount("cpus", given.one("cpus")!) : defaults.cpus,
    memorySize: given.has("memory") ? parseMemorySize(given.one("memory")!) : defaults.memorySize,
    ...await vcpuRequestOf(given),
    drives: given.all("drive").map(parseDrive),
    trace: traceOf(given),
    transcript,
    backend: runningBackend(given, transcript),
  });
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

type Chosen = { commandLine: string } & ({ kernel: Uint8Array } | { firmware: Firmware });

function chooseGuest(given: Given): Chosen {
  const [name, ...args] = given.operands;
  const append = given.one("append") ?? "";
  const sources = [name && `the guest "${name}"`, ...["kernel", "bios"].map((o) => given.has(o) && `--${o}`)];
  const [first, second] = sources.filter(Boolean);
  if (second) {
    throw new RequestError(
      second === "--bios" ? "bios" : "kernel",
      `both ${first} and ${second} are given; give one of them`,
    );
  }
  if (given.has("bios")) {
    for (const option of ["initrd", "append"].filter((name) => given.has(name))) {
      throw new RequestError(
        option,
        `--${option} is for a kernel, and firmware finds its own; give --kernel`,
      );
    }
    return { firmware: parseFirmware(given.one("bios")!, given.one("flash")), commandLine: "" };
  }
  if (given.has("flash")) {
    throw new RequestError("flash", "--flash has the variables of firmware; give --bios FILE with it");
  }
  if (given.has("kernel")) {
    return { kernel: readInputFile("kernel", given.one("kernel")!), commandLine: append };
  }
  return {
    kernel: tinyGuest(name ?? defaults.guest),
    commandLine: [...args, append].filter(Boolean).join(" "),
  };
}

function tinyGuest(name: string): Uint8Array {
  const program = findProgram(name);
  if (program) return Deno.readFileSync(programFile(program));
  throw new RequestError(
    "guest",
    `there is no guest called "${name}"; velum guests lists them, and --kernel FILE runs one of your own`,
  );
}

/** None for a guest that need not run the same each time. */
function seedOf(given: Given): number | undefined {
  if (given.has("deterministic")) return given.has("seed") ? parseSeed(given.one("seed")!) : 0;
  if (!given.has("seed")) return undefined;
  throw new RequestError(
    "seed",
    "--seed is of a guest that runs the same each time; give --deterministic with it",
  );
}

function runningBackend(given: Given, transcript: TranscriptTarget | undefined): Backend {
  const backend = backendOf(given, transcript, seedOf(given));
  if (!given.has("stats") || backend.name === "interpreter") return backend;
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
  let signalStatus: number | undefined;
  const handlers = signals.map(([signal, status]) => {
    const handle = () => {
      signalStatus = status;
      machine.stop();
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  const timer = seconds === undefined
    ? undefined
    : setTimeout(() => machine.end({ kind: "timeout", seconds }), 1000 * seconds);
  globalThis.addEventListener("unload", restoreTerminal);
  try {
    void feedInput(machine);
    machine.start();
    const [ending] = await Promise.all([machine.ended, showOutput(machine)]);
    restoreTerminal();
    return report(machine, ending, signalStatus);
  } finally {
    clearTimeout(timer);
    handlers.forEach((remove) => remove());
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
