// Random cases of AdvSIMD instructions: each definition's valid encodings, with registers that are often the same.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";

const casesOfEach = 60;
/** Cases for each form of a definition, where it has many. */
const casesOfForm = 8;
const seed = 40;
const registers = ["Rd", "Rn", "Rm", "Ra"];

function drawFields(random: Random, { pattern, valid }: Definition): Fields {
  while (true) {
    const fields: Record<string, number> = {};
    for (const { name, width } of pattern.fields) fields[name] = random.below(2 ** width);
    for (const name of registers) {
      if (name in fields && random.below(4) === 0) fields[name] = random.of([0, fields.Rn ?? 0]) % 32;
    }
    if ((fields.Rm ?? 0) > 15 && pattern.fields.some((field) => field.name === "Rm" && field.width === 4)) continue;
    if (valid?.(fields) ?? true) return fields;
  }
}

function countOf({ pattern, forms = [] }: Definition): number {
  const bits = pattern.fields.filter(({ name }) => forms.includes(name)).reduce((sum, { width }) => sum + width, 0);
  return Math.max(casesOfEach, casesOfForm * 2 ** bits);
}

/** Throws an `Error` that tells the first cases in which the definitions differ from QEMU. */
export async function expectAsQemu(definitions: readonly Definition[]) {
  await using oracle = await Oracle.start();
  const interpreter = singleInstruction(definitions);
  const states = randomStates(seed);
  const cases = definitions.flatMap((definition) =>
    Array.from({ length: countOf(definition) }, () =>
      states.nextCase([encode(definition.pattern, drawFields(states.random, definition))]))
  );
  await expectSame(oracle, interpreter, cases, { seed });
}
