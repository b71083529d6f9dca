// Generated code for lanes of SVE, of every size: what AdvSIMD has of some sizes only, and saturation, which
// leaves FPSR.QC as it is (Arm DDI 0487, "SVE encodings").

import {
  addLanes,
  andBits,
  greaterS,
  greaterU,
  maxS,
  maxU,
  minS,
  minU,
  orBits,
  pick,
  rearrange,
  shiftRight,
  shlLanes,
  shrSLanes,
  shrULanes,
  splatBits,
  subLanes,
} from "../simd_vocabulary.ts";
import { bindQ, constant } from "../simd_vocabulary.ts";
import { const32, const64, type I32, sub32, type V128 } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { saturatingDifference, saturatingSum } from "./simd_saturation.ts";

/** `size`, whether lanes are signed, operands. */
export type Both = (size: number, isSigned: boolean, a: V128, b: V128) => V128;

const chosen = (of: (size: number, a: V128, b: V128) => V128, small: typeof maxS) =>
(
  size: number,
  a: V128,
  b: V128,
) => size < 3 ? small(size, a, b) : bindQ(a, (n) => bindQ(b, (m) => bitselect(n, m, of(size, n, m))));
const greatest = { s: chosen(greaterS, maxS), u: chosen(greaterU, maxU) };
const least = {
  s: chosen((size, a, b) => greaterS(size, b, a), minS),
  u: chosen((size, a, b) => greaterU(size, b, a), minU),
};
export const max: Both = (size, isSigned, a, b) => greatest[isSigned ? "s" : "u"](size, a, b);
export const min: Both = (size, isSigned, a, b) => least[isSigned ? "s" : "u"](size, a, b);
export const distance: Both = (size, isSigned, a, b) =>
  bindQ(a, (n) => bindQ(b, (m) => subLanes(size, max(size, isSigned, n, m), min(size, isSigned, n, m))));

export const saturatedSum: Both = (size, isSigned, a, b) =>
  bindQ(a, (n) => bindQ(b, (m) => saturatingSum(size, isSigned, n, m, (saturated) => saturated)));
export const saturatedDifference: Both = (size, isSigned, a, b) =>
  bindQ(a, (n) => bindQ(b, (m) => saturatingDifference(size, isSigned, n, m, (saturated) => saturated)));

/** The highest bit of each lane, or all but it. */
export const signBit = (size: number) => splatBits(size, const64(1n << BigInt((8 << size) - 1)));
/** All ones in lanes that are negative. */
export const signs = (size: number, value: V128) => shrSLanes(size, value, const32((8 << size) - 1));

/** To the right by 1 to the lane's bits, with the highest bit that is lost added where it rounds. */
export function shiftedRight(
  size: number,
  value: V128,
  amount: I32,
  isSigned: boolean,
  isRounding: boolean,
): V128 {
  const shift = isSigned ? shrSLanes : shrULanes;
  if (!isRounding) return shiftRight(size, value, amount, isSigned);
  return bindQ(value, (n) => {
    const lost = andBits(shift(size, n, sub32(amount, const32(1))), splatBits(size, const64(1)));
    return addLanes(size, shiftRight(size, n, amount, isSigned), lost);
  });
}

/** To the right in a circle, by 1 to the lane's bits. */
export const rotatedRight = (size: number, value: V128, amount: I32): V128 =>
  bindQ(value, (n) =>
    orBits(
      shiftRight(size, n, amount, false),
      shlLanes(size, n, sub32(const32(8 << size), amount)),
    ));

/** Neighbours exchanged. */
export const swapped = (size: number, value: V128): V128 => rearrange(value, (byte) => byte ^ 1 << size);
/** In both lanes of a pair the one or the other. */
export const ofPair = (size: number, value: V128, isOdd: 0 | 1): V128 =>
  rearrange(value, (byte) => byte & ~(1 << size) | isOdd << size);
/** Even lanes of one and even lanes of the other in turn; or the odd ones. */
export const alternating = (size: number, a: V128, b: V128, isOdd: 0 | 1): V128 =>
  pick(a, b, (byte) => byte & ~(1 << size) | isOdd << size | (byte >> size & 1) << 4);

/** All ones in the even lanes or in the odd ones. */
export const everySecondMask = (size: number, isOdd: 0 | 1): V128 =>
  constant(Array.from({ length: 16 }, (_, byte) => (byte >> size & 1) === isOdd ? 0xff : 0));
/** Lanes where it says so of `a`, the others of `b`; `isOdd` of the lanes in which it does. */
export const inLanes = (size: number, isOdd: 0 | 1, a: V128, b: V128): V128 =>
  bitselect(a, b, everySecondMask(size, isOdd));
