// The guest and the machine that options ask for.

import { findProgram, programFile } from "../../guest/programs.ts";
import { RequestError } from "../kvm/request_error.ts";
import { parseDrive } from "../machine/drive.ts";
import { type Firmware, parseFirmware } from "../machine/flash_banks.ts";
import { parseMemorySize } from "../machine/memory_size.ts";
import { guestDefaults } from "./guest_options.ts";
import { readInputFile } from "./input_files.ts";
import type { Given } from "./options.ts";
import { parseCount, parseSeed } from "./quantities.ts";
import { vcpuRequestOf } from "./vcpu_request.ts";

/** The machine and what is loaded into it. Throws RequestError. */
export async function guestRequestOf(given: Given) {
  const optional = (name: string) => given.has(name) ? readInputFile(name, given.one(name)!) : undefined;
  return {
    ...chooseGuest(given),
    initrd: optional("initrd"),
    deviceTree: optional("dtb"),
    cpus: given.has("cpus") ? parseCount("cpus", given.one("cpus")!) : guestDefaults.cpus,
    memorySize: given.has("memory") ? parseMemorySize(given.one("memory")!) : guestDefaults.memorySize,
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
    kernel: tinyGuest(name ?? guestDefaults.guest),
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
