// BFloat16 dot product. Arm DDI 0487, "Shared pseudocode": BFDotAdd, BFAdd, BFMul, BFUnpack, BFRound, as they
// are without FEAT_EBF16: FPCR and FPSR take no part, results round to odd, denormals are zero.

import { FPDefaultNaN, FPInfinity, FPZero, SINGLE } from "./format.ts";
import { bitLength } from "./round.ts";

const FRACTION_BITS = 23;
const LEAST_EXPONENT = -126;
const GREATEST_EXPONENT = 127;
const INFINITY = SINGLE.infinity;
const MAGNITUDE = SINGLE.signMask - 1n;

/** addend + (op1a * op2a + op1b * op2b); the addend is single precision, the factors are BFloat16. */
export function BFDotAdd(addend: bigint, op1a: bigint, op1b: bigint, op2a: bigint, op2b: bigint): bigint {
  return BFAdd(addend, BFAdd(BFMul(op1a, op2a), BFMul(op1b, op2b)));
}

/** BFloat16 factors, a single-precision product. */
export function BFMul(op1: bigint, op2: bigint): bigint {
  const x = flushed(op1 << 16n);
  const y = flushed(op2 << 16n);
  const sign = ((x ^ y) & SINGLE.signMask) !== 0n;
  const left = x & MAGNITUDE;
  const right = y & MAGNITUDE;
  if (left > INFINITY || right > INFINITY) return FPDefaultNaN(SINGLE);
  if (left === INFINITY || right === INFINITY) {
    return left === 0n || right === 0n ? FPDefaultNaN(SINGLE) : FPInfinity(sign, SINGLE);
  }
  if (left === 0n || right === 0n) return FPZero(sign, SINGLE);
  return BFRound(sign, mantissaOf(left) * mantissaOf(right), exponentOf(left) + exponentOf(right));
}

/** Single precision. */
export function BFAdd(op1: bigint, op2: bigint): bigint {
  const x = flushed(op1);
  const y = flushed(op2);
  const left = x & MAGNITUDE;
  const right = y & MAGNITUDE;
  if (left > INFINITY || right > INFINITY) return FPDefaultNaN(SINGLE);
  if (left === INFINITY) return right === INFINITY && x !== y ? FPDefaultNaN(SINGLE) : x;
  if (right === INFINITY) return y;
  if (left === 0n) return right === 0n && x !== y ? 0n : y;
  if (right === 0n) return x;
  const exponent = Math.min(exponentOf(left), exponentOf(right));
  const a = mantissaOf(left) << BigInt(exponentOf(left) - exponent);
  const b = mantissaOf(right) << BigInt(exponentOf(right) - exponent);
  const sum = (left === x ? a : -a) + (right === y ? b : -b);
  if (sum === 0n) return 0n;
  return sum < 0n ? BFRound(true, -sum, exponent) : BFRound(false, sum, exponent);
}

function flushed(operand: bigint): bigint {
  return (operand & INFINITY) === 0n ? operand & SINGLE.signMask : operand;
}

function mantissaOf(magnitude: bigint): bigint {
  return (magnitude & SINGLE.fractionMask) | (SINGLE.fractionMask + 1n);
}

function exponentOf(magnitude: bigint): number {
  return Number(magnitude >> SINGLE.fraction) - 1 + LEAST_EXPONENT - FRACTION_BITS;
}

function BFRound(sign: boolean, mantissa: bigint, exponent: number): bigint {
  const magnitude = bitLength(mantissa) - 1 + exponent;
  if (magnitude < LEAST_EXPONENT) return FPZero(sign, SINGLE);
  if (magnitude > GREATEST_EXPONENT) return FPInfinity(sign, SINGLE);
  const shift = magnitude - FRACTION_BITS - exponent;
  let kept = shift <= 0 ? mantissa << BigInt(-shift) : mantissa >> BigInt(shift);
  if (shift > 0 && BigInt.asUintN(shift, mantissa) !== 0n) kept |= 1n;
  const biased = BigInt(magnitude - LEAST_EXPONENT + 1);
  return FPZero(sign, SINGLE) | (biased << SINGLE.fraction) | (kept & SINGLE.fractionMask);
}
