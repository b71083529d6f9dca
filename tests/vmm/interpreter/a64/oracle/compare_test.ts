import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Case, CODE_START, zeroCase } from "./case.ts";
import { expectSame, type Interpreter } from "./compare.ts";
import { Oracle } from "./oracle.ts";
import { oracleTest } from "./oracle_tools.ts";
import { randomStates } from "./random_state.ts";
import { stateDifferences } from "./state_differences.ts";

/** ADD Xd, Xn, Xm and nothing else. */
const adder: Interpreter = {
  run({ words: [word = 0], ...before }: Case) {
    const read = (n: number) => n === 31 ? 0n : before.x[n] ?? 0n;
    const x = before.x.slice();
    const d = word & 31;
    if (d !== 31) x[d] = read(word >>> 5 & 31) + read(word >>> 16 & 31);
    return { ...before, x, pc: CODE_START + 4n };
  },
};

function additions(seed: number): Case[] {
  const states = randomStates(seed);
  return Array.from({ length: 500 }, () => states.nextCase([0x8b000000 | states.random.word() & 0x1f03ff]));
}

oracleTest("an interpreter that is right is the oracle's equal", async () => {
  await using oracle = await Oracle.start();
  await expectSame(oracle, adder, additions(11));
});

oracleTest("an interpreter that is wrong is told where, with the instruction and the seed", async () => {
  await using oracle = await Oracle.start();
  const x = new BigUint64Array(31).fill(5n);
  const cases = [zeroCase([0x8b020020], { x }), zeroCase([0xcb020020], { x })];
  const { message } = await assertRejects(() => expectSame(oracle, adder, cases, { seed: 4 }), Error);
  assertEquals(
    message,
    [
      "1 of 2 cases differ, seed 4",
      "case 1: cb020020 sub x0, x1, x2",
      "  X0 is 0xa, the oracle has 0x0 (was 0x5)",
    ].join("\n"),
  );
  await expectSame(oracle, adder, cases, { ignore: ["x"] });
});

oracleTest("an interpreter that throws fails that case", async () => {
  await using oracle = await Oracle.start();
  const broken: Interpreter = {
    run() {
      throw new Error("no such instruction");
    },
  };
  const compared = () => expectSame(oracle, broken, [zeroCase([0xd503201f])]);
  const { message } = await assertRejects(compared, Error, "no such instruction");
  assertStringIncludes(message, "d503201f nop");
});

Deno.test("each part that differs is told", () => {
  const { words: _, ...before } = zeroCase([0xd503201f], {}, 128);
  const change = (bytes: Uint8Array<ArrayBuffer>, at: number) => {
    const changed = bytes.slice();
    changed[at] = 1;
    return changed;
  };
  const actual = {
    ...before,
    sp: 1n,
    fpsr: 0x10,
    v: change(before.v, 17),
    p: change(before.p, 2),
    ffr: change(before.ffr, 0),
    memory: change(before.memory, 0x20),
    signal: "SIGSEGV" as const,
    faultAddress: 8n,
  };
  assertEquals(stateDifferences(before, actual, { ...before, words: [] }), [
    "signal is SIGSEGV, the oracle has none",
    "fault address is 0x8, the oracle has none",
    "SP is 0x1, the oracle has 0x50000800 (was 0x50000800)",
    "FPSR is 0x10, the oracle has 0x0 (was 0x0)",
    "Z1 is 0x00000000000000000000000000000100, the oracle has 0x00000000000000000000000000000000 " +
    "(was 0x00000000000000000000000000000000)",
    "P1 is 0x0001, the oracle has 0x0000 (was 0x0000)",
    "FFR is 0x0001, the oracle has 0x0000 (was 0x0000)",
    "memory from 0x50000020 is 01000000000000000000000000000000, the oracle has " +
    "00000000000000000000000000000000 (was 00000000000000000000000000000000)",
  ]);
});
