// Random cases of AdvSIMD instructions: each definition's valid encodings, with registers that are often the
// same.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import type { Case } from "../oracle/case.ts";
import { caseCount } from "../oracle/case_count.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { type RandomStates, randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";

const casesOfEach = caseCount(60);
/** Cases for each form of a definition, where it has many. */
const casesOfForm = 8;
/** So many cases are in memory at a time, and those of one definition more. */
const batch = 8192;
const seed = 40;
const registers = ["Rd", "Rn", "Rm", "Ra"];

/** Fields at random, of an encoding that is valid. */
export function drawFields(random: Random, { pattern, valid }: Definition): Fields {
  while (true) {
    const fields: Record<string, number> = {};
    for (const { name, width } of pattern.fields) fields[name] = random.below(2 ** width);
    for (const name of registers) {
      if (name in fields && random.below(4) === 0) fields[name] = random.of([0, fields.Rn ?? 0]) % 16;
    }
    if (valid?.(fields) ?? true) return fields;
  }
}

function countOf({ pattern, forms = [] }: Definition): number {
  const bits = pattern.fields.filter(({ name }) => forms.includes(name)).reduce(
    (sum, { width }) => sum + width,
    0,
  );
  return Math.max(casesOfEach, casesOfForm * 2 ** bits);
}

/** Half of the cases have small numbers of bytes in Rm, as amounts of shifts and table lookups are. */
export function drawCase(states: RandomStates, definition: Definition): Case {
  const { random } = states;
  const fields = drawFields(random, definition);
  const each = states.nextCase([encode(definition.pattern, fields)]);
  const { Rm } = fields;
  if (Rm === undefined || random.below(2) === 0) return each;
  const start = Rm * each.v.length / 32;
  for (let byte = 0; byte < 16; byte++) each.v[start + byte] = random.below(82) - 10;
  return each;
}

/** Throws an `Error` that tells the first cases in which the definitions differ from QEMU. */
export async function expectAsQemu(definitions: readonly Definition[]) {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const interpreter = singleInstruction(definitions);
  let cases: Case[] = [];
  for (const definition of definitions) {
    for (let left = countOf(definition); left > 0; left--) cases.push(drawCase(states, definition));
    if (cases.length < batch && definition !== definitions.at(-1)) continue;
    await expectSame(oracle, interpreter, cases, { seed });
    cases = [];
  }
}
