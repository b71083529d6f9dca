// SHA1C, SHA1P, SHA1M, SHA1H, SHA1SU0, SHA1SU1: Arm DDI 0487, "Cryptographic SHA" (FEAT_SHA1), and
// FIPS 180-4. Operands are word indexes of 128-bit registers in a little-endian view of them.

import { choose, majority, parity, rol } from "./words.ts";

/** Four rounds: a to d in d, e in the first word of n, four words of the schedule (constant added) in m. */
function rounds(v: Uint32Array, d: number, n: number, m: number, f: typeof choose): void {
  let a = v[d]!, b = v[d + 1]!, c = v[d + 2]!, third = v[d + 3]!, e = v[n]!;
  for (let round = 0; round < 4; round++) {
    const next = e + rol(a, 5) + f(b, c, third) + v[m + round]! | 0;
    e = third;
    third = c;
    c = rol(b, 30);
    b = a;
    a = next;
  }
  v[d] = a;
  v[d + 1] = b;
  v[d + 2] = c;
  v[d + 3] = third;
}

export function sha1c(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, d, n, m, choose);
}

export function sha1p(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, d, n, m, parity);
}

export function sha1m(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, d, n, m, majority);
}

export function sha1h(v: Uint32Array, d: number, n: number): void {
  v[d] = rol(v[n]!, 30);
  v.fill(0, d + 1, d + 4);
}

export function sha1su0(v: Uint32Array, d: number, n: number, m: number): void {
  const w0 = v[d]! ^ v[d + 2]! ^ v[m]!;
  const w1 = v[d + 1]! ^ v[d + 3]! ^ v[m + 1]!;
  const w2 = v[d + 2]! ^ v[n]! ^ v[m + 2]!;
  const w3 = v[d + 3]! ^ v[n + 1]! ^ v[m + 3]!;
  v[d] = w0;
  v[d + 1] = w1;
  v[d + 2] = w2;
  v[d + 3] = w3;
}

export function sha1su1(v: Uint32Array, d: number, n: number): void {
  const w0 = rol(v[d]! ^ v[n + 1]!, 1);
  const w1 = rol(v[d + 1]! ^ v[n + 2]!, 1);
  const w2 = rol(v[d + 2]! ^ v[n + 3]!, 1);
  v[d + 3] = rol(v[d + 3]!, 1) ^ rol(w0, 1);
  v[d] = w0;
  v[d + 1] = w1;
  v[d + 2] = w2;
}
