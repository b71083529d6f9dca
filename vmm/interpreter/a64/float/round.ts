// An exact value rounded to a format. Arm DDI 0487, "Shared pseudocode": FPRound, FPRoundCV, FPRoundBase.
// Tininess is detected before rounding.

import { type FloatFormat, FPInfinity, FPMaxNormal, FPZero, HALF } from "./format.ts";
import {
  AHP,
  type FloatStatus,
  FPRounding_NEGINF,
  FPRounding_ODD,
  FPRounding_POSINF,
  FPRounding_TIEAWAY,
  FPRounding_TIEEVEN,
  FZ,
  FZ16,
  IOC,
  IXC,
  OFC,
  UFC,
} from "./status.ts";

/** The number of bits of a positive integer. */
export function bitLength(value: bigint): number {
  let length = 0;
  while (value >= 0x1_0000_0000_0000_0000n) {
    value >>= 64n;
    length += 64;
  }
  const high = Number(value >> 32n);
  if (high !== 0) return length + 64 - Math.clz32(high);
  return length + 32 - Math.clz32(Number(value));
}

export const ERROR_NONE = 0;
export const ERROR_BELOW_HALF = 1;
export const ERROR_HALF = 2;
export const ERROR_ABOVE_HALF = 3;

/** Where the part of `value` below bit `shift` (at least 1) lies in units of 2^shift. */
export function errorBelow(value: bigint, shift: number): number {
  const rest = BigInt.asUintN(shift, value);
  if (rest === 0n) return ERROR_NONE;
  const half = 1n << BigInt(shift - 1);
  return rest < half ? ERROR_BELOW_HALF : rest === half ? ERROR_HALF : ERROR_ABOVE_HALF;
}

/** Whether a magnitude whose last kept bit is `odd` grows. */
export function roundsUp(rounding: number, sign: boolean, odd: boolean, error: number): boolean {
  switch (rounding) {
    case FPRounding_TIEEVEN:
      return error === ERROR_ABOVE_HALF || (error === ERROR_HALF && odd);
    case FPRounding_POSINF:
      return error !== ERROR_NONE && !sign;
    case FPRounding_NEGINF:
      return error !== ERROR_NONE && sign;
    case FPRounding_TIEAWAY:
      return error >= ERROR_HALF;
    default:
      return false;
  }
}

/** Infinity, or the greatest number where the rounding mode points away from infinity. */
export function overflowed(
  sign: boolean,
  format: FloatFormat,
  status: FloatStatus,
  rounding: number,
): bigint {
  status.fpsr |= OFC | IXC;
  const toInfinity = rounding === FPRounding_TIEEVEN || rounding === FPRounding_TIEAWAY ||
    rounding === (sign ? FPRounding_NEGINF : FPRounding_POSINF);
  return toInfinity ? FPInfinity(sign, format) : FPMaxNormal(sign, format);
}

export function flushesResults(format: FloatFormat, status: FloatStatus): boolean {
  return (status.fpcr & (format === HALF ? FZ16 : FZ)) !== 0;
}

/**
 * (-1)^sign * mantissa * 2^exponent; `mantissa` is positive. Of a value that is not exact the lowest bit is
 * set and stands at least two places below the result's last.
 */
export function FPRound(
  sign: boolean,
  mantissa: bigint,
  exponent: number,
  format: FloatFormat,
  status: FloatStatus,
  rounding: number,
): bigint {
  return roundBase(sign, mantissa, exponent, format, status, rounding, flushesResults(format, status), false);
}

/** The same for conversions between formats: AHP chooses the half-precision format, FZ16 does nothing. */
export function FPRoundCV(
  sign: boolean,
  mantissa: bigint,
  exponent: number,
  format: FloatFormat,
  status: FloatStatus,
  rounding: number,
): bigint {
  const half = format === HALF;
  const flush = !half && (status.fpcr & FZ) !== 0;
  const alternative = half && (status.fpcr & AHP) !== 0;
  return roundBase(sign, mantissa, exponent, format, status, rounding, flush, alternative);
}

function roundBase(
  sign: boolean,
  mantissa: bigint,
  exponent: number,
  format: FloatFormat,
  status: FloatStatus,
  rounding: number,
  flush: boolean,
  alternativeHalf: boolean,
): bigint {
  const magnitude = bitLength(mantissa) - 1 + exponent;
  const tiny = magnitude < format.minimumExponent;
  if (tiny && flush) {
    status.fpsr |= UFC;
    return FPZero(sign, format);
  }
  let biased = tiny ? 0 : magnitude - format.minimumExponent + 1;
  const shift = (tiny ? format.minimumExponent : magnitude) - format.fractionBits - exponent;
  let kept = shift <= 0 ? mantissa << BigInt(-shift) : mantissa >> BigInt(shift);
  const error = shift <= 0 ? ERROR_NONE : errorBelow(mantissa, shift);
  if (tiny && error !== ERROR_NONE) status.fpsr |= UFC;
  if (roundsUp(rounding, sign, (kept & 1n) !== 0n, error)) {
    kept++;
    if (tiny && kept === format.fractionMask + 1n) biased = 1;
    if (kept >> (format.fraction + 1n) !== 0n) {
      biased++;
      kept >>= 1n;
    }
  } else if (error !== ERROR_NONE && rounding === FPRounding_ODD) {
    kept |= 1n;
  }
  const inRange = biased < format.maximumBiasedExponent + (alternativeHalf ? 1 : 0);
  if (!inRange) return outOfRange(sign, format, status, rounding, alternativeHalf);
  if (error !== ERROR_NONE) status.fpsr |= IXC;
  return FPZero(sign, format) | (BigInt(biased) << format.fraction) | (kept & format.fractionMask);
}

/** The alternative half-precision format has no infinity: what is too great becomes its greatest number. */
function outOfRange(
  sign: boolean,
  format: FloatFormat,
  status: FloatStatus,
  rounding: number,
  alternativeHalf: boolean,
): bigint {
  if (!alternativeHalf) return overflowed(sign, format, status, rounding);
  status.fpsr |= IOC;
  return FPZero(sign, format) | (format.signMask - 1n);
}
