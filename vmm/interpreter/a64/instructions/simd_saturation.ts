// Saturation in generated code: results that did not fit, and FPSR.QC, which is set where a result is another
// than that of modular arithmetic (Arm DDI 0487, shared pseudocode "SatQ").

import { cpuWord } from "../cpu_layout.ts";
import {
  addLanes,
  andBits,
  andNot,
  anyBit,
  bindQ,
  greaterS,
  greaterU,
  orBits,
  shrSLanes,
  splatBits,
  subLanes,
  xorBits,
} from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { const32, const64, or32, shl32, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { bitselect } from "./load_store_lanes.ts";

/** FPSR.QC, log2. */
const QC = 27;

/** A result of modular arithmetic and the one that fits. */
type Use = (saturated: V128, modular: V128) => Statement;

/** Sets FPSR.QC where the two differ. */
export const noteSaturation = (t: Target, saturated: V128, modular: V128): Statement =>
  t.setState32(
    cpuWord.fpsr,
    or32(t.state32(cpuWord.fpsr), shl32(anyBit(xorBits(saturated, modular)), const32(QC))),
  );

/** With both results computed. */
const useBoth = (modular: V128, saturate: (modular: V128) => V128, use: Use): Statement =>
  bindQ(modular, (wrapped) => bindQ(saturate(wrapped), (saturated) => use(saturated, wrapped)));

/** All ones where the lane's highest bit is set. */
const signMask = (size: number, a: V128) => shrSLanes(size, a, const32((8 << size) - 1));
const greatest = (size: number) => splatBits(size, const64((1n << BigInt((8 << size) - 1)) - 1n));

/** The limit on `a`'s side where the signs in `overflow` say so. */
const signedLimit = (size: number, a: V128, modular: V128, overflow: V128) =>
  bitselect(xorBits(signMask(size, a), greatest(size)), modular, signMask(size, overflow));

export const saturatingSum = (size: number, isSigned: boolean, a: V128, b: V128, use: Use): Statement =>
  useBoth(addLanes(size, a, b), (sum) => {
    if (!isSigned) return orBits(sum, greaterU(size, a, sum));
    return signedLimit(size, a, sum, andBits(xorBits(a, sum), xorBits(b, sum)));
  }, use);

export const saturatingDifference = (
  size: number,
  isSigned: boolean,
  a: V128,
  b: V128,
  use: Use,
): Statement =>
  useBoth(subLanes(size, a, b), (difference) => {
    if (!isSigned) return andNot(difference, greaterU(size, b, a));
    return signedLimit(size, a, difference, andBits(xorBits(a, b), xorBits(a, difference)));
  }, use);

/**
 * Limits numbers, signed or not, to those of half the width, signed or not. Unsigned ones are no less than 0.
 */
export function limitToHalf(
  size: number,
  isSigned: boolean,
  givesSigned: boolean,
  value: V128,
  use: Use,
): Statement {
  const bits = BigInt(4 << size);
  const most = splatBits(size, const64((1n << (givesSigned ? bits - 1n : bits)) - 1n));
  const least = splatBits(size, const64(givesSigned ? -(1n << bits - 1n) : 0n));
  const greater = isSigned ? greaterS : greaterU;
  return useBoth(value, (modular) => {
    const below = bitselect(most, modular, greater(size, modular, most));
    return isSigned ? bitselect(least, below, greaterS(size, least, modular)) : below;
  }, use);
}
