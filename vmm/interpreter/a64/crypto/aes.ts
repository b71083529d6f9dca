// AESE, AESD, AESMC, AESIMC: Arm DDI 0487, "Cryptographic AES" (FEAT_AES), and FIPS 197. Operands are word
// indexes of 128-bit registers in a little-endian view of them; a word is a column of AES's state.

import { aesInvSBox, aesSBox, timesX } from "./aes_s_box.ts";

// A result may go over an operand, so it is collected here first: no call waits or calls back.
const column = new Uint32Array(4);

/** SubBytes, and ShiftRows by `step` columns for each row (1, or 3 for the inverse), of d EOR n, into d. */
function round(v: Uint32Array, d: number, n: number, box: Uint8Array, step: number): void {
  for (let c = 0; c < 4; c++) v[d + c]! ^= v[n + c]!;
  for (let c = 0; c < 4; c++) {
    const row0 = box[v[d + c]! & 0xff]!;
    const row1 = box[v[d + (c + step & 3)]! >>> 8 & 0xff]!;
    const row2 = box[v[d + (c + 2 & 3)]! >>> 16 & 0xff]!;
    const row3 = box[v[d + (c - step & 3)]! >>> 24]!;
    column[c] = row0 | row1 << 8 | row2 << 16 | row3 << 24;
  }
  v.set(column, d);
}

export function aese(v: Uint32Array, d: number, n: number): void {
  round(v, d, n, aesSBox, 1);
}

export function aesd(v: Uint32Array, d: number, n: number): void {
  round(v, d, n, aesInvSBox, 3);
}

const rotateRight = (word: number, by: number) => word >>> by | word << 32 - by;

/** Every byte of the column: twice itself, three times the next, and the two after. */
function mixColumn(word: number): number {
  const twice = timesX(word);
  return twice ^ rotateRight(word ^ twice, 8) ^ rotateRight(word, 16) ^ rotateRight(word, 24);
}

export function aesmc(v: Uint32Array, d: number, n: number): void {
  for (let c = 0; c < 4; c++) v[d + c] = mixColumn(v[n + c]!);
}

/** The inverse matrix is MixColumns' times the circulant (5, 0, 4, 0). */
export function aesimc(v: Uint32Array, d: number, n: number): void {
  for (let c = 0; c < 4; c++) {
    const word = v[n + c]!;
    v[d + c] = mixColumn(word ^ timesX(timesX(word ^ rotateRight(word, 16))));
  }
}
