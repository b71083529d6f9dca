// Random cases of floating-point instructions: registers hold numbers on which arithmetic goes wrong, in the format
// of the instruction more often than chance has it.

import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { DOUBLE, HALF, SINGLE } from "../../../../../vmm/interpreter/a64/float/format.ts";
import { operand, Random } from "../float/operands.ts";
import type { Case } from "../oracle/case.ts";
import { randomStates } from "../oracle/random_state.ts";
import { wordsOf } from "./definition_cases.ts";

const formats = [HALF, SINGLE, DOUBLE];

/** Registers in one of the formats throughout, so that sums and products of two of them are interesting. */
function inOneFormat(random: Random, each: Case): Case {
  const format = formats[random.below(formats.length)]!;
  const v = each.v.slice();
  const view = new DataView(v.buffer);
  for (let at = 0; at < v.length; at += format.bits / 8) {
    const value = operand(random, format);
    if (format === HALF) view.setUint16(at, Number(value), true);
    else if (format === SINGLE) view.setUint32(at, Number(value), true);
    else view.setBigUint64(at, value, true);
  }
  return { ...each, v };
}

/** `perForm` cases of each form of each definition. */
export function floatCases(definitions: readonly Definition[], perForm: number, seed: number): Case[] {
  const states = randomStates(seed);
  const random = new Random(seed);
  return wordsOf(definitions, perForm, seed).map(({ word }) => {
    const each = states.nextCase([word]);
    return random.below(4) === 0 ? each : inOneFormat(random, each);
  });
}
