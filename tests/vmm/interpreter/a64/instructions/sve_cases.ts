// Random cases of SVE instructions: each definition's valid encodings at several vector lengths, with
// registers that are often the same.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../../../../../vmm/interpreter/a64/float/format.ts";
import { encode, fieldsOf } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import { operand, Random as OperandRandom } from "../float/operands.ts";
import type { Case, Outcome } from "../oracle/case.ts";
import { caseCount } from "../oracle/case_count.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { type RandomStates, randomStates } from "../oracle/random_state.ts";
import type { Part } from "../oracle/state_differences.ts";
import { isWrongInQemu } from "./qemu_errata.ts";
import { singleInstruction } from "../single_instruction.ts";

/** In bits: the shortest, a power of two, one that is none, the longest; and how many everyday cases each has. */
const everydayCases: ReadonlyMap<number, number> = new Map([[128, 10], [256, 8], [384, 6], [2048, 6]]);
export const vectorLengths = [...everydayCases.keys()];
/** So many are in memory at once. */
const casesAtOnce = 5000;
const seed = 60;
const registers = /^(Z|V|P|R)(d|n|m|a|t|g|dn|da|dm)$/;

/** Fields at random, of an encoding that is valid. */
export function drawFields(random: Random, { pattern, valid }: Definition): Fields {
  while (true) {
    const fields: Record<string, number> = {};
    for (const { name, width } of pattern.fields) {
      const isSame = registers.test(name) && random.below(4) === 0;
      fields[name] = isSame
        ? random.of([0, fields.Zm ?? 0, 2 ** width - 1]) % 2 ** width
        : random.below(2 ** width);
    }
    if (valid?.(fields) ?? true) return fields;
  }
}

/** A case of the definition, from a state that is random but for what the encoding makes of it. */
export type DrawCase = (states: RandomStates, definition: Definition) => Case;

export const drawCase: DrawCase = (states, definition) =>
  states.nextCase([encode(definition.pattern, drawFields(states.random, definition))]);

const formats: readonly FloatFormat[] = [HALF, SINGLE, DOUBLE];

/** Most of the cases have numbers of one format throughout, on which arithmetic goes wrong. */
export function drawFloatCase(states: RandomStates, definition: Definition): Case {
  const { random } = states;
  const each = drawCase(states, definition);
  if (random.below(4) === 0) return each;
  const { size = 0 } = fieldsOf(definition.pattern, each.words[0]!);
  const format = formats[size - 1] ?? random.of(formats);
  if (random.below(3) === 0) return withOrdinaryNumbers(random, each, format);
  const operands = new OperandRandom(random.word() | 1);
  const v = each.v.slice(), view = new DataView(v.buffer), bytes = format.bits / 8;
  for (let at = 0; at < v.length; at += bytes) {
    const value = operand(operands, format);
    if (bytes === 8) view.setBigUint64(at, value, true);
    else if (bytes === 4) view.setUint32(at, Number(value), true);
    else view.setUint16(at, Number(value), true);
  }
  return { ...each, v };
}

/** Numbers as programs have them, in the default mode: results are nearly all normal, some exact. */
function withOrdinaryNumbers(random: Random, each: Case, { bits }: FloatFormat): Case {
  const v = each.v.slice(), view = new DataView(v.buffer), isWhole = random.below(2) === 0;
  for (let at = 0; at < v.length; at += bits / 8) {
    const value = isWhole ? random.below(32) - 8 : (random.word() - 2 ** 31) * 2 ** (random.below(40) - 20);
    if (bits === 64) view.setFloat64(at, value, true);
    else if (bits === 32) view.setFloat32(at, value, true);
    else view.setUint16(at, random.word() & 0x8fff | 0x3000, true);
  }
  return { ...each, v, fpcr: 0 };
}

interface Comparison {
  readonly draw?: DrawCase;
  readonly ignore?: (each: Case, expected: Outcome) => readonly Part[];
  readonly lengths?: readonly number[];
}

/** Throws an `Error` that tells the first cases in which the definitions differ from QEMU. */
export async function expectAsQemu(definitions: readonly Definition[], comparison: Comparison = {}) {
  const { lengths = vectorLengths } = comparison;
  const failures: string[] = [];
  for (const length of lengths) failures.push(...await failuresAt(length, definitions, comparison));
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

async function failuresAt(
  vectorLength: number,
  definitions: readonly Definition[],
  { draw = drawCase, ignore }: Comparison,
): Promise<string[]> {
  await using oracle = await Oracle.start({ vectorLength });
  const states = randomStates(seed, vectorLength);
  const count = caseCount(everydayCases.get(vectorLength)!);
  const interpreter = singleInstruction(definitions, { vectorLength });
  const failures: string[] = [];
  const step = Math.ceil(casesAtOnce / count);
  for (let at = 0; at < definitions.length; at += step) {
    const cases = definitions.slice(at, at + step).flatMap((definition) =>
      Array.from({ length: count }, () => draw(states, definition)).filter((each) =>
        !isWrongInQemu(definition, vectorLength, each)
      )
    );
    try {
      await expectSame(oracle, interpreter, cases, { seed, ...(ignore && { ignore }) });
    } catch (error) {
      failures.push(`${vectorLength} bits: ${(error as Error).message}`);
    }
  }
  return failures;
}
