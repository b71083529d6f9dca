// Greatest and least. Arm DDI 0487, "Shared pseudocode": FPMax, FPMin, FPMaxNum, FPMinNum.

import { type FloatFormat, FPInfinity, FPZero } from "./format.ts";
import { FPProcessNaNs } from "./nan.ts";
import { compareValues } from "./compare.ts";
import { type FloatStatus } from "./status.ts";
import { FPType_QNaN, FPUnpack, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();
const b = new Unpacked();

export function FPMax(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  const first = compareValues(a, b) > 0;
  if (isZero(first ? a : b)) return FPZero(a.sign && b.sign, format);
  return first ? op1 : op2;
}

export function FPMin(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  const first = compareValues(a, b) < 0;
  if (isZero(first ? a : b)) return FPZero(a.sign || b.sign, format);
  return first ? op1 : op2;
}

/** As FPMax, but a number is preferred to a quiet NaN. */
export function FPMaxNum(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  const quiet = loneQuietNaN(op1, op2, format, status);
  const least = FPInfinity(true, format);
  return FPMax(quiet === 1 ? least : op1, quiet === 2 ? least : op2, format, status);
}

/** As FPMin, but a number is preferred to a quiet NaN. */
export function FPMinNum(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  const quiet = loneQuietNaN(op1, op2, format, status);
  const greatest = FPInfinity(false, format);
  return FPMin(quiet === 1 ? greatest : op1, quiet === 2 ? greatest : op2, format, status);
}

/** 1 or 2 where that operand alone is a quiet NaN, else 0. */
function loneQuietNaN(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): number {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if ((a.type === FPType_QNaN) === (b.type === FPType_QNaN)) return 0;
  return a.type === FPType_QNaN ? 1 : 2;
}
