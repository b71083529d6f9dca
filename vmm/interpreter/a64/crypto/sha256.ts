// SHA256H, SHA256H2, SHA256SU0, SHA256SU1: Arm DDI 0487, "Cryptographic SHA" (FEAT_SHA256), shared pseudocode
// "SHA256hash", and FIPS 180-4. Operands are word indexes of 128-bit registers in a little-endian
// view of them.

import { choose, majority, rol } from "./words.ts";

const hashSigma0 = (x: number) => rol(x, 30) ^ rol(x, 19) ^ rol(x, 10);
const hashSigma1 = (x: number) => rol(x, 26) ^ rol(x, 21) ^ rol(x, 7);
const scheduleSigma0 = (x: number) => rol(x, 25) ^ rol(x, 14) ^ x >>> 3;
const scheduleSigma1 = (x: number) => rol(x, 15) ^ rol(x, 13) ^ x >>> 10;

/** a to d, then e to h. */
const state = new Uint32Array(8);
const schedule = new Uint32Array(4);

/** Four rounds; `abcd`, `efgh` and the schedule's words (constant added) are registers. The result: `state`. */
function rounds(v: Uint32Array, abcd: number, efgh: number, m: number): void {
  for (let word = 0; word < 4; word++) {
    state[word] = v[abcd + word]!;
    state[word + 4] = v[efgh + word]!;
  }
  for (let round = 0; round < 4; round++) {
    const chosen = choose(state[4]!, state[5]!, state[6]!);
    const t = state[7]! + hashSigma1(state[4]!) + chosen + v[m + round]! | 0;
    const e = state[3]! + t;
    const a = t + hashSigma0(state[0]!) + majority(state[0]!, state[1]!, state[2]!);
    state.copyWithin(1, 0, 7);
    state[0] = a;
    state[4] = e;
  }
}

export function sha256h(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, d, n, m);
  for (let word = 0; word < 4; word++) v[d + word] = state[word]!;
}

export function sha256h2(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, n, d, m);
  for (let word = 0; word < 4; word++) v[d + word] = state[word + 4]!;
}

export function sha256su0(v: Uint32Array, d: number, n: number): void {
  const following = v[n]!;
  for (let word = 0; word < 3; word++) v[d + word]! += scheduleSigma0(v[d + word + 1]!);
  v[d + 3]! += scheduleSigma0(following);
}

export function sha256su1(v: Uint32Array, d: number, n: number, m: number): void {
  schedule[0] = v[d]! + v[n + 1]! + scheduleSigma1(v[m + 2]!);
  schedule[1] = v[d + 1]! + v[n + 2]! + scheduleSigma1(v[m + 3]!);
  schedule[2] = v[d + 2]! + v[n + 3]! + scheduleSigma1(schedule[0]!);
  schedule[3] = v[d + 3]! + v[m]! + scheduleSigma1(schedule[1]!);
  v.set(schedule, d);
}
