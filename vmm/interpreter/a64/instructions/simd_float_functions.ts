// What vectors' floating-point instructions do with a lane, where that is not one function of the reference
// (Arm DDI 0487, "FABD", "FACGE", "FACGT", "FCMEQ", "FCMGE", "FCMGT", "FCMLE", "FCMLT", "FMLS").

import { FPSub } from "../float/arithmetic.ts";
import { FPCompareEQ, FPCompareGE, FPCompareGT } from "../float/compare.ts";
import { type FloatFormat, FPAbs, FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import type { FloatStatus } from "../float/status.ts";
import type { Binary, Ternary, Unary } from "./float_formats.ts";

type Comparison = (op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus) => boolean;

/** All ones where it holds. */
const mask = (holds: boolean, { bits }: FloatFormat) => holds ? (1n << BigInt(bits)) - 1n : 0n;

const compared = (holds: Comparison): Binary => (a, b, format, status) =>
  mask(holds(a, b, format, status), format);
const comparedMagnitudes = (holds: Comparison): Binary => (a, b, format, status) =>
  mask(holds(FPAbs(a, format), FPAbs(b, format), format, status), format);
const comparedWithZero = (holds: Comparison): Unary => (a, format, status) =>
  mask(holds(a, 0n, format, status), format);
const zeroCompared = (holds: Comparison): Unary => (a, format, status) =>
  mask(holds(0n, a, format, status), format);

export const FCMEQ = compared(FPCompareEQ), FCMGE = compared(FPCompareGE), FCMGT = compared(FPCompareGT);
export const FACGE = comparedMagnitudes(FPCompareGE), FACGT = comparedMagnitudes(FPCompareGT);
export const FCMEQ0 = comparedWithZero(FPCompareEQ), FCMGE0 = comparedWithZero(FPCompareGE);
export const FCMGT0 = comparedWithZero(FPCompareGT);
export const FCMLE0 = zeroCompared(FPCompareGE), FCMLT0 = zeroCompared(FPCompareGT);

export const FABD: Binary = (a, b, format, status) => FPAbs(FPSub(a, b, format, status), format);

export const FMLS: Ternary = (accumulator, a, b, format, status) =>
  FPMulAdd(accumulator, FPNeg(a, format), b, format, status);
