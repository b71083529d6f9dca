// Operands on which floating point goes wrong: special values, the edges of the range, halfway cases.

import type { FloatFormat } from "../../../../../vmm/interpreter/a64/float/format.ts";

/** The same numbers from the same seed (xorshift32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
  bits64(): bigint {
    return (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
  }
}

/** Mostly ordinary exponents near 1.0, the range's ends and integers' sizes; often sparse fractions. */
export function operand(random: Random, format: FloatFormat): bigint {
  const sign = random.below(2) === 0 ? 0n : format.signMask;
  return sign | (exponent(random, format) << format.fraction) | fraction(random, format);
}

function exponent(random: Random, format: FloatFormat): bigint {
  const greatest = format.maximumBiasedExponent;
  const bias = greatest >> 1;
  switch (random.below(8)) {
    case 0:
      return 0n;
    case 1:
      return BigInt(greatest - random.below(4));
    case 2:
      return BigInt(random.below(4));
    case 3:
      return BigInt(random.below(greatest + 1));
    case 4:
      return BigInt(Math.min(greatest - 1, bias + random.below(66)));
    case 5:
      return BigInt(Math.floor(bias / 2) + random.below(3));
    default:
      return BigInt(bias - 3 + random.below(7));
  }
}

function fraction(random: Random, format: FloatFormat): bigint {
  const any = random.bits64() & format.fractionMask;
  const place = BigInt(random.below(format.fractionBits));
  switch (random.below(6)) {
    case 0:
      return 0n;
    case 1:
      return format.fractionMask;
    case 2:
      return 1n << place;
    case 3:
      return (any >> place) << place;
    case 4:
      return format.fractionMask ^ (1n << place);
    default:
      return any;
  }
}

/** An integer of 64 bits, often short, often sparse. */
export function integer(random: Random): bigint {
  const value = random.bits64() >> BigInt(random.below(64));
  const rounded = random.below(2) === 0 ? value : (value >> 40n) << 40n;
  return BigInt.asUintN(64, random.below(2) === 0 ? rounded : -rounded);
}
