// What the additions and subtractions share, whatever their second operand is (Arm DDI 0487, "ADD", "ADDS",
// "SUB", "SUBS").

import type { Fields } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, bind64, type I64, sequence, sub } from "../vocabulary.ts";
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

/** Where only the flags count. */
export const compareName = ({ op }: Addition) => op ? "cmp" : "cmn";
