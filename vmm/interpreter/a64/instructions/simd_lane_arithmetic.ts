// The arithmetic of single lanes: halving, shifts by a register, saturating products (Arm DDI 0487, shared
// pseudocode "SatQ", "RShr" and the operations of "SQDMULH", "SQRDMLAH", "SQRSHL").

import type { Lane } from "../simd_lanes.ts";

/** To the right with the highest bit lost added. `amount` is at least 1. */
const roundingShift = (value: bigint, amount: bigint) => (value + (1n << amount - 1n)) >> amount;

/** By the low byte of `m`, which is signed: to the left, or to the right if it is negative. */
export function shiftBy(n: bigint, m: bigint, isRounding: boolean): bigint {
  const amount = BigInt.asIntN(8, m);
  if (amount >= 0n) return n << amount;
  return isRounding ? roundingShift(n, -amount) : n >> -amount;
}

const half = ({ bits }: Lane) => 1n << BigInt(bits - 1);

/** The upper half of the doubled product, saturated. */
export const doublingHigh = (n: bigint, m: bigint, lane: Lane) => lane.fit(2n * n * m >> BigInt(lane.bits));
export const roundingDoublingHigh = (n: bigint, m: bigint, lane: Lane) =>
  lane.fit(2n * n * m + half(lane) >> BigInt(lane.bits));

/** Accumulated before it is rounded and saturated. */
export const accumulatedHigh = (n: bigint, m: bigint, d: bigint, lane: Lane, sign: bigint) =>
  lane.fit((d << BigInt(lane.bits)) + sign * 2n * n * m + half(lane) >> BigInt(lane.bits));
