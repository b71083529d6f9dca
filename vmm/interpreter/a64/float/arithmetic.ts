// Sum, product, quotient and square root. Arm DDI 0487, "Shared pseudocode": FPAdd, FPSub, FPMul, FPMulX,
// FPDiv, FPSqrt.

import { type FloatFormat, FPConstant, FPDefaultNaN, FPInfinity, FPNeg, FPZero } from "./format.ts";
import { FPProcessNaN, FPProcessNaNs } from "./nan.ts";
import { bitLength, FPRound } from "./round.ts";
import { DZC, type FloatStatus, FPRounding_NEGINF, FPRoundingMode, IOC } from "./status.ts";
import { FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();
const b = new Unpacked();

export function invalid(format: FloatFormat, status: FloatStatus): bigint {
  status.fpsr |= IOC;
  return FPDefaultNaN(format);
}

/** The exact sum of two finite values, divided by 2^`halve`, rounded once. */
export function roundedSum(
  x: Unpacked,
  y: Unpacked,
  format: FloatFormat,
  status: FloatStatus,
  halve: number,
): bigint {
  const rounding = FPRoundingMode(status);
  if (x.mantissa === 0n && y.mantissa === 0n && x.sign === y.sign) return FPZero(x.sign, format);
  const exponent = x.mantissa === 0n
    ? y.exponent
    : y.mantissa === 0n
    ? x.exponent
    : Math.min(x.exponent, y.exponent);
  const left = x.mantissa === 0n ? 0n : x.mantissa << BigInt(x.exponent - exponent);
  const right = y.mantissa === 0n ? 0n : y.mantissa << BigInt(y.exponent - exponent);
  const sum = (x.sign ? -left : left) + (y.sign ? -right : right);
  if (sum === 0n) return FPZero(rounding === FPRounding_NEGINF, format);
  const sign = sum < 0n;
  return FPRound(sign, sign ? -sum : sum, exponent - halve, format, status, rounding);
}

export function FPAdd(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  return addFinite(format, status);
}

export function FPSub(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  b.sign = !b.sign;
  return addFinite(format, status);
}

function addFinite(format: FloatFormat, status: FloatStatus): bigint {
  if (isInfinity(a)) {
    if (isInfinity(b) && a.sign !== b.sign) return invalid(format, status);
    return FPInfinity(a.sign, format);
  }
  if (isInfinity(b)) return FPInfinity(b.sign, format);
  return roundedSum(a, b, format, status, 0);
}

export function FPMul(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  return multiply(op1, op2, format, status, false);
}

/** As FPMul, but infinity times zero is 2.0. */
export function FPMulX(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  return multiply(op1, op2, format, status, true);
}

function multiply(
  op1: bigint,
  op2: bigint,
  format: FloatFormat,
  status: FloatStatus,
  extended: boolean,
): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  const sign = a.sign !== b.sign;
  const zero = isZero(a) || isZero(b);
  if (isInfinity(a) || isInfinity(b)) {
    if (!zero) return FPInfinity(sign, format);
    return extended ? FPConstant(sign, 4, format) : invalid(format, status);
  }
  if (zero) return FPZero(sign, format);
  const exponent = a.exponent + b.exponent;
  return FPRound(sign, a.mantissa * b.mantissa, exponent, format, status, FPRoundingMode(status));
}

/** FNMUL: the rounded product, negated, NaN or not. */
export function FPNegMul(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  return FPNeg(FPMul(op1, op2, format, status), format);
}

export function FPDiv(op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, op1, format, status);
  FPUnpack(b, op2, format, status);
  if (isNaN(a) || isNaN(b)) return FPProcessNaNs(a, b, op1, op2, format, status);
  const sign = a.sign !== b.sign;
  if ((isInfinity(a) && isInfinity(b)) || (isZero(a) && isZero(b))) return invalid(format, status);
  if (isInfinity(a) || isZero(b)) {
    if (!isInfinity(a)) status.fpsr |= DZC;
    return FPInfinity(sign, format);
  }
  if (isZero(a) || isInfinity(b)) return FPZero(sign, format);
  const shift = format.fractionBits + 4 + Math.max(0, bitLength(b.mantissa) - bitLength(a.mantissa));
  const dividend = a.mantissa << BigInt(shift);
  const quotient = dividend / b.mantissa;
  const sticky = quotient * b.mantissa === dividend ? 0n : 1n;
  const exponent = a.exponent - b.exponent - shift - 1;
  return FPRound(sign, (quotient << 1n) | sticky, exponent, format, status, FPRoundingMode(status));
}

export function FPSqrt(operand: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) return FPProcessNaN(a.type, operand, format, status);
  if (isZero(a)) return FPZero(a.sign, format);
  if (a.sign) return invalid(format, status);
  if (isInfinity(a)) return FPInfinity(false, format);
  let shift = Math.max(0, 2 * format.fractionBits + 6 - bitLength(a.mantissa));
  if (((a.exponent - shift) & 1) !== 0) shift++;
  const square = a.mantissa << BigInt(shift);
  const root = integerSquareRoot(square);
  const sticky = root * root === square ? 0n : 1n;
  const exponent = (a.exponent - shift) / 2 - 1;
  return FPRound(false, (root << 1n) | sticky, exponent, format, status, FPRoundingMode(status));
}

/** Rounded down; the start is right in 52 bits, so one step of Newton's leaves an error of at most a few. */
function integerSquareRoot(square: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(square))));
  root = (root + square / root) >> 1n;
  while (root * root > square) root--;
  while ((root + 1n) * (root + 1n) <= square) root++;
  return root;
}
