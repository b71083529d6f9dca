// CRC32B to CRC32X and CRC32CB to CRC32CX: Arm DDI 0487, "CRC32" (FEAT_CRC32). The accumulator is neither
// inverted before nor after, as the instructions have it. Bits are reflected, so a table lookup does a byte.

function table(reflectedPolynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ -(crc & 1) & reflectedPolynomial;
    return crc;
  });
}

const crc32Table = table(0xedb88320); // 0x04c11db7 reflected
const crc32cTable = table(0x82f63b78); // 0x1edc6f41 reflected

function update(bytesOf: Uint32Array, accumulator: number, low: number, high: number, bytes: number): number {
  let crc = accumulator;
  for (let byte = 0; byte < bytes; byte++) {
    const value = (byte < 4 ? low : high) >>> 8 * (byte & 3);
    crc = bytesOf[(crc ^ value) & 0xff]! ^ crc >>> 8;
  }
  return crc >>> 0;
}

/** 32 bits, unsigned. The `bytes` (1, 2, 4, 8) are in `low` from bit 0 on, the upper four of 8 in `high`. */
export function crc32(accumulator: number, low: number, high: number, bytes: number): number {
  return update(crc32Table, accumulator, low, high, bytes);
}

export function crc32c(accumulator: number, low: number, high: number, bytes: number): number {
  return update(crc32cTable, accumulator, low, high, bytes);
}
