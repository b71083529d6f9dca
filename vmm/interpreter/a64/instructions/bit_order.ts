// Bits, bytes and larger groups of a 64-bit value in the opposite order, by swapping neighbours (Arm DDI 0487,
// "RBIT", "REV", "REV16", "REV32").

import { and, bind64, const64, type I64, or, shl, shrU } from "../vocabulary.ts";

/** The lower of every two groups of so many bits. */
const lower: Readonly<Record<number, bigint>> = {
  1: 0x5555_5555_5555_5555n,
  2: 0x3333_3333_3333_3333n,
  4: 0x0f0f_0f0f_0f0f_0f0fn,
  8: 0x00ff_00ff_00ff_00ffn,
  16: 0x0000_ffff_0000_ffffn,
  32: 0x0000_0000_ffff_ffffn,
};

function swapNeighbours(value: I64, width: number): I64 {
  const mask = const64(lower[width]!), distance = const64(width);
  return bind64(value, (x) => or(and(shrU(x, distance), mask), shl(and(x, mask), distance)));
}

/** Groups of `group` bits in the opposite order in each `container` of bits; both are powers of two. */
export function reverse(value: I64, group: number, container: number): I64 {
  let result = value;
  for (let width = group; width < container; width *= 2) result = swapNeighbours(result, width);
  return result;
}
