// Vector registers at random: of a register's elements some are the floating-point values where operations
// differ, of every size (Arm DDI 0487, "The Floating-point formats").

import type { Random } from "../../../../devices/random.ts";

/** Of each format zero, the ends of the denormals and of the normals, infinity and NaNs; a random sign is added. */
const HALF = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x3c01, 0x4200, 0x7bff, 0x7c00, 0x7c01, 0x7e00, 0x7fff];
const SINGLE = [
  0x0000_0000,
  0x0000_0001, // the smallest denormal
  0x007f_ffff, // the largest
  0x0080_0000, // the smallest normal
  0x3f00_0000, // 0.5
  0x3f80_0000, // 1
  0x3fc0_0000, // 1.5
  0x4b00_0001, // 2^23 + 1
  0x4f00_0000, // 2^31
  0x5f00_0000, // 2^63
  0x7f7f_ffff, // the largest
  0x7f80_0000, // infinity
  0x7f80_0001, // a signalling NaN
  0x7fc0_0000, // the default NaN
  0x7fff_ffff, // a quiet NaN
];
const DOUBLE = [
  [0, 0],
  [0, 1], // the smallest denormal
  [0x000f_ffff, 0xffff_ffff], // the largest
  [0x0010_0000, 0], // the smallest normal
  [0x36a0_0000, 0], // the smallest denormal of single precision
  [0x3810_0000, 0], // its smallest normal
  [0x3fe0_0000, 0], // 0.5
  [0x3ff0_0000, 0], // 1
  [0x3ff8_0000, 0], // 1.5
  [0x41e0_0000, 0], // 2^31
  [0x43e0_0000, 0], // 2^63
  [0x47ef_ffff, 0xe000_0000], // the largest of single precision
  [0x7fef_ffff, 0xffff_ffff], // the largest
  [0x7ff0_0000, 0], // infinity
  [0x7ff0_0000, 1], // a signalling NaN
  [0x7ff8_0000, 0], // the default NaN
  [0x7fff_ffff, 0xffff_ffff], // a quiet NaN
] as const;

/** Fills the registers a quadword at a time. */
export function fillVectors(random: Random, v: Uint8Array): void {
  const view = new DataView(v.buffer, v.byteOffset, v.byteLength);
  for (let at = 0; at < v.length; at += 16) fillQuadword(random, view, at);
}

function fillQuadword(random: Random, view: DataView, at: number): void {
  const kind = random.below(8);
  for (let byte = 0; byte < 16; byte += 8) {
    switch (kind) {
      case 0:
        halves(random, view, at + byte);
        break;
      case 1:
      case 2:
        singles(random, view, at + byte);
        break;
      case 3:
      case 4:
        double(random, view, at + byte);
        break;
      case 5: // the ends of each integer's range
        for (let n = 0; n < 8; n++) view.setUint8(at + byte + n, random.of([0, 1, 0x7f, 0x80, 0xff]));
        break;
      default:
        view.setUint32(at + byte, random.word());
        view.setUint32(at + byte + 4, random.word());
    }
  }
}

const sign = (random: Random) => (random.word() & 0x8000_0000) >>> 0;

function halves(random: Random, view: DataView, at: number): void {
  for (let n = 0; n < 8; n += 2) view.setUint16(at + n, random.of(HALF) | sign(random) >>> 16, true);
}

function singles(random: Random, view: DataView, at: number): void {
  for (let n = 0; n < 8; n += 4) view.setUint32(at + n, random.of(SINGLE) | sign(random), true);
}

function double(random: Random, view: DataView, at: number): void {
  const [high, low] = random.of(DOUBLE);
  view.setUint32(at, low, true);
  view.setUint32(at + 4, high | sign(random), true);
}
