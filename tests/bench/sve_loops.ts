// Runs on this machine: loops of SVE at 512 bits in the interpreter beside qemu-system-aarch64, which translates
// code (TCG) and calls a function for each SVE instruction. Both guests are the same, and run in turn. Then the same at
// other vector lengths: what an instruction costs may grow with them, but no faster than they do.

import { fromFileUrl } from "@std/path";
import { pairedRow, report, type Row } from "./row.ts";

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
    ...["-DSVE", path("start.S"), path("sve/loops.c")],
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

const inVelum = async (guest: string, bits = 512) =>
  parse(
    await outputOf(Deno.execPath(), [
      ...["run", "--no-check", "--allow-read", main, "run", "--backend", "interpreter"],
      ...["--sve", `max=${bits}`, "--kernel", guest],
    ]),
  );

const inQemu = async (guest: string) =>
  parse(
    await outputOf("qemu-system-aarch64", [
      ...["-M", "virt", "-cpu", "max,sve-max-vq=4", "-nic", "none", "-display", "none", "-monitor", "none"],
      ...["-serial", "stdio", "-kernel", guest],
    ]),
  );

/** Milliseconds. */
const times = (of: readonly Measured[], name: string) => of.map((each) => each.get(name)![0] / 1000);

function rowOf(name: string, velum: readonly Measured[], qemu: readonly Measured[]): Row {
  const all = [...velum, ...qemu].map((each) => each.get(name)?.[1]);
  if (all.some((result) => result === undefined || result !== all[0])) {
    throw new Error(`${name} gave ${all.join(", ")}: the results of Velum and QEMU are not all the same`);
  }
  return pairedRow({
    what: titles[name]!,
    unit: "ms",
    values: times(velum, name),
    beside: { what: "QEMU TCG", values: times(qemu, name) },
    atMost: 1,
  });
}

const lengths = [512, 2048] as const;
const shortest = 128;

/** The loops' work is the same at each length, so that their instructions are the fewer the longer it is. */
const costs = (of: readonly Measured[], name: string, bits: number) =>
  times(of, name).map((time) => time * bits / shortest);

const lengthRow = (name: string, at: ReadonlyMap<number, readonly Measured[]>, bits: number): Row =>
  pairedRow({
    what: `${titles[name]}: an instruction's cost at ${bits} bits`,
    unit: "ms",
    values: costs(at.get(bits)!, name, bits),
    beside: { what: `${shortest} bits`, values: costs(at.get(shortest)!, name, shortest) },
    atMost: bits / shortest,
  });

const guest = await compile();
const qemu: Measured[] = [];
const velum = new Map([shortest, ...lengths].map((bits): [number, Measured[]] => [bits, []]));
for (let round = 0; round < rounds; round++) {
  for (const [bits, measured] of velum) measured.push(await inVelum(guest, bits));
  qemu.push(await inQemu(guest));
}
await Deno.remove(guest);
const names = Object.keys(titles);
report([
  ...names.map((name) => rowOf(name, velum.get(512)!, qemu)),
  ...lengths.flatMap((bits) => names.map((name) => lengthRow(name, velum, bits))),
]);
