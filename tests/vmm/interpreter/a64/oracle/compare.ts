// Holds an interpreter to the oracle: the same cases through both, and their first differences in words.

import { disassemble } from "./binutils.ts";
import type { Case, Outcome } from "./case.ts";
import type { Oracle } from "./oracle.ts";
import { type Part, stateDifferences } from "./state_differences.ts";

/** What is compared with the oracle. */
export interface Interpreter {
  run(each: Case): Outcome;
}

export interface Comparison {
  /** Printed with a failure, so that it can be had again. */
  readonly seed?: number;
  /** Not compared, in every case or as the function says of this one. */
  readonly ignore?: readonly Part[] | ((each: Case, expected: Outcome) => readonly Part[]);
  /** After so many failing cases no more are told; 5 unless given. */
  readonly mostFailures?: number;
}

/** Every case through both. Throws an `Error` that tells the first failing cases. */
export async function expectSame(
  oracle: Oracle,
  interpreter: Interpreter,
  cases: readonly Case[],
  comparison: Comparison = {},
): Promise<void> {
  const { seed, ignore = [], mostFailures = 5 } = comparison;
  const outcomes = await oracle.run(cases);
  const failures: string[][] = [];
  const failing: Case[] = [];
  for (const [index, each] of cases.entries()) {
    const expected = outcomes[index];
    if (expected === undefined) throw new Error(`the oracle has no outcome for case ${index}`);
    const ignored = typeof ignore === "function" ? ignore(each, expected) : ignore;
    const differences = differencesOf(interpreter, each, expected, ignored);
    if (differences.length === 0) continue;
    failing.push(each);
    if (failing.length <= mostFailures) failures.push([`case ${index}`, ...differences]);
  }
  if (failing.length === 0) return;
  const summary = `${failing.length} of ${cases.length} cases differ${
    seed === undefined ? "" : `, seed ${seed}`
  }`;
  throw new Error(`${summary}\n${await report(failures, failing)}`);
}

function differencesOf(
  interpreter: Interpreter,
  each: Case,
  expected: Outcome,
  ignored: readonly Part[],
): string[] {
  try {
    return stateDifferences(expected, interpreter.run(each), each, ignored);
  } catch (error) {
    return [`the interpreter threw ${error instanceof Error ? error.stack : error}`];
  }
}

async function report(failures: readonly string[][], failing: readonly Case[]): Promise<string> {
  const told = failures.map((_, index) => failing[index]?.words ?? []);
  const names = await disassemble(Uint32Array.from(told.flat()));
  let at = 0;
  const parts = failures.map(([name, ...differences], index) => {
    const words = told[index] ?? [];
    const code = words.map((word) => `${hex(word)} ${names[at++]}`).join("; ");
    return [`${name}: ${code}`, ...differences.map((difference) => `  ${difference}`)].join("\n");
  });
  return parts.join("\n");
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
