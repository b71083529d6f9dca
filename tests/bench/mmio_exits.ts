// Runs in the test bed: what an MMIO exit costs in Velum, beside a loop in C that runs the very same guest.
// Argument: the compiled mmio_loop.c.
//
// Each monitor runs the guest `mmio` with a smaller and a larger number of reads. The difference between the
// two times, by the difference of the numbers, is free of everything that happens once: starting, compiling.

import { secondsBetween } from "./console_time.ts";
import { median, report } from "./row.ts";
import { createTinyMachine, imageOf, memoryMiB, writeDeviceTree } from "./tiny_machine.ts";

const rounds = 7;
const fewReads = 20_000;
const manyReads = 40_000;
const between = ["mmio: reading\n", "mmio: done\n"] as const;

const [loopInC = ""] = Deno.args;
const deviceTreeOf = (reads: number) => `/tmp/mmio-${reads}.dtb`;

/** Seconds that the guest's reads take. */
type Monitor = (reads: number) => Promise<number>;

const velum: Monitor = async (reads) => {
  const machine = await createTinyMachine("mmio", { commandLine: `${reads}` });
  machine.start();
  const seconds = await secondsBetween(machine.output(), ...between);
  machine.close();
  return seconds;
};

const c: Monitor = async (reads) => {
  const child = new Deno.Command(loopInC, {
    args: [imageOf("mmio"), deviceTreeOf(reads), `${memoryMiB}`],
    stdout: "piped",
  }).spawn();
  return await secondsBetween(child.stdout, ...between);
};

/** Microseconds of one exit in each, measured in turns. */
async function round(): Promise<{ velum: number; c: number }> {
  const few = { c: await c(fewReads), velum: await velum(fewReads) };
  const many = { c: await c(manyReads), velum: await velum(manyReads) };
  const perExit = (seconds: number) => 1e6 * seconds / (manyReads - fewReads);
  return { velum: perExit(many.velum - few.velum), c: perExit(many.c - few.c) };
}

for (const reads of [fewReads, manyReads]) await writeDeviceTree(deviceTreeOf(reads), "mmio", `${reads}`);
const measured: Awaited<ReturnType<typeof round>>[] = [];
for (let n = 0; n < rounds; n++) measured.push(await round());
report([{
  what: "an MMIO exit",
  value: median(measured.map(({ velum }) => velum)),
  unit: "us",
  beside: { what: "C", value: median(measured.map(({ c }) => c)) },
  ratio: median(measured.map(({ velum, c }) => velum / c)),
  target: { of: "ratio", atMost: 1.15 },
}]);
