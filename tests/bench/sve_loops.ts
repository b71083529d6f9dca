// Runs on this machine: loops of SVE at 512 bits in the interpreter beside qemu-system-aarch64, which translates
// code (TCG) and calls a function for each SVE instruction. Both guests are the same, and run in turn.

import { fromFileUrl } from "@std/path";
import { median, report, type Row } from "./row.ts";

const rounds = 3;
/** By the names that the guest prints. */
const titles: Readonly<Record<string, string>> = {
  daxpy: "SVE: daxpy of 4096 doubles, 100 times",
  copy: "SVE: 4 KiB copied, 400 times",
  length: "SVE: a string's length, 4 KiB, 400 times",
  dot: "SVE: dot product of 4096 bytes, 400 times",
};

const path = (name: string) => fromFileUrl(new URL(name, import.meta.url));
const main = path("../../main.ts");

/** Of each loop the microseconds, and the result. */
type Measured = ReadonlyMap<string, readonly [microseconds: number, result: string]>;

/** What the program prints. Throws where it fails, with what it says. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program} failed: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout);
}

async function compile(): Promise<string> {
  const guest = await Deno.makeTempFile({ suffix: ".elf" });
  await outputOf("aarch64-linux-gnu-gcc", [
    ..."-O2 -Wall -Wextra -march=armv8.2-a+sve2 -ffreestanding -nostdlib -static".split(" "),
    ..."-fno-tree-vectorize -fno-tree-loop-distribute-patterns".split(" "),
    ...["-Wl,--no-warn-rwx-segments", `-Wl,-T,${path("loops.ld")}`, "-o", guest],
    ...[path("sve/start.S"), path("sve/loops.c")],
  ]);
  return guest;
}

const parse = (output: string): Measured =>
  new Map(
    output.trim().split(/\r?\n/).map((line) => {
      const [name = "", microseconds, result = ""] = line.split(" ");
      return [name, [Number(microseconds), result]];
    }),
  );

const inVelum = async (guest: string) =>
  parse(
    await outputOf(Deno.execPath(), [
      ...["run", "--no-check", "--allow-read", main, "run", "--backend", "interpreter"],
      ...["--sve", "max=512", "--kernel", guest],
    ]),
  );

const inQemu = async (guest: string) =>
  parse(
    await outputOf("qemu-system-aarch64", [
      ...["-M", "virt", "-cpu", "max,sve-max-vq=4", "-nic", "none", "-display", "none", "-monitor", "none"],
      ...["-serial", "stdio", "-kernel", guest],
    ]),
  );

function rowOf(name: string, velum: readonly Measured[], qemu: readonly Measured[]): Row {
  const all = [...velum, ...qemu].map((each) => each.get(name)?.[1]);
  if (all.some((result) => result === undefined || result !== all[0])) {
    throw new Error(`${name} gave ${all.join(", ")}: the results of Velum and QEMU are not all the same`);
  }
  const times = (of: readonly Measured[]) => of.map((each) => each.get(name)![0] / 1000);
  const here = times(velum), there = times(qemu);
  return {
    what: titles[name]!,
    value: median(here),
    unit: "ms",
    beside: { what: "QEMU TCG", value: median(there) },
    ratio: median(here.map((time, round) => time / there[round]!)),
    target: { of: "ratio", atMost: 1 },
  };
}

const guest = await compile();
const velum: Measured[] = [], qemu: Measured[] = [];
for (let round = 0; round < rounds; round++) {
  velum.push(await inVelum(guest));
  qemu.push(await inQemu(guest));
}
await Deno.remove(guest);
report(Object.keys(titles).map((name) => rowOf(name, velum, qemu)));
