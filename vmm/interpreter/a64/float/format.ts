// The floating-point formats, as data. Arm DDI 0487, "Floating-point data types" and "BFloat16 format".

/** Widths in bits, and what follows from them. A value is a bigint bit pattern of `bits` bits. */
export interface FloatFormat {
  readonly bits: number;
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** The exponent of the smallest normal number. */
  readonly minimumExponent: number;
  readonly maximumBiasedExponent: number;
  readonly fraction: bigint;
  readonly fractionMask: bigint;
  readonly signMask: bigint;
  readonly quietBit: bigint;
  /** Positive infinity: every exponent bit. */
  readonly infinity: bigint;
}

function floatFormat(bits: number, exponentBits: number, fractionBits: number): FloatFormat {
  const fraction = BigInt(fractionBits);
  const maximumBiasedExponent = 2 ** exponentBits - 1;
  return {
    bits,
    exponentBits,
    fractionBits,
    minimumExponent: 2 - 2 ** (exponentBits - 1),
    maximumBiasedExponent,
    fraction,
    fractionMask: (1n << fraction) - 1n,
    signMask: 1n << BigInt(bits - 1),
    quietBit: 1n << (fraction - 1n),
    infinity: BigInt(maximumBiasedExponent) << fraction,
  };
}

export const HALF = floatFormat(16, 5, 10);
export const SINGLE = floatFormat(32, 8, 23);
export const DOUBLE = floatFormat(64, 11, 52);
export const BFLOAT = floatFormat(16, 8, 7);

export function FPZero(sign: boolean, format: FloatFormat): bigint {
  return sign ? format.signMask : 0n;
}

export function FPInfinity(sign: boolean, format: FloatFormat): bigint {
  return sign ? format.signMask | format.infinity : format.infinity;
}

export function FPMaxNormal(sign: boolean, format: FloatFormat): bigint {
  return FPInfinity(sign, format) - 1n;
}

export function FPDefaultNaN(format: FloatFormat): bigint {
  return format.infinity | format.quietBit;
}

/** `halves` / 2, that is 1.0, 1.5 or 2.0, as FPOnePointFive and FPTwo. */
export function FPConstant(sign: boolean, halves: 2 | 3 | 4, format: FloatFormat): bigint {
  const biased = BigInt((halves === 4 ? 2 : 1) - format.minimumExponent);
  const fraction = halves === 3 ? format.quietBit : 0n;
  return FPZero(sign, format) | (biased << format.fraction) | fraction;
}

export function FPNeg(operand: bigint, format: FloatFormat): bigint {
  return operand ^ format.signMask;
}

export function FPAbs(operand: bigint, format: FloatFormat): bigint {
  return operand & ~format.signMask;
}
