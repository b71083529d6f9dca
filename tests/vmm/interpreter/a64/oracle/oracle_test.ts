// The oracle itself against results that the Arm manual gives outright.

import { assertEquals, assertRejects } from "@std/assert";
import { type Case, CODE, CODE_START, MEMORY, type Outcome, type State, zeroCase } from "./case.ts";
import { Oracle, type OracleOptions } from "./oracle.ts";
import { oracleTest } from "./oracle_tools.ts";
import { CaseError } from "./protocol.ts";

const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const NEXT = CODE_START + 4n;

function registers(values: Record<number, bigint>): BigUint64Array<ArrayBuffer> {
  const x = new BigUint64Array(31);
  for (const [n, value] of Object.entries(values)) x[Number(n)] = value;
  return x;
}

async function runOne(each: Case, options: OracleOptions = {}): Promise<Outcome> {
  await using oracle = await Oracle.start(options);
  const [outcome] = await oracle.run([each]);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

const runWord = (word: number, given: Partial<State> = {}) => runOne(zeroCase([word], given));

function pattern(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => index * 7 + 1 & 0xff);
}

oracleTest("every register and all memory come through NOP as they were", async () => {
  for (const vectorLength of [0, 128, 256, 384, 512, 2048]) {
    const empty = zeroCase([0xd503201f], {}, vectorLength);
    const before: Case = {
      ...empty,
      x: BigUint64Array.from({ length: 31 }, (_, n) => BigInt(n + 1) * 0x0123_4567_89ab_cdefn & ALL_ONES),
      sp: 0x1234_5678_9abc_def1n,
      nzcv: 0xa000_0000,
      fpcr: 0x0140_0000,
      fpsr: 0x0800_0011,
      v: pattern(empty.v.length),
      p: pattern(empty.p.length),
      // FFR's legal values are ones up to some element and zeroes after it.
      ffr: new Uint8Array(empty.ffr.length).fill(0xff, 0, empty.ffr.length / 2),
      memory: pattern(MEMORY.size),
    };
    const { words: _, ...same } = before;
    assertEquals(await runOne(before, { vectorLength }), { ...same, pc: NEXT });
  }
});

oracleTest("ADD X0, X1, X2 adds, and X30 and X18 are operands like any other", async () => {
  assertEquals((await runWord(0x8b020020, { x: registers({ 1: 40n, 2: 2n }) })).x[0], 42n);
  // ADD X30, X18, X30
  assertEquals((await runWord(0x8b1e025e, { x: registers({ 18: 5n, 30: 6n }) })).x[30], 11n);
});

oracleTest("SUBS X0, X1, X2 sets the flags", async () => {
  const flags = async (x1: bigint, x2: bigint) =>
    (await runWord(0xeb020020, { x: registers({ 1: x1, 2: x2 }) })).nzcv;
  assertEquals(await flags(1n, 1n), 0x6000_0000);
  assertEquals(await flags(0n, 1n), 0x8000_0000);
  assertEquals(await flags(1n << 63n, 1n), 0x3000_0000);
});

oracleTest("STR X0, [SP] and LDR X0, [SP] reach the scratch memory", async () => {
  const stored = await runWord(0xf90003e0, { x: registers({ 0: 0x1122_3344_5566_7788n }) });
  assertEquals(stored.memory.toHex().replaceAll(/(00)+/g, "-"), "-8877665544332211-");
  assertEquals(stored.memory.indexOf(0x88), MEMORY.size / 2);
  const loaded = await runWord(0xf94003e0, { memory: pattern(MEMORY.size) });
  assertEquals(loaded.x[0], new DataView(pattern(MEMORY.size).buffer).getBigUint64(MEMORY.size / 2, true));
});

oracleTest("a store's memory is gone in the next case, which has the same memory or another", async () => {
  await using oracle = await Oracle.start();
  const other = pattern(MEMORY.size);
  const store = zeroCase([0xf90003e0], { x: registers({ 0: ALL_ONES }) });
  const load = zeroCase([0xf94003e1], { memory: store.memory });
  const [, first, , second] = await oracle.run([store, load, store, { ...load, memory: other }]);
  assertEquals(first?.x[1], 0n);
  assertEquals(second?.x[1], new DataView(other.buffer).getBigUint64(MEMORY.size / 2, true));
});

