// Sums and differences halved, without the bit that they would have more (Arm DDI 0487, "SHADD", "SRHADD",
// "SHSUB").

import {
  addLanes,
  andBits,
  andNot,
  orBits,
  shrSLanes,
  shrULanes,
  subLanes,
  xorBits,
} from "../simd_vocabulary.ts";
import { const32, type V128 } from "../vocabulary.ts";

const halfOfDifferentBits = (size: number, isSigned: boolean, n: V128, m: V128) =>
  (isSigned ? shrSLanes : shrULanes)(size, xorBits(n, m), const32(1));

type Halving = (size: number, isSigned: boolean, n: V128, m: V128) => V128;

export const halvingSum: Halving = (size, isSigned, n, m) =>
  addLanes(size, andBits(n, m), halfOfDifferentBits(size, isSigned, n, m));

export const roundingHalvingSum: Halving = (size, isSigned, n, m) =>
  subLanes(size, orBits(n, m), halfOfDifferentBits(size, isSigned, n, m));

export const halvingDifference: Halving = (size, isSigned, n, m) =>
  subLanes(size, halfOfDifferentBits(size, isSigned, n, m), andNot(m, n));
