// Comparisons. Arm DDI 0487, "Shared pseudocode": FPCompare, FPCompareEQ, FPCompareGE, FPCompareGT.

import { type FloatFormat } from "./format.ts";
import { bitLength } from "./round.ts";
import { type FloatStatus, IOC } from "./status.ts";
import { FPType_SNaN, FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();
const b = new Unpacked();

/** Negative, zero or positive as `x` is less than, equal to or greater than `y`; neither is a NaN. */
export function compareValues(x: Unpacked, y: Unpacked): number {
  if (isZero(x)) return isZero(y) ? 0 : y.sign ? 1 : -1;
  if (isZero(y) || x.sign !== y.sign) return x.sign ? -1 : 1;
  const magnitude = compareMagnitudes(x, y);
  return x.sign ? -magnitude : magnitude;
}

function compareMagnitudes(x: Unpacked, y: Unpacked): number {
  if (isInfinity(x) || isInfinity(y)) return Number(isInfinity(x)) - Number(isInfinity(y));
  const difference = bitLength(x.mantissa) + x.exponent - bitLength(y.mantissa) - y.exponent;
  if (difference !== 0) return difference;
  const exponent = Math.min(x.exponent, y.exponent);
  const left = x.mantissa << BigInt(x.exponent - exponent);
  const right = y.mantissa << BigInt(y.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** NZCV as a 4-bit number, N most significant: FCMP, and with `signalNaNs` FCMPE. */
export function FPCompare(
  op1: bigint,
  op2: bigint,
  signalNaNs: boolean,
  format: FloatFormat,
  status: FloatStatus,
): number {
  if (!ordered(op1, op2, signalNaNs, format, status)) return 0b0011;
  const order = compareValues(a, b);
  return order === 0 ? 0b0110 : order < 0 ? 0b1000 : 0b0010;
}

export function FPCompareEQ(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): boolean {
  return ordered(op1, op2, false, format, status) && compareValues(a, b) === 0;
}

export function FPCompareGE(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): boolean {
  return ordered(op1, op2, true, format, status) && compareValues(a, b) >= 0;
}

export function FPCompareGT(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): boolean {
  return ordered(op1, op2, true, format, status) && compareValues(a, b) > 0;
}

/** Unpacks both into `a` and `b`; a NaN makes them unordered, and is reported if it is to be. */
function ordered(
  op1: bigint,
  op2: bigint,
  signalNaNs: boolean,
  format: FloatFormat,
  status: FloatStatus,
): boolean {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (!isNaN(a) && !isNaN(b)) return true;
  if (signalNaNs || a.type === FPType_SNaN || b.type === FPType_SNaN) status.fpsr |= IOC;
  return false;
}
