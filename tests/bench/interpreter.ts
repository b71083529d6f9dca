// Runs on this machine: the interpreter beside qemu-system-aarch64, which translates code (TCG), in turn. The times are
// those of the busiest thread, which is the vcpu's, so that other work of the machine counts little.

import { fromFileUrl } from "@std/path";
import { busyboxInitramfs, debianKernel } from "../kvm-host/guest_system.ts";
import { denoRun, startVelum } from "./bench_process.ts";
import type { Shares } from "./interpreter/shares.ts";
import { resident } from "./resident.ts";
import { median, pairedRow, report, type Row } from "./row.ts";
import { ThreadTimes } from "./thread_times.ts";

const rounds = 3;
const memory = "512M";
const marker = "this is userspace";
const append = "console=ttyAMA0 quiet";

/** By the names of loops.c, in their order. QEMU's time may be 0.4 of Velum's where integers are worked with. */
const loops: Readonly<Record<string, { what: string; isInteger: boolean }>> = {
  integer: { what: "shifts and multiplications in registers", isInteger: true },
  crc: { what: "a CRC by a table", isInteger: true },
  memory: { what: "sums in memory", isInteger: true },
  sort: { what: "insertion sort", isInteger: true },
  call: { what: "recursive calls", isInteger: true },
  fp: { what: "doubles", isInteger: false },
  simd: { what: "AdvSIMD", isInteger: false },
};

const path = (name: string) => fromFileUrl(new URL(name, import.meta.url));

async function compile(folder: string, loop: string): Promise<string> {
  const guest = `${folder}/${loop}.elf`;
  const { success, stderr } = await new Deno.Command("aarch64-linux-gnu-gcc", {
    args: [
      ..."-O2 -Wall -Wextra -Wno-unused-function -ffreestanding -fno-pie -no-pie -nostdlib -static".split(
        " ",
      ),
      ...["-Wl,--no-warn-rwx-segments", `-Wl,-T,${path("loops.ld")}`, `-DLOOP=${loop}`],
      ...["-o", guest, path("start.S"), path("interpreter/loops.c")],
    ],
  }).output();
  if (!success) throw new Error(`the loops cannot be compiled: ${new TextDecoder().decode(stderr)}`);
  return guest;
}

interface Guest {
  readonly kernel: string;
  readonly initrd?: string;
}

const common = ({ kernel, initrd }: Guest, prefix: string) => [
  ...[`${prefix}kernel`, kernel],
  ...(initrd ? [`${prefix}initrd`, initrd, `${prefix}append`, append] : []),
];

const inVelum = (guest: Guest) =>
  ThreadTimes.start(Deno.execPath(), [
    ...[...denoRun, path("../../main.ts"), "run", "--backend", "interpreter", "--memory", memory],
    ...common(guest, "--"),
  ]);

const inQemu = (guest: Guest, ...options: readonly string[]) =>
  ThreadTimes.start("qemu-system-aarch64", [
    ...["-M", "virt,gic-version=3", "-cpu", "max,pauth-impdef=on", "-m", memory, "-no-reboot", "-nodefaults"],
    ...["-display", "none", "-monitor", "none", "-serial", "stdio", ...options, ...common(guest, "-")],
  ]);

/** Seconds of the loop, and what it told. */
async function timeOf(running: ThreadTimes): Promise<{ seconds: number; result: string; ticks: number }> {
  await using times = running;
  await times.lineWith("begin");
  const before = times.now();
  const [, result = "", ticks = ""] = (await times.lineWith("end")).trim().split(" ");
  return { seconds: times.busiestSince(before), result, ticks: Number(ticks) };
}

/** With -icount a nanosecond of the guest's is an instruction, and 16 are a tick of its counter. */
const instructionsOf = async (guest: Guest) => 16 * (await timeOf(inQemu(guest, "-icount", "shift=0"))).ticks;

