// Random cases of floating-point instructions: registers hold numbers on which arithmetic goes wrong, in the
// format of the instruction more often than chance has it.

import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../../../../../vmm/interpreter/a64/float/format.ts";
import { IXC } from "../../../../../vmm/interpreter/a64/float/status.ts";
import { operand, Random } from "../float/operands.ts";
import type { Case } from "../oracle/case.ts";
import { randomStates } from "../oracle/random_state.ts";
import { type DrawnWord, wordsOf } from "./definition_cases.ts";

const formats = [HALF, SINGLE, DOUBLE];

function formatOf({ definition, fields }: DrawnWord, random: Random): FloatFormat {
  const bit = fields.type ?? fields.sz;
  if (bit === undefined && definition.name.includes("half")) return HALF;
  return bit === undefined ? formats[random.below(formats.length)]! : bit ? DOUBLE : SINGLE;
}

/** Registers in one format throughout, so that sums and products of two of them are interesting. */
function inOneFormat(random: Random, format: FloatFormat, each: Case): Case {
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
  return wordsOf(definitions, perForm, seed).map((drawn) => {
    const each = states.nextCase([drawn.word]);
    return random.below(4) === 0 ? each : inOneFormat(random, formatOf(drawn, random), each);
  });
}

/** The same in the mode that programs run in, FPSR.IXC set as it soon is. */
export const plainFloatCases = (definitions: readonly Definition[], perForm: number, seed: number): Case[] =>
  floatCases(definitions, perForm, seed).map((each, index) => ({
    ...each,
    fpcr: 0,
    fpsr: index % 4 ? each.fpsr | IXC : each.fpsr & ~IXC,
  }));
