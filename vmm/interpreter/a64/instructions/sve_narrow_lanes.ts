// Generated code for SVE2's lanes of two widths: of each wide lane the lower half is its bottom lane and the
// upper one its top lane, with B and T in instructions' names (Arm DDI 0487, "SVE encodings", "SVE2 Widening
// Integer Arithmetic" and "SVE2 Narrowing"). A size is that of the wide lanes.

import { andBits, notBits, orBits, shlLanes, shrSLanes, shrULanes, splatBits } from "../simd_vocabulary.ts";
import { const32, const64, type V128 } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { limitToHalf } from "./simd_saturation.ts";

const halfBits = (size: number) => 4 << size;
const half = (size: number) => const32(halfBits(size));
const bottomMask = (size: number) => splatBits(size, const64((1n << BigInt(halfBits(size))) - 1n));

/** The bottom or the top lanes, extended to wide ones. */
export function widened(size: number, value: V128, isSigned: boolean, isTop: boolean | 0 | 1): V128 {
  const shift = isSigned ? shrSLanes : shrULanes;
  if (isTop) return shift(size, value, half(size));
  return isSigned ? shift(size, shlLanes(size, value, half(size)), half(size)) : bottomOf(size, value);
}

const bottomOf = (size: number, value: V128) => andBits(value, bottomMask(size));
const topOf = (size: number, value: V128) => shlLanes(size, value, half(size));

/** The lower halves of wide lanes to the bottom, zeroes to the top; or to the top of `before`. */
export const narrowed = (size: number, value: V128, before: V128, isTop: boolean | 0 | 1): V128 =>
  isTop ? bitselect(before, topOf(size, value), bottomMask(size)) : bottomOf(size, value);

/** From wide lanes, of whose lower halves one comes to the bottom and the other to the top. */
export const joined = (size: number, bottom: V128, top: V128): V128 =>
  orBits(bottomOf(size, bottom), topOf(size, top));

/** The bottom lanes of one and the top lanes of the other. */
export const bottomAndTop = (size: number, bottom: V128, top: V128): V128 =>
  bitselect(bottom, top, bottomMask(size));
export const topLanes = (size: number): V128 => notBits(bottomMask(size));

/** Numbers limited to those of half the width, signed or not. Unsigned ones are no less than 0. */
export const limited = (size: number, isSigned: boolean, givesSigned: boolean, value: V128): V128 =>
  limitToHalf(size, isSigned, givesSigned, value, (saturated) => saturated);
