// What the additions and subtractions share, whatever their second operand is (Arm DDI 0487, "ADD", "ADDS",
// "SUB", "SUBS").

import type { Fields } from "../definition.ts";
import type { Target } from "../target.ts";
import {
  add,
  bind64,
  eq,
  extend32,
  geS,
  geU,
  gtS,
  gtU,
  type I32,
  type I64,
  leS,
  leU,
  ltS,
  ltU,
  ne,
  sequence,
  sub,
  when,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { additionFlags, subtractionFlags } from "./flags.ts";
import { get, set } from "./width.ts";

/** The fixed bits op and S of the encodings, and the name. */
export interface Addition {
  readonly name: string;
  readonly op: 0 | 1;
  readonly S: 0 | 1;
}

export const additions: readonly Addition[] = [
  { name: "ADD", op: 0, S: 0 },
  { name: "ADDS", op: 0, S: 1 },
  { name: "SUB", op: 1, S: 0 },
  { name: "SUBS", op: 1, S: 1 },
];

/** Rd is Rn and `operand2`, which is zero-extended; with the flags where S is. */
export function emitAddition({ op, S }: Addition, target: Target, form: Fields, operand2: I64): Statement {
  const first = get(target, form, "Rn");
  if (!S) return set(target, form, "Rd", op ? sub(first, operand2) : add(first, operand2));
  return bind64(first, (a) =>
    bind64(operand2, (b) =>
      bind64(op ? sub(a, b) : add(a, b), (result) =>
        sequence(
          set(target, form, "Rd", result),
          target.setNzcv((op ? subtractionFlags : additionFlags)(form, a, b, result)),
        ))));
}

/** By their numbers: those of a subtraction that its operands tell at once. */
const comparisons: Readonly<Record<number, (a: I64, b: I64) => I32>> = {
  0: eq,
  1: ne,
  2: geU,
  3: ltU,
  8: gtU,
  9: leU,
  10: geS,
  11: ltS,
  12: gtS,
  13: leS,
};
export const fusedConditions: readonly number[] = Object.keys(comparisons).map(Number);
const firstSigned = 10;

export const isComparison = ({ op, S }: Addition): boolean => op === 1 && S === 1;

/** SUBS, and a statement where a condition then holds. */
export function emitCompared(
  target: Target,
  form: Fields,
  operand2: I64,
  cond: number,
  then: Statement,
): Statement {
  const signed = (value: I64) => cond >= firstSigned && !form.sf ? extend32(value) : value;
  return bind64(
    get(target, form, "Rn"),
    (a) =>
      bind64(operand2, (b) =>
        bind64(sub(a, b), (result) =>
          sequence(
            set(target, form, "Rd", result),
            target.setNzcv(subtractionFlags(form, a, b, result)),
            when(comparisons[cond]!(signed(a), signed(b)), then),
          ))),
  );
}

/** Where only the flags count. */
export const compareName = ({ op }: Addition) => op ? "cmp" : "cmn";
