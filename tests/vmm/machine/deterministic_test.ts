// Guests that run the same each time: two runs in one process, the calls and their answers compared to the last
// byte, and the instructions counted.

import { assert, assertEquals } from "@std/assert";
import { chooseBackend, everythingAuto, findProgram, Machine, programFile } from "../../../mod.ts";
import { withTranscript } from "../../../vmm/machine/transcript_output.ts";
import type { GuestStatistics } from "../../../vmm/machine/backend_share.ts";
import type { Ending } from "../../../vmm/machine/ending.ts";
import { HVC, load, readSystem, set, store } from "../../conformance/guest_code.ts";

interface Setting {
  readonly cpus?: number;
  readonly seed?: number;
  /** Console input that comes in pieces, and then ends. */
  readonly input?: readonly string[];
  readonly commandLine?: string;
}

interface Run {
  readonly ending: Ending;
  readonly console: string;
  readonly transcript: string;
  readonly statistics: GuestStatistics;
}

async function feed(machine: Machine, input: readonly string[]) {
  for (const piece of input) {
    await machine.type(new TextEncoder().encode(piece));
    // So that pieces meet the guest at another moment of each run, if anything can make them.
    await new Promise((resolve) => setTimeout(resolve, 5 * Math.random()));
  }
  machine.endInput();
}

async function run(
  kernel: Uint8Array,
  { cpus = 1, seed = 0, input = [], commandLine = "" }: Setting = {},
): Promise<Run> {
  const file = Deno.makeTempFileSync();
  const transcript = { format: "text", file } as const;
  const backend = withTranscript(chooseBackend("interpreter", "max", () => {}, seed), transcript);
  const machine = await Machine.create({
    backend,
    transcript,
    cpus,
    memorySize: 16 * 2 ** 20,
    features: everythingAuto,
    kernel,
    commandLine,
  });
  machine.awaitInput();
  const fed = feed(machine, input);
  machine.start();
  const said = await Array.fromAsync(machine.output());
  const [ending] = await Promise.all([machine.ended, fed]);
  const { statistics } = machine;
  machine.close();
  const calls = Deno.readTextFileSync(file);
  Deno.removeSync(file);
  const console = said.map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { ending, console, transcript: calls, statistics: statistics! };
}

const program = (name: string) => Deno.readFileSync(programFile(findProgram(name)!));
const flat = (words: readonly number[]) => new Uint8Array(Uint32Array.from(words).buffer);

Deno.test("two runs of a guest make the same calls, with the same answers, and as many instructions", async () => {
  const settings: readonly (readonly [string, Setting])[] = [
    ["smp", { cpus: 4 }],
    ["echo", { cpus: 2, input: ["one\ntw", "o\nthe third line is longer than a FIFO\n", "exit 9\n"] }],
  ];
  for (const [name, setting] of settings) {
    const first = await run(program(name), setting);
    assertEquals(await run(program(name), setting), first, name);
    assert(first.transcript.includes("KVM_RUN"), name);
    assert(first.statistics.instructions > 1000, name);
  }
});

Deno.test("time that a guest waits is skipped: five ticks of 10 ms by its clock are few instructions, each time as many", async () => {
  const first = await run(program("timer"));
  assertEquals(await run(program("timer")), first);
  const { instructions, seconds } = first.statistics;
  assert(instructions < 50_000, `${instructions} instructions`);
  assert(seconds! > 0.05 && seconds! < 0.0501, `${seconds} s`);
});

const CNTVCT = [3, 3, 14, 0, 2] as const, RNDR = [3, 3, 2, 4, 0] as const;
const NOP = 0xd503_201f, branchToNext = 0x1400_0001;
/** SUB Xd, Xn, Xm. */
const subtract = (rd: number, rn: number, rm: number) => (0xcb00_0000 | rm << 16 | rn << 5 | rd) >>> 0;
const SYSTEM_OFF = 0x8400_0008n;
const exitDevice = 0x090f_0000n, uart = 0x0900_0000n, rtc = 0x0901_0000n;
/** Ends with the lowest byte of X0 as its status. */
const exitWithX0 = [...set(9, exitDevice), store(4, 0, 9), 0x1400_0000];

Deno.test("the counter counts instructions, wherever in a run of them it is read", async () => {
  const nops = (count: number) => new Array<number>(count).fill(NOP);
  const between = [[], nops(7), [branchToNext, NOP, branchToNext], [...nops(90), branchToNext]];
  const measure = (words: readonly number[]) => [readSystem(1, CNTVCT), ...words, readSystem(2, CNTVCT)];
  // Each difference goes to the console, as one byte.
  const code = between.flatMap((words) => [...measure(words), subtract(0, 2, 1), store(1, 0, 8)]);
  const { console } = await run(flat([...set(8, uart), ...code, ...exitWithX0]));
  assertEquals([...console].map((byte) => byte.charCodeAt(0)), between.map((words) => words.length + 1));
});

Deno.test("every instruction is counted once, those too that leave the guest or end it", async () => {
  const words = [...set(9, rtc), load(4, 1, 9), NOP, ...set(0, SYSTEM_OFF), HVC];
  const { ending, statistics } = await run(flat(words));
  assertEquals([ending.kind, statistics.instructions], ["shutdown", words.length]);
});

Deno.test("random numbers follow from the seed", async () => {
  const guest = flat([readSystem(0, RNDR), ...exitWithX0]);
  const endings = await Promise.all([1, 1, 2].map(async (seed) => (await run(guest, { seed })).ending));
  assertEquals(endings[1], endings[0]);
  assert(JSON.stringify(endings[2]) !== JSON.stringify(endings[0]));
});