oracleTest("a load that reaches below or above the scratch memory faults where it does", async () => {
  const load = (address: bigint) => runWord(0xf9400020, { x: registers({ 0: 7n, 1: address }) });
  const end = MEMORY.base + BigInt(MEMORY.size);
  for (
    const [address, faultAddress] of [[MEMORY.base - 8n, MEMORY.base - 8n], [end, end], [end - 4n, end]]
  ) {
    const outcome = await load(address ?? 0n);
    assertEquals(outcome.signal, "SIGSEGV");
    assertEquals(outcome.faultAddress, faultAddress);
    assertEquals([outcome.pc, outcome.x[0]], [CODE_START, 7n]);
  }
});

oracleTest("UDF is SIGILL, and a BRK of the case's own is SIGTRAP", async () => {
  const undefinedWord = await runWord(0x0000_0000);
  assertEquals([undefinedWord.signal, undefinedWord.pc], ["SIGILL", CODE_START]);
  const breakpoint = await runOne(zeroCase([0xd503201f, 0xd4200000]));
  assertEquals([breakpoint.signal, breakpoint.pc], ["SIGTRAP", NEXT]);
});

oracleTest("FADD of infinities of both signs sets FPSR.IOC", async () => {
  const v = new Uint8Array(512);
  new DataView(v.buffer).setFloat64(16, Infinity, true);
  new DataView(v.buffer).setFloat64(32, -Infinity, true);
  const outcome = await runWord(0x1e622820, { v }); // FADD D0, D1, D2
  assertEquals(new DataView(outcome.v.buffer).getBigUint64(0, true), 0x7ff8_0000_0000_0000n);
  assertEquals(outcome.fpsr, 1);
});

oracleTest("SVE's ADD reaches the whole vector at each length", async () => {
  for (const vectorLength of [128, 256, 512]) {
    const bytes = vectorLength / 8;
    const v = new Uint8Array(32 * bytes).fill(3, bytes, 2 * bytes).fill(4, 2 * bytes, 3 * bytes);
    const each = zeroCase([0x04220020], { v }, vectorLength); // ADD Z0.B, Z1.B, Z2.B
    const outcome = await runOne(each, { vectorLength });
    assertEquals(
      outcome.v.subarray(0, bytes + 1),
      new Uint8Array(bytes + 1).fill(7, 0, bytes).fill(3, bytes),
    );
  }
});

oracleTest("without a vector length SVE is undefined", async () => {
  assertEquals((await runWord(0x04220020)).signal, "SIGILL");
});

oracleTest("a branch inside the code window ends where it lands", async () => {
  assertEquals((await runWord(0x14000100)).pc, CODE_START + 0x400n); // B .+0x400
  assertEquals((await runWord(0x17fffff0)).pc, CODE_START - 0x40n); // B .-0x40
  const call = await runWord(0xd63f0020, { x: registers({ 1: CODE.base }) }); // BLR X1
  assertEquals([call.pc, call.x[30], call.signal], [CODE.base, NEXT, undefined]);
});

oracleTest("a branch out of the code window faults where it lands", async () => {
  const outcome = await runWord(0x15000000); // B .+64 MiB
  const target = CODE_START + 0x400_0000n;
  assertEquals([outcome.pc, outcome.signal, outcome.faultAddress], [target, "SIGSEGV", target]);
});

oracleTest("code may stand elsewhere in the code window", async () => {
  const pc = CODE_START + 0xffcn;
  assertEquals((await runWord(0xb0000000, { pc })).x[0], CODE_START + 0x1000n); // ADRP X0, .+0x1000
});

oracleTest("a case that loops is given up, and the next one runs", async () => {
  await using oracle = await Oracle.start();
  const [looping, next] = await oracle.run([zeroCase([0x14000000]), zeroCase([0x91000400])]);
  assertEquals([looping?.signal, looping?.pc], ["loops", CODE_START]);
  assertEquals(next?.x[0], 1n);
});

oracleTest("LDXR and STXR in one case are a pair, and the monitor is open at its start", async () => {
  const x = registers({ 0: MEMORY.base, 3: 9n });
  assertEquals((await runOne(zeroCase([0xc85f7c01, 0xc8027c03], { x }))).x[2], 0n); // LDXR X1; STXR W2, X3
  assertEquals((await runOne(zeroCase([0xc8027c03], { x }))).x[2], 1n);
});

oracleTest("a case that calls out of the state is refused", async () => {
  await assertRejects(() => runWord(0xd4000001), CaseError, "is a system call");
  await assertRejects(() => runWord(0xd45e0000), CaseError, "is a semihosting call");
  await assertRejects(() => runWord(0xd503201f, { pc: 0n }), CaseError, "code window");
  await assertRejects(() => runWord(0xd503201f, { v: new Uint8Array(3) }), CaseError, "lengths");
});