const inMips = (instructions: number, seconds: number) => (instructions / seconds / 1e6).toFixed(0);

async function loopRow(folder: string, loop: string): Promise<Row> {
  const guest = { kernel: await compile(folder, loop) };
  const instructions = await instructionsOf(guest);
  const velum: number[] = [], qemu: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const here = await timeOf(inVelum(guest)), there = await timeOf(inQemu(guest));
    if (here.result !== there.result) {
      throw new Error(`${loop} gave ${here.result} in Velum and ${there.result} in QEMU`);
    }
    velum.push(here.seconds);
    qemu.push(there.seconds);
  }
  const { what, isInteger } = loops[loop]!;
  const mips = [velum, qemu].map((times) => inMips(instructions, median(times)));
  const milliseconds = (times: readonly number[]) => times.map((time) => 1000 * time);
  return pairedRow({
    what: `interpreter: ${what}, ${mips[0]} MIPS beside ${mips[1]}`,
    unit: "ms",
    values: milliseconds(velum),
    beside: { what: "QEMU TCG", values: milliseconds(qemu) },
    ...(isInteger && { atMost: 2.5 }),
  });
}

async function bootTime(running: ThreadTimes): Promise<number> {
  await using times = running;
  const before = new Map();
  await times.lineWith(marker);
  return times.busiestSince(before);
}

async function debianRow(guest: Guest): Promise<Row> {
  const velum: number[] = [], qemu: number[] = [];
  for (let round = 0; round < rounds; round++) {
    velum.push(await bootTime(inVelum(guest)));
    qemu.push(await bootTime(inQemu(guest)));
  }
  return pairedRow({
    what: "interpreter: Debian's kernel to its userspace, 1 vcpu",
    unit: "s",
    values: velum,
    beside: { what: "QEMU TCG", values: qemu },
    atMost: 4,
  });
}

/** Where a boot's time goes, with the clock read around everything that generated code calls. */
async function shareRows({ kernel, initrd }: Guest): Promise<Row[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...denoRun, path("interpreter/shares.ts"), kernel, initrd!, append],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const shares: Shares = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  return Object.entries(shares).map(([what, { percent, calls }]) => ({
    what: `  of it ${what}${calls ? `, ${calls} times` : ""}`,
    value: percent,
    unit: "%",
  }));
}

const spin = ["run", "spin", "--backend", "interpreter", "--memory", "64M"];

async function startRow(): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await using velum = startVelum(...spin);
    times.push(1000 * await velum.firstOutput());
  }
  return {
    what: "interpreter: the CLI's start to the guest's first output",
    value: median(times.slice(1)),
    unit: "ms",
    target: { of: "value", atMost: 250 },
  };
}

/** The guest has touched next to nothing of its RAM. */
async function memoryRow(): Promise<Row> {
  await using velum = startVelum(...spin);
  await velum.firstOutput();
  const { all } = resident(await Deno.readTextFile(`/proc/${velum.pid}/smaps`));
  return {
    what: "interpreter: memory beyond guest RAM, 1 vcpu",
    value: all / 1024,
    unit: "MiB",
    target: { of: "value", atMost: 150 },
  };
}

const folder = await Deno.makeTempDir();
const kernel = await debianKernel();
/** One that stays in its userspace, to be looked at, and one that ends. */
const staying = { kernel, initrd: `${folder}/staying` }, ending = { kernel, initrd: `${folder}/ending` };
await Deno.writeFile(staying.initrd, await busyboxInitramfs(`echo ${marker}; sleep 1000`));
await Deno.writeFile(ending.initrd, await busyboxInitramfs(`echo ${marker}`));
const rows: Row[] = [];
for (const loop of Object.keys(loops)) rows.push(await loopRow(folder, loop));
rows.push(await debianRow(staying), ...await shareRows(ending), await startRow(), await memoryRow());
await Deno.remove(folder, { recursive: true });
report(rows);
