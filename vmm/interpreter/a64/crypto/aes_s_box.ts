// The S-boxes of AES, worked out from their definition: FIPS 197, "SubBytes()": the inverse in GF(2^8), then
// an affine transformation.

/** Four bytes, each times x modulo x^8 + x^4 + x^3 + x + 1. */
export function timesX(bytes: number): number {
  return (bytes & 0x7f7f7f7f) << 1 ^ (bytes >>> 7 & 0x01010101) * 0x1b;
}

export const aesSBox = new Uint8Array(256);
export const aesInvSBox = new Uint8Array(256);

/** Walks all powers of the generator x + 1 and, beside them, their inverses. */
function fill(): void {
  const powers: number[] = [1];
  for (let n = 1; n < 255; n++) powers.push((timesX(powers[n - 1]!) ^ powers[n - 1]!) & 0xff);
  set(0, 0);
  powers.forEach((power, n) => set(power, powers[(255 - n) % 255]!));
}

function set(value: number, inverse: number): void {
  const twice = inverse | inverse << 8; // rotations of a byte are windows of it
  const result = (inverse ^ twice >> 7 ^ twice >> 6 ^ twice >> 5 ^ twice >> 4 ^ 0x63) & 0xff;
  aesSBox[value] = result;
  aesInvSBox[result] = value;
}

fill();
