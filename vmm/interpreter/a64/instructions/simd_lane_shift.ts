// SSHL and USHL in generated code: each lane by its own amount, bit after bit of the amounts (Arm DDI 0487,
// "SSHL", "USHL").

import {
  andBits,
  bindQ,
  greaterEqualS,
  greaterU,
  negate,
  shlLanes,
  shrSLanes,
  shrULanes,
  splatBits,
} from "../simd_vocabulary.ts";
import { const32, const64, type V128 } from "../vocabulary.ts";
import { bitselect, zeroQ } from "./load_store_lanes.ts";

type Shift = typeof shlLanes;

/** All ones where that bit is set. */
const bitMask = (size: number, a: V128, bit: number) => {
  const last = (8 << size) - 1;
  return shrSLanes(size, shlLanes(size, a, const32(last - bit)), const32(last));
};

/** By the amount modulo the lane's bits. */
function byEach(size: number, n: V128, amount: V128, shift: Shift): V128 {
  let value = n;
  for (let bit = 0; bit < 3 + size; bit++) {
    const before = value;
    value = bindQ(
      before,
      (once) => bitselect(shift(size, once, const32(1 << bit)), once, bitMask(size, amount, bit)),
    );
  }
  return value;
}

/** Lanes of Rn by the signed low bytes of Rm's: to the left, or to the right if they are negative. */
export function shiftLanes(size: number, isSigned: boolean, n: V128, m: V128): V128 {
  const bits = 8 << size, shift = isSigned ? shrSLanes : shrULanes;
  const amountOf = shrSLanes(size, shlLanes(size, m, const32(bits - 8)), const32(bits - 8));
  // Unsigned, as the opposite of -128 is 128.
  const isWithin = (amount: V128) => greaterU(size, splatBits(size, const64(bits)), amount);
  const past = isSigned ? shrSLanes(size, n, const32(bits - 1)) : zeroQ;
  return bindQ(amountOf, (left) =>
    bindQ(negate(size, left), (right) =>
      bitselect(
        andBits(byEach(size, n, left, shlLanes), isWithin(left)),
        bitselect(byEach(size, n, right, shift), past, isWithin(right)),
        greaterEqualS(size, left, zeroQ),
      )));
}
