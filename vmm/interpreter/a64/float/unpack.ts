// A bit pattern taken apart. Arm DDI 0487, "Shared pseudocode": FPUnpack, FPUnpackCV, FPUnpackBase.

import { type FloatFormat, HALF } from "./format.ts";
import { AHP, type FloatStatus, FZ, FZ16, IDC } from "./status.ts";

export const FPType_Zero = 0;
export const FPType_Nonzero = 1;
export const FPType_Infinity = 2;
export const FPType_QNaN = 3;
export const FPType_SNaN = 4;

/** For zero and nonzero the value is `mantissa` * 2^`exponent`, exactly; a class so that its shape is one. */
export class Unpacked {
  type = FPType_Zero;
  sign = false;
  mantissa = 0n;
  exponent = 0;
}

export function isNaN(operand: Unpacked): boolean {
  return operand.type >= FPType_QNaN;
}

export function isInfinity(operand: Unpacked): boolean {
  return operand.type === FPType_Infinity;
}

export function isZero(operand: Unpacked): boolean {
  return operand.type === FPType_Zero;
}

/** For arithmetic: half precision is always IEEE's, and FZ16 flushes its denormals. */
export function FPUnpack(into: Unpacked, operand: bigint, format: FloatFormat, status: FloatStatus): void {
  const flush = format === HALF ? FZ16 : FZ;
  unpackBase(into, operand, format, status, (status.fpcr & flush) !== 0, false);
}

/** For conversions between formats: AHP chooses the half-precision format, and FZ16 does nothing. */
export function FPUnpackCV(into: Unpacked, operand: bigint, format: FloatFormat, status: FloatStatus): void {
  const half = format === HALF;
  const flush = !half && (status.fpcr & FZ) !== 0;
  unpackBase(into, operand, format, status, flush, half && (status.fpcr & AHP) !== 0);
}

function unpackBase(
  into: Unpacked,
  operand: bigint,
  format: FloatFormat,
  status: FloatStatus,
  flush: boolean,
  alternativeHalf: boolean,
): void {
  const fraction = operand & format.fractionMask;
  const biased = Number(operand >> format.fraction) & format.maximumBiasedExponent;
  into.sign = (operand & format.signMask) !== 0n;
  into.mantissa = 0n;
  into.exponent = 0;
  if (biased === 0) {
    into.type = FPType_Zero;
    if (fraction === 0n) return;
    if (flush) {
      // A flushed half-precision input is not reported.
      if (format !== HALF) status.fpsr |= IDC;
      return;
    }
    into.type = FPType_Nonzero;
    into.mantissa = fraction;
    into.exponent = format.minimumExponent - format.fractionBits;
  } else if (biased === format.maximumBiasedExponent && !alternativeHalf) {
    if (fraction === 0n) into.type = FPType_Infinity;
    else into.type = (fraction & format.quietBit) !== 0n ? FPType_QNaN : FPType_SNaN;
  } else {
    into.type = FPType_Nonzero;
    into.mantissa = fraction | (1n << format.fraction);
    into.exponent = biased - 1 + format.minimumExponent - format.fractionBits;
  }
}
