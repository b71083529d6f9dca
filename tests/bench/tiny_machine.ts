// A machine with one of the tiny guests, as every benchmark has it: what `velum run` gives it, and little RAM.

import { chooseBackend, everythingAuto, findProgram, Machine, programFile } from "../../mod.ts";
import { MiB } from "../../guest/ram.ts";

export const memoryMiB = 64;

/** The file of the tiny guest of that name. */
export function imageOf(name: string): string {
  return programFile(findProgram(name)!).pathname;
}

export function createTinyMachine(name: string, { commandLine = "", cpus = 1 } = {}): Promise<Machine> {
  return Machine.create({
    backend: chooseBackend("kvm"),
    cpus,
    memorySize: memoryMiB * MiB,
    features: everythingAuto,
    kernel: Deno.readFileSync(imageOf(name)),
    commandLine,
  });
}

/** Writes the device tree that such a machine gives its guest to a file, for another monitor. */
export async function writeDeviceTree(path: string, name: string, commandLine = ""): Promise<void> {
  const machine = await createTinyMachine(name, { commandLine });
  Deno.writeFileSync(path, machine.loaded.deviceTree);
  machine.close();
}
