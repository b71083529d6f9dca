// Fused multiply-add and the steps of Newton's iterations. Arm DDI 0487, "Shared pseudocode": FPMulAdd,
// FPMulAddH (FMLAL), FPRecipStepFused, FPRSqrtStepFused, and BFMulAddH (BFMLALB, BFMLALT).

import { invalid, roundedSum } from "./arithmetic.ts";
import { type FloatFormat, FPConstant, FPInfinity, FPNeg, HALF, SINGLE } from "./format.ts";
import { FPConvertNaN, FPProcessNaNs, FPProcessNaNs3 } from "./nan.ts";
import { type FloatStatus } from "./status.ts";
import {
  FPType_Nonzero,
  FPType_QNaN,
  FPType_Zero,
  FPUnpack,
  isInfinity,
  isNaN,
  isZero,
  Unpacked,
} from "./unpack.ts";

const addend = new Unpacked();
const a = new Unpacked();
const b = new Unpacked();
const product = new Unpacked();

/** accumulator + op1 * op2, rounded once. FMSUB and its like pass an operand through FPNeg first. */
export function FPMulAdd(
  accumulator: bigint,
  op1: bigint,
  op2: bigint,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  FPUnpack(addend, accumulator, format, status);
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (!isNaN(addend) && !isNaN(a) && !isNaN(b)) return fused(format, status);
  const result = FPProcessNaNs3(addend, a, b, accumulator, op1, op2, format, status);
  return addend.type === FPType_QNaN && infinityTimesZero() ? invalid(format, status) : result;
}

/** FMLAL: half-precision factors, a single-precision accumulator. FMLSL passes op1 through FPNeg first. */
export function FPMulAddH(accumulator: bigint, op1: bigint, op2: bigint, status: FloatStatus): bigint {
  FPUnpack(addend, accumulator, SINGLE, status);
  FPUnpack(a, op1, HALF, status);
  FPUnpack(b, op2, HALF, status);
  if (!isNaN(addend) && !isNaN(a) && !isNaN(b)) return fused(SINGLE, status);
  // A widened NaN keeps its type, sign and fraction, but for the bit that says it is signalling.
  const wide1 = isNaN(a) ? FPConvertNaN(op1, HALF, SINGLE) : 0n;
  const wide2 = isNaN(b) ? FPConvertNaN(op2, HALF, SINGLE) : 0n;
  const result = FPProcessNaNs3(addend, a, b, accumulator, wide1, wide2, SINGLE, status);
  return addend.type === FPType_QNaN && infinityTimesZero() ? invalid(SINGLE, status) : result;
}

/** BFMLALB and BFMLALT: BFloat16 factors, a single-precision accumulator, FPCR obeyed. */
export function BFMulAddH(accumulator: bigint, op1: bigint, op2: bigint, status: FloatStatus): bigint {
  return FPMulAdd(accumulator, op1 << 16n, op2 << 16n, SINGLE, status);
}

/** 2.0 - op1 * op2, rounded once: FRECPS. */
export function FPRecipStepFused(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  return stepFused(op1, op2, format, status, false);
}

/** (3.0 - op1 * op2) / 2.0, rounded once: FRSQRTS. */
export function FPRSqrtStepFused(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  return stepFused(op1, op2, format, status, true);
}

function stepFused(
  op1: bigint,
  op2: bigint,
  format: FloatFormat,
  status: FloatStatus,
  root: boolean,
): bigint {
  const negated = FPNeg(op1, format);
  FPUnpack(a, negated, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, negated, op2, format, status);
  if (infinityTimesZero()) return FPConstant(false, root ? 3 : 4, format);
  if (isInfinity(a) || isInfinity(b)) return FPInfinity(a.sign !== b.sign, format);
  multiply();
  addend.type = FPType_Nonzero;
  addend.sign = false;
  addend.mantissa = root ? 3n : 2n;
  addend.exponent = 0;
  return roundedSum(addend, product, format, status, root ? 1 : 0);
}

/** The operands stand unpacked in `addend`, `a` and `b`; none is a NaN. */
function fused(format: FloatFormat, status: FloatStatus): bigint {
  const infiniteProduct = isInfinity(a) || isInfinity(b);
  multiply();
  const opposite = isInfinity(addend) && infiniteProduct && addend.sign !== product.sign;
  if (infinityTimesZero() || opposite) return invalid(format, status);
  if (isInfinity(addend)) return FPInfinity(addend.sign, format);
  if (infiniteProduct) return FPInfinity(product.sign, format);
  return roundedSum(addend, product, format, status, 0);
}

function infinityTimesZero(): boolean {
  return (isInfinity(a) && isZero(b)) || (isZero(a) && isInfinity(b));
}

function multiply(): void {
  product.sign = a.sign !== b.sign;
  product.mantissa = a.mantissa * b.mantissa;
  product.exponent = a.exponent + b.exponent;
  product.type = product.mantissa === 0n ? FPType_Zero : FPType_Nonzero;
}
