// The 8-bit estimates of reciprocals. Arm DDI 0487, "Shared pseudocode": FPRecipEstimate, FPRSqrtEstimate,
// FPRecpX, RecipEstimate, RecipSqrtEstimate, UnsignedRecipEstimate, UnsignedRSqrtEstimate.

import { invalid } from "./arithmetic.ts";
import { type FloatFormat, FPInfinity, FPZero } from "./format.ts";
import { FPProcessNaN } from "./nan.ts";
import { bitLength, flushesResults, overflowed } from "./round.ts";
import { DZC, type FloatStatus, FPRoundingMode, UFC } from "./status.ts";
import { FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();

/** `scaled` in 256..511 stands for [0.5, 1); the result in 256..511 for [1, 2). */
function RecipEstimate(scaled: number): number {
  const quotient = Math.floor(2 ** 19 / (2 * scaled + 1));
  return (quotient + 1) >> 1;
}

/** `scaled` in 128..511 stands for [0.25, 1); the result in 256..511 for [1, 2). */
function RecipSqrtEstimate(scaled: number): number {
  const middle = scaled < 256 ? 2 * scaled + 1 : ((scaled & ~1) + 1) * 2;
  let root = 512;
  while (middle * (root + 1) * (root + 1) < 2 ** 28) root++;
  return (root + 1) >> 1;
}

/** FRECPE. */
export function FPRecipEstimate(operand: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) return FPProcessNaN(a.type, operand, format, status);
  if (isInfinity(a)) return FPZero(a.sign, format);
  if (isZero(a)) {
    status.fpsr |= DZC;
    return FPInfinity(a.sign, format);
  }
  const length = bitLength(a.mantissa);
  const magnitude = length - 1 + a.exponent;
  if (magnitude < format.minimumExponent - 2) {
    return overflowed(a.sign, format, status, FPRoundingMode(status));
  }
  if (flushesResults(format, status) && magnitude >= -format.minimumExponent) {
    status.fpsr |= UFC;
    return FPZero(a.sign, format);
  }
  const estimate = BigInt(RecipEstimate(leadingNineBits(a.mantissa, length)));
  // The estimate is 2^(-1 - magnitude) times [1, 2): denormal for the greatest two exponents.
  const biased = -magnitude - format.minimumExponent;
  const normal = (estimate & 0xffn) << (format.fraction - 8n);
  const sign = FPZero(a.sign, format);
  if (biased > 0) return sign | (BigInt(biased) << format.fraction) | normal;
  return sign | ((estimate << (format.fraction - 8n)) >> BigInt(1 - biased));
}

/** The nine most significant bits, the first of them set. */
function leadingNineBits(mantissa: bigint, length: number): number {
  return Number(length >= 9 ? mantissa >> BigInt(length - 9) : mantissa << BigInt(9 - length));
}

/** FRSQRTE. */
export function FPRSqrtEstimate(operand: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) return FPProcessNaN(a.type, operand, format, status);
  if (isZero(a)) {
    status.fpsr |= DZC;
    return FPInfinity(a.sign, format);
  }
  if (a.sign) return invalid(format, status);
  if (isInfinity(a)) return 0n;
  const length = bitLength(a.mantissa);
  const biased = length - 1 + a.exponent - format.minimumExponent + 1;
  const leading = leadingNineBits(a.mantissa, length);
  const estimate = BigInt(RecipSqrtEstimate((biased & 1) === 0 ? leading : leading >> 1));
  // 44, 380 and 3068: three times the exponent's bias, less one.
  const resultExponent = (3 * (1 - format.minimumExponent) - 1 - biased) >> 1;
  return (BigInt(resultExponent) << format.fraction) | ((estimate & 0xffn) << (format.fraction - 8n));
}

/** FRECPX: the exponent's reciprocal. */
export function FPRecpX(operand: bigint, format: FloatFormat, status: FloatStatus): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) return FPProcessNaN(a.type, operand, format, status);
  const exponent = operand & format.infinity;
  const leastBit = 1n << format.fraction;
  const result = exponent === 0n ? format.infinity - leastBit : format.infinity ^ exponent;
  return FPZero(a.sign, format) | result;
}

/** URECPE, one 32-bit element. */
export function UnsignedRecipEstimate(operand: number): number {
  if (operand >>> 31 === 0) return 0xffff_ffff;
  return (RecipEstimate(operand >>> 23) << 23) >>> 0;
}

/** URSQRTE, one 32-bit element. */
export function UnsignedRSqrtEstimate(operand: number): number {
  if (operand >>> 30 === 0) return 0xffff_ffff;
  return (RecipSqrtEstimate(operand >>> 23) << 23) >>> 0;
}
