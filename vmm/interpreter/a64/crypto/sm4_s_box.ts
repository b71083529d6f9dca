// The S-box of SM4, worked out from its structure: an affine transformation, the inverse in GF(2^8) modulo
// x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1, the same affine transformation again. GB/T 32907-2016 prints the
// table alone; the structure is F. Liu et al., "Analysis of the SMS4 Block Cipher", ACISP 2007.

const POLYNOMIAL = 0x1f5;
const FIRST_ROW = 0xa7;
const CONSTANT = 0xd3;

export const sm4SBox = makeSBox();

/** Bit i is the parity of `value` under the first row rotated left by i, then the constant. */
function affine(value: number): number {
  let result = CONSTANT;
  for (let bit = 0; bit < 8; bit++) {
    let parity = (FIRST_ROW << bit | FIRST_ROW >> 8 - bit) & value;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    result ^= ((parity ^ parity >> 1) & 1) << bit;
  }
  return result;
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product <<= 1;
    if (product & 0x100) product ^= POLYNOMIAL;
    if (b >> bit & 1) product ^= a;
  }
  return product;
}

/** The 254th power: the inverse, and zero for zero. */
function inverse(value: number): number {
  let result = 1;
  for (let bit = 7; bit >= 0; bit--) {
    result = multiply(result, result);
    if (254 >> bit & 1) result = multiply(result, value);
  }
  return result;
}

function makeSBox(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => affine(inverse(affine(value))));
}
