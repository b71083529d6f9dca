// Floating point to and from integers and fixed point. Arm DDI 0487, "Shared pseudocode": FPToFixed,
// FixedToFP, FPToFixedJS, FPRoundInt, FPRoundIntN.

import { DOUBLE, type FloatFormat, FPInfinity, FPZero } from "./format.ts";
import { FPProcessNaN } from "./nan.ts";
import { ERROR_NONE, errorBelow, FPRound, roundsUp } from "./round.ts";
import { type FloatStatus, FPRounding_ZERO, FPRoundingMode, IOC, IXC } from "./status.ts";
import { FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "./unpack.ts";

const a = new Unpacked();
/** Whether the last `roundedMagnitude` was not exact. */
let inexact = false;

/** |value| * 2^fractionBits as an integer; the value is finite. */
function roundedMagnitude(value: Unpacked, fractionBits: number, rounding: number): bigint {
  const exponent = value.exponent + fractionBits;
  inexact = false;
  if (exponent >= 0) return value.mantissa << BigInt(exponent);
  const kept = value.mantissa >> BigInt(-exponent);
  const error = errorBelow(value.mantissa, -exponent);
  inexact = error !== ERROR_NONE;
  return roundsUp(rounding, value.sign, (kept & 1n) !== 0n, error) ? kept + 1n : kept;
}

/** The nearest `integerBits`-bit integer, as that many bits; `rounding` is an FPRounding. */
export function FPToFixed(
  operand: bigint,
  fractionBits: number,
  unsigned: boolean,
  integerBits: number,
  rounding: number,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) {
    status.fpsr |= IOC;
    return 0n;
  }
  const greatest = (1n << BigInt(unsigned ? integerBits : integerBits - 1)) - 1n;
  const limit = !a.sign ? greatest : unsigned ? 0n : greatest + 1n;
  let magnitude = isInfinity(a) ? limit + 1n : roundedMagnitude(a, fractionBits, rounding);
  if (magnitude > limit) {
    status.fpsr |= IOC;
    magnitude = limit;
  } else if (inexact) {
    status.fpsr |= IXC;
  }
  return BigInt.asUintN(integerBits, a.sign ? -magnitude : magnitude);
}

/** `operand` has `integerBits` bits, of which the last `fractionBits` are the fraction. */
export function FixedToFP(
  operand: bigint,
  fractionBits: number,
  unsigned: boolean,
  integerBits: number,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  const value = unsigned ? BigInt.asUintN(integerBits, operand) : BigInt.asIntN(integerBits, operand);
  if (value === 0n) return 0n;
  const sign = value < 0n;
  return FPRound(sign, sign ? -value : value, -fractionBits, format, status, FPRoundingMode(status));
}

/** FJCVTZS: the low 32 bits are the result modulo 2^32, bit 32 is the flag Z: the conversion was exact. */
export function FPToFixedJS(operand: bigint, status: FloatStatus): bigint {
  FPUnpack(a, operand, DOUBLE, status);
  if (isNaN(a) || isInfinity(a)) {
    status.fpsr |= IOC;
    return 0n;
  }
  const magnitude = roundedMagnitude(a, 0, FPRounding_ZERO);
  const value = a.sign ? -magnitude : magnitude;
  let exact = !inexact;
  if (BigInt.asIntN(32, value) !== value) {
    status.fpsr |= IOC;
    exact = false;
  } else if (inexact) {
    status.fpsr |= IXC;
  } else if (isZero(a) && operand !== 0n) {
    // Minus zero, and a denormal number that was flushed.
    exact = false;
  }
  return BigInt.asUintN(32, value) | (exact ? 0x1_0000_0000n : 0n);
}

/** FRINTx: `exact` (FRINTX) reports a result that differs. */
export function FPRoundInt(
  operand: bigint,
  rounding: number,
  exact: boolean,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  FPUnpack(a, operand, format, status);
  if (isNaN(a)) return FPProcessNaN(a.type, operand, format, status);
  if (isInfinity(a)) return FPInfinity(a.sign, format);
  if (isZero(a)) return FPZero(a.sign, format);
  const magnitude = roundedMagnitude(a, 0, rounding);
  if (inexact && exact) status.fpsr |= IXC;
  if (magnitude === 0n) return FPZero(a.sign, format);
  return FPRound(a.sign, magnitude, 0, format, status, FPRounding_ZERO);
}

/** FRINT32X, FRINT32Z, FRINT64X, FRINT64Z: what does not fit is the least integer of `integerBits`. */
export function FPRoundIntN(
  operand: bigint,
  rounding: number,
  integerBits: 32 | 64,
  format: FloatFormat,
  status: FloatStatus,
): bigint {
  FPUnpack(a, operand, format, status);
  if (isZero(a)) return FPZero(a.sign, format);
  const greatest = (1n << BigInt(integerBits - 1)) - 1n;
  const limit = a.sign ? greatest + 1n : greatest;
  const finite = !isNaN(a) && !isInfinity(a);
  const magnitude = finite ? roundedMagnitude(a, 0, rounding) : limit + 1n;
  if (magnitude > limit) {
    status.fpsr |= IOC;
    const biased = BigInt(integerBits - format.minimumExponent);
    return format.signMask | (biased << format.fraction);
  }
  if (inexact) status.fpsr |= IXC;
  if (magnitude === 0n) return FPZero(a.sign, format);
  return FPRound(a.sign, magnitude, 0, format, status, FPRounding_ZERO);
}
