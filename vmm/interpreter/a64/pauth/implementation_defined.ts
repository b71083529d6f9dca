// Velum's own IMPLEMENTATION DEFINED pointer authentication algorithm (FEAT_PACIMP; Arm DDI 0487,
// "ComputePAC", leaves it open): a keyed hash that is cheap enough to be emitted inline. It is a good mixer
// and no cipher: whoever can see many codes can work out the keys. ID_AA64ISAR1_EL1.API and GPI announce it.
//
// It is ten operations on unsigned 64-bit values, in this order; nothing else is to be known to emit it
// (WebAssembly: i64.xor, i64.mul, i64.rotl, i64.shr_u):
//
//     h = data ^ keyLow              1 xor
//     h = h * MULTIPLIER_1           2 mul
//     h = h ^ modifier ^ keyHigh     3 xor, 4 xor
//     h = h * MULTIPLIER_2           5 mul
//     h = rotl(h, 32)                6 rotl
//     h = h * MULTIPLIER_1           7 mul
//     h = h ^ (h >>> 32)             8 shr_u, 9 xor
//     h = h * MULTIPLIER_2           10 mul
//
// A multiplication carries a bit only upward: so the data and the modifier each go through one before the
// rotation brings the top down, and the last one brings what was folded low up again. Bits 63..16 of the
// result depend evenly on every bit of the input, and a code is taken from no others: 63..32 for PACGA, the
// bits above the address for a pointer. Bits 15..0 are weaker.

/** Odd, so that a multiplication loses nothing; about half of the bits are ones, irregularly. */
export const MULTIPLIER_1 = 0xd6e8feb86659fd93n;
export const MULTIPLIER_2 = 0x9e3779b97f4a7c15n;

/** The code of `data`; all are 64-bit unsigned. */
export function computePacImpdef(data: bigint, modifier: bigint, keyHigh: bigint, keyLow: bigint): bigint {
  let h = BigInt.asUintN(64, (data ^ keyLow) * MULTIPLIER_1) ^ modifier ^ keyHigh;
  h = BigInt.asUintN(64, h * MULTIPLIER_2);
  h = BigInt.asUintN(64, h << 32n | h >> 32n);
  h = BigInt.asUintN(64, h * MULTIPLIER_1);
  h ^= h >> 32n;
  return BigInt.asUintN(64, h * MULTIPLIER_2);
}
