// PMUL, PMULL and PMULL2, products of polynomials over {0, 1}: Arm DDI 0487, "PMULL, PMULL2" (Advanced SIMD;
// the 64-bit form is FEAT_PMULL) and the shared pseudocode "PolynomialMult". Operands are word indexes of
// 128-bit registers in a little-endian view of them.

const result = new Uint32Array(4);

/** Two polynomials of 8 bits, their product of 15. */
function multiplyBytes(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) product ^= -(a >> bit & 1) & b << bit;
  return product;
}

const byteOf = (v: Uint32Array, at: number, byte: number) => v[at + (byte >> 2)]! >>> 8 * (byte & 3) & 0xff;

/** PMUL Vd.16B: the low byte of each product. The 8B form is the same with the upper half then cleared. */
export function pmul(v: Uint32Array, d: number, n: number, m: number): void {
  for (let word = 0; word < 4; word++) {
    let bytes = 0;
    for (let byte = 4 * word; byte < 4 * word + 4; byte++) {
      const product = multiplyBytes(byteOf(v, n, byte), byteOf(v, m, byte)) & 0xff;
      bytes |= product << 8 * (byte & 3);
    }
    result[word] = bytes;
  }
  v.set(result, d);
}

/** PMULL Vd.8H, Vn.8B, Vm.8B; PMULL2 takes the upper halves. */
function pmull8From(first: number, v: Uint32Array, d: number, n: number, m: number): void {
  for (let word = 0; word < 4; word++) {
    const byte = first + 2 * word;
    const even = multiplyBytes(byteOf(v, n, byte), byteOf(v, m, byte));
    const odd = multiplyBytes(byteOf(v, n, byte + 1), byteOf(v, m, byte + 1));
    result[word] = even | odd << 16;
  }
  v.set(result, d);
}

export function pmull8(v: Uint32Array, d: number, n: number, m: number): void {
  pmull8From(0, v, d, n, m);
}

export function pmull2_8(v: Uint32Array, d: number, n: number, m: number): void {
  pmull8From(8, v, d, n, m);
}

/** Exclusive-ors the product of two words into two words of the result from `at` on. */
function addProduct(at: number, a: number, b: number): void {
  let low = -(a & 1) & b;
  let high = 0;
  for (let bit = 1; bit < 32; bit++) {
    const chosen = -(a >>> bit & 1) & b;
    low ^= chosen << bit;
    high ^= chosen >>> 32 - bit;
  }
  result[at]! ^= low;
  result[at + 1]! ^= high;
}

/** PMULL Vd.1Q, Vn.1D, Vm.1D; PMULL2 takes the upper halves. */
function pmull64From(first: number, v: Uint32Array, d: number, n: number, m: number): void {
  const n0 = v[n + first]!, n1 = v[n + first + 1]!;
  const m0 = v[m + first]!, m1 = v[m + first + 1]!;
  result.fill(0);
  addProduct(0, n0, m0);
  addProduct(1, n0, m1);
  addProduct(1, n1, m0);
  addProduct(2, n1, m1);
  v.set(result, d);
}

export function pmull64(v: Uint32Array, d: number, n: number, m: number): void {
  pmull64From(0, v, d, n, m);
}

export function pmull2_64(v: Uint32Array, d: number, n: number, m: number): void {
  pmull64From(2, v, d, n, m);
}
