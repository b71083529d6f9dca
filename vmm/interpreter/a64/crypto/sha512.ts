// SHA512H, SHA512H2, SHA512SU0, SHA512SU1: Arm DDI 0487, "Cryptographic SHA" (FEAT_SHA512), and FIPS 180-4.
// Operands are word indexes of 128-bit registers in a little-endian view of them. A 64-bit value is two
// words; of a function of one that only rotates, the low word is the same function's high word with the two swapped.

import { choose, majority } from "./words.ts";

/** The high word of high : low rotated right by 1 to 31; for 33 to 63 swap the words and take off 32. */
const ror = (high: number, low: number, by: number) => high >>> by | low << 32 - by;

const hashSigma0 = (h: number, l: number) => ror(h, l, 28) ^ ror(l, h, 34 - 32) ^ ror(l, h, 39 - 32);
const hashSigma1 = (h: number, l: number) => ror(h, l, 14) ^ ror(h, l, 18) ^ ror(l, h, 41 - 32);

const result = new Uint32Array(4);

/** To the 64 bits at `to` of the result adds high : low. */
function add(to: number, low: number, high: number): void {
  const sum = result[to]! + (low >>> 0);
  result[to] = sum;
  result[to + 1]! += high + (sum > 0xffffffff ? 1 : 0);
}

function addHashSigma0(to: number, low: number, high: number): void {
  add(to, hashSigma0(low, high), hashSigma0(high, low));
}

function addHashSigma1(to: number, low: number, high: number): void {
  add(to, hashSigma1(low, high), hashSigma1(high, low));
}

/** ROR 1, ROR 8, SHR 7. */
function addScheduleSigma0(to: number, low: number, high: number): void {
  const shiftedLow = low >>> 7 | high << 25;
  add(
    to,
    ror(low, high, 1) ^ ror(low, high, 8) ^ shiftedLow,
    ror(high, low, 1) ^ ror(high, low, 8) ^ high >>> 7,
  );
}

/** ROR 19, ROR 61, SHR 6. */
function addScheduleSigma1(to: number, low: number, high: number): void {
  const shiftedLow = low >>> 6 | high << 26;
  add(
    to,
    ror(low, high, 19) ^ ror(high, low, 29) ^ shiftedLow,
    ror(high, low, 19) ^ ror(low, high, 29) ^ high >>> 6,
  );
}

function load(v: Uint32Array, at: number): void {
  for (let word = 0; word < 4; word++) result[word] = v[at + word]!;
}

export function sha512h(v: Uint32Array, d: number, n: number, m: number): void {
  const y0 = v[m]!, y1 = v[m + 1]!, y2 = v[m + 2]!, y3 = v[m + 3]!;
  const x0 = v[n]!, x1 = v[n + 1]!;
  load(v, d);
  addHashSigma1(2, y2, y3);
  add(2, choose(y2, x0, v[n + 2]!), choose(y3, x1, v[n + 3]!));
  const upperLow = result[2]!, upperHigh = result[3]!;
  add(2, y0, y1); // tmp, from which the lower half comes
  const tmpLow = result[2]!, tmpHigh = result[3]!;
  addHashSigma1(0, tmpLow, tmpHigh);
  add(0, choose(tmpLow, y2, x0), choose(tmpHigh, y3, x1));
  result[2] = upperLow;
  result[3] = upperHigh;
  v.set(result, d);
}

export function sha512h2(v: Uint32Array, d: number, n: number, m: number): void {
  const y0 = v[m]!, y1 = v[m + 1]!, y2 = v[m + 2]!, y3 = v[m + 3]!;
  load(v, d);
  addHashSigma0(2, y0, y1);
  add(2, majority(v[n]!, y2, y0), majority(v[n + 1]!, y3, y1));
  const upperLow = result[2]!, upperHigh = result[3]!;
  addHashSigma0(0, upperLow, upperHigh);
  add(0, majority(upperLow, y0, y2), majority(upperHigh, y1, y3));
  v.set(result, d);
}

export function sha512su0(v: Uint32Array, d: number, n: number): void {
  const next = v[d + 2]!, nextHigh = v[d + 3]!;
  const x0 = v[n]!, x1 = v[n + 1]!;
  load(v, d);
  addScheduleSigma0(0, next, nextHigh);
  addScheduleSigma0(2, x0, x1);
  v.set(result, d);
}

export function sha512su1(v: Uint32Array, d: number, n: number, m: number): void {
  load(v, d);
  addScheduleSigma1(0, v[n]!, v[n + 1]!);
  addScheduleSigma1(2, v[n + 2]!, v[n + 3]!);
  add(0, v[m]!, v[m + 1]!);
  add(2, v[m + 2]!, v[m + 3]!);
  v.set(result, d);
}
