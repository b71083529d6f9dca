// EOR3, BCAX, RAX1, XAR: Arm DDI 0487, "Cryptographic SHA3" (FEAT_SHA3), and FIPS 202. Operands are word
// indexes of 128-bit registers in a little-endian view of them.

const result = new Uint32Array(4);

export function eor3(v: Uint32Array, d: number, n: number, m: number, a: number): void {
  for (let word = 0; word < 4; word++) v[d + word] = v[n + word]! ^ v[m + word]! ^ v[a + word]!;
}

export function bcax(v: Uint32Array, d: number, n: number, m: number, a: number): void {
  for (let word = 0; word < 4; word++) v[d + word] = v[n + word]! ^ v[m + word]! & ~v[a + word]!;
}

export function rax1(v: Uint32Array, d: number, n: number, m: number): void {
  for (let low = 0; low < 4; low += 2) {
    const mLow = v[m + low]!, mHigh = v[m + low + 1]!;
    result[low] = v[n + low]! ^ (mLow << 1 | mHigh >>> 31);
    result[low + 1] = v[n + low + 1]! ^ (mHigh << 1 | mLow >>> 31);
  }
  v.set(result, d);
}

/** `imm6`: how far right each 64 bits are rotated. */
export function xar(v: Uint32Array, d: number, n: number, m: number, imm6: number): void {
  const by = imm6 & 31;
  for (let low = 0; low < 4; low += 2) {
    const eorLow = v[n + low]! ^ v[m + low]!, eorHigh = v[n + low + 1]! ^ v[m + low + 1]!;
    const first = imm6 & 32 ? eorHigh : eorLow, second = imm6 & 32 ? eorLow : eorHigh;
    result[low] = by ? first >>> by | second << 32 - by : first;
    result[low + 1] = by ? second >>> by | first << 32 - by : second;
  }
  v.set(result, d);
}
