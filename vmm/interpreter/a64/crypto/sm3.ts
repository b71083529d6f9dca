// SM3SS1, SM3TT1A, SM3TT1B, SM3TT2A, SM3TT2B, SM3PARTW1, SM3PARTW2: Arm DDI 0487, "Cryptographic SM3"
// (FEAT_SM3), and GB/T 32905-2016. Operands are word indexes of 128-bit registers in a little-endian view of
// them; `imm2` chooses a word of m.

import { choose, majority, parity, rol } from "./words.ts";

const result = new Uint32Array(4);

const permute0 = (x: number) => x ^ rol(x, 9) ^ rol(x, 17);
const permute1 = (x: number) => x ^ rol(x, 15) ^ rol(x, 23);

export function sm3ss1(v: Uint32Array, d: number, n: number, m: number, a: number): void {
  const ss1 = rol(rol(v[n + 3]!, 12) + v[m + 3]! + v[a + 3]! | 0, 7);
  v.fill(0, d, d + 3);
  v[d + 3] = ss1;
}

/** Moves the words down, the third rotated by `by`, and `top` in. */
function shiftIn(v: Uint32Array, d: number, by: number, top: number): void {
  v[d] = v[d + 1]!;
  v[d + 1] = rol(v[d + 2]!, by);
  v[d + 2] = v[d + 3]!;
  v[d + 3] = top;
}

function tt1(v: Uint32Array, d: number, n: number, m: number, imm2: number, f: typeof parity): void {
  const ss2 = v[n + 3]! ^ rol(v[d + 3]!, 12);
  shiftIn(v, d, 9, f(v[d + 3]!, v[d + 2]!, v[d + 1]!) + v[d]! + ss2 + v[m + imm2]! | 0);
}

function tt2(v: Uint32Array, d: number, n: number, m: number, imm2: number, f: typeof parity): void {
  const sum = f(v[d + 3]!, v[d + 2]!, v[d + 1]!) + v[d]! + v[n + 3]! + v[m + imm2]! | 0;
  shiftIn(v, d, 19, permute0(sum));
}

export function sm3tt1a(v: Uint32Array, d: number, n: number, m: number, imm2: number): void {
  tt1(v, d, n, m, imm2, parity);
}

export function sm3tt1b(v: Uint32Array, d: number, n: number, m: number, imm2: number): void {
  tt1(v, d, n, m, imm2, majority);
}

export function sm3tt2a(v: Uint32Array, d: number, n: number, m: number, imm2: number): void {
  tt2(v, d, n, m, imm2, parity);
}

export function sm3tt2b(v: Uint32Array, d: number, n: number, m: number, imm2: number): void {
  tt2(v, d, n, m, imm2, choose);
}

export function sm3partw1(v: Uint32Array, d: number, n: number, m: number): void {
  for (let word = 0; word < 3; word++) {
    result[word] = permute1(v[d + word]! ^ v[n + word]! ^ rol(v[m + word + 1]!, 15));
  }
  result[3] = permute1(v[d + 3]! ^ v[n + 3]! ^ rol(result[0]!, 15));
  v.set(result, d);
}

export function sm3partw2(v: Uint32Array, d: number, n: number, m: number): void {
  const first = v[n]! ^ rol(v[m]!, 7);
  for (let word = 0; word < 4; word++) result[word] = v[d + word]! ^ v[n + word]! ^ rol(v[m + word]!, 7);
  result[3]! ^= permute1(rol(first, 15));
  v.set(result, d);
}
