// Options that say which guest is booted in what machine, and what they mean.

import { findProgram, programFile } from "../../guest/programs.ts";
import { MiB } from "../../guest/ram.ts";
import { RequestError } from "../kvm/request_error.ts";
import { parseDrive } from "../machine/drive.ts";
import { type Firmware, parseFirmware } from "../machine/flash_banks.ts";
import { parseMemorySize } from "../machine/memory_size.ts";
import { readInputFile } from "./input_files.ts";
import type { Given, Options } from "./options.ts";
import { parseCount, parseSeed } from "./quantities.ts";
import { vcpuOptions, vcpuRequestOf } from "./vcpu_options.ts";

const defaults = { guest: "hello", cpus: 1, memorySize: 512 * MiB };

export const guestOptions: Options = {
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
  deterministic: {
    help:
      "run the same each time: by a clock that counts instructions, all vcpus on one thread (interpreter)",
  },
  seed: { value: "N", help: "what a deterministic guest's random numbers follow from (0)" },
};

/** The machine and what is loaded into it. Throws RequestError. */
export async function guestRequestOf(given: Given) {
  const optional = (name: string) => given.has(name) ? readInputFile(name, given.one(name)!) : undefined;
  return {
    ...chooseGuest(given),
    initrd: optional("initrd"),
    deviceTree: optional("dtb"),
    cpus: given.has("cpus") ? parseCount("cpus", given.one("cpus")!) : defaults.cpus,
    memorySize: given.has("memory") ? parseMemorySize(given.one("memory")!) : defaults.memorySize,
    ...await vcpuRequestOf(given),
    drives: given.all("drive").map(parseDrive),
  };
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
export function seedOf(given: Given): number | undefined {
  if (given.has("deterministic")) return given.has("seed") ? parseSeed(given.one("seed")!) : 0;
  if (!given.has("seed")) return undefined;
  throw new RequestError(
    "seed",
    "--seed is of a guest that runs the same each time; give --deterministic with it",
  );
}
