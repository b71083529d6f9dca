// The second operand of the "(shifted register)" instructions (Arm DDI 0487, shared pseudocode "ShiftReg"). What
// is not shifted is a definition of its own, so that the common case has no shift to do.

import type { Fields } from "../definition.ts";
import type { Target } from "../target.ts";
import { extendU32, type I64, rotr, rotr32, shl, shrS, shrU, wrap } from "../vocabulary.ts";
import { fit, get, getSigned } from "./width.ts";

/** Rm, shifted as the field shift says by the operand imm6. */
export function shiftedRm(target: Target, form: Fields): I64 {
  const amount = target.number("imm6");
  const shifts: readonly (() => I64)[] = [
    () => fit(form, shl(get(target, form, "Rm"), amount)),
    () => shrU(get(target, form, "Rm"), amount),
    () => fit(form, shrS(getSigned(target, form, "Rm"), amount)),
    () => form.sf ? rotr(target.x("Rm"), amount) : extendU32(rotr32(wrap(target.x("Rm")), wrap(amount))),
  ];
  return shifts[form.shift!]!();
}

export const isShifted = ({ shift, imm6 }: Fields) => shift !== 0 || imm6 !== 0;
export const isAmountInRange = ({ sf, imm6 }: Fields) => sf === 1 || imm6! < 32;
