// SM4E and SM4EKEY: Arm DDI 0487, "Cryptographic SM4" (FEAT_SM4), and GB/T 32907-2016. Operands are word
// indexes of 128-bit registers in a little-endian view of them.

import { sm4SBox } from "./sm4_s_box.ts";
import { rol } from "./words.ts";

const state = new Uint32Array(4);

function substitute(word: number): number {
  return sm4SBox[word & 0xff]! | sm4SBox[word >>> 8 & 0xff]! << 8 |
    sm4SBox[word >>> 16 & 0xff]! << 16 | sm4SBox[word >>> 24]! << 24;
}

const mixData = (x: number) => x ^ rol(x, 2) ^ rol(x, 10) ^ rol(x, 18) ^ rol(x, 24);
const mixKey = (x: number) => x ^ rol(x, 13) ^ rol(x, 23);

/** Four rounds on the register `from`, with the words of `keys`, into d. */
function rounds(v: Uint32Array, d: number, from: number, keys: number, mix: typeof mixData): void {
  for (let word = 0; word < 4; word++) state[word] = v[from + word]!;
  for (let round = 0; round < 4; round++) {
    const mixed = mix(substitute(state[3]! ^ state[2]! ^ state[1]! ^ v[keys + round]!));
    const next = mixed ^ state[0]!;
    state.copyWithin(0, 1);
    state[3] = next;
  }
  v.set(state, d);
}

export function sm4e(v: Uint32Array, d: number, n: number): void {
  rounds(v, d, d, n, mixData);
}

export function sm4ekey(v: Uint32Array, d: number, n: number, m: number): void {
  rounds(v, d, n, m, mixKey);
}
