// Two outcomes of one case side by side: each part that differs, in words, with what it was before.

import { type Case, MEMORY, type Outcome } from "./case.ts";

/** A part of the outcome that may differ, where the architecture leaves it open. */
export type Part =
  | "x"
  | "sp"
  | "pc"
  | "nzcv"
  | "fpsr"
  | "fpcr"
  | "v"
  | "p"
  | "ffr"
  | "memory"
  | "faultAddress";

/** Empty when they are the same but for what is ignored; `before` is the state that both came from. */
export function stateDifferences(
  expected: Outcome,
  actual: Outcome,
  before: Case,
  ignored: readonly Part[] = [],
): string[] {
  const all: string[] = [];
  const compared = (part: Part) => !ignored.includes(part);
  const add = (name: string, oracle: string, interpreter: string, was?: string) => {
    if (oracle === interpreter) return;
    all.push(
      `${name} is ${interpreter}, the oracle has ${oracle}${was === undefined ? "" : ` (was ${was})`}`,
    );
  };
  add("signal", expected.signal ?? "none", actual.signal ?? "none");
  if (compared("faultAddress")) add("fault address", hex(expected.faultAddress), hex(actual.faultAddress));
  for (const part of ["sp", "pc", "nzcv", "fpcr", "fpsr"] as const) {
    if (compared(part) && expected[part] !== actual[part]) {
      add(part.toUpperCase(), hex(expected[part]), hex(actual[part]), hex(before[part]));
    }
  }
  for (let n = 0; compared("x") && n < 31; n++) {
    if (expected.x[n] !== actual.x[n]) add(`X${n}`, hex(expected.x[n]), hex(actual.x[n]), hex(before.x[n]));
  }
  const letter = before.p.length > 0 ? "Z" : "V";
  for (const [part, count, name] of [["v", 32, letter], ["p", 16, "P"], ["ffr", 1, "FFR"]] as const) {
    if (!compared(part) || same(expected[part], actual[part])) continue;
    for (let n = 0; n < count; n++) {
      const of = (state: Case | Outcome) => register(state[part], n, count);
      add(count === 1 ? name : `${name}${n}`, of(expected), of(actual), of(before));
    }
  }
  if (compared("memory")) all.push(...memoryDifferences(expected.memory, actual.memory, before.memory));
  return all;
}

/** A register's bytes as a number is written: the highest first. */
function register(bytes: Uint8Array, n: number, count: number): string {
  const size = bytes.length / count;
  return `0x${bytes.slice(n * size, (n + 1) * size).reverse().toHex()}`;
}

/** The first differing bytes, at most 16 of them. */
function memoryDifferences(expected: Uint8Array, actual: Uint8Array, before: Uint8Array): string[] {
  if (same(expected, actual)) return [];
  if (expected.length !== actual.length) return [`memory has ${actual.length} bytes, not ${expected.length}`];
  const first = expected.findIndex((byte, index) => byte !== actual[index]);
  const bytes = (memory: Uint8Array) => memory.subarray(first, first + 16).toHex();
  const address = hex(MEMORY.base + BigInt(first));
  const values = `${bytes(actual)}, the oracle has ${bytes(expected)} (was ${bytes(before)})`;
  return [`memory from ${address} is ${values}`];
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false;
  return true;
}

function hex(value: bigint | number | undefined): string {
  return value === undefined ? "none" : `0x${value.toString(16)}`;
}
