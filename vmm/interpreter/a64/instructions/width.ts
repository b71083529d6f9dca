// General registers in the width that the field sf says: 64 bits, or 32 of which writing clears the others (Arm
// DDI 0487, "Registers in AArch64 state").

import type { Fields } from "../definition.ts";
import type { Target } from "../target.ts";
import { extend32, type I64, low32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

/** Zero-extended. */
export const get = (target: Target, { sf }: Fields, operand: string): I64 =>
  sf ? target.x(operand) : target.w(operand);

export const getSigned = (target: Target, { sf }: Fields, operand: string): I64 =>
  sf ? target.x(operand) : extend32(target.x(operand));

export const set = (target: Target, { sf }: Fields, operand: string, value: I64): Statement =>
  sf ? target.setX(operand, value) : target.setW(operand, value);

/** The value as a register of that width would hold it. */
export const fit = ({ sf }: Fields, value: I64): I64 => sf ? value : low32(value);

export const bits = ({ sf }: Fields) => sf ? 64 : 32;
