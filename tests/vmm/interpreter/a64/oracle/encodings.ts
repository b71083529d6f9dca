// Instruction words at random that match an encoding as the Arm manual draws it (Arm DDI 0487, "A64 Instruction
// Set Encoding"): 32 positions, the fixed ones 0 or 1, the others a letter for each field.

import type { Random } from "../../../../devices/random.ts";

/** A word is of this encoding when its bits under `mask` are `value`. */
export interface Encoding {
  readonly mask: number;
  readonly value: number;
}

export interface DrawnEncoding extends Encoding {
  /** By letter, where the field's bits are, the highest first. */
  readonly fields: ReadonlyMap<string, readonly number[]>;
}

/** As in "s0001011 hh0mmmmm iiiiiinn nnnddddd": spaces, `|` and `_` mean nothing. Throws `RangeError`. */
export function encoding(drawing: string): DrawnEncoding {
  const positions = [...drawing.replaceAll(/[\s|_]/g, "")];
  if (positions.length !== 32) throw new RangeError(`"${drawing}" has ${positions.length} bits, not 32`);
  const fields = new Map<string, number[]>();
  let mask = 0;
  let value = 0;
  for (const [index, letter] of positions.entries()) {
    const bit = 31 - index;
    if (letter === "0" || letter === "1") {
      mask |= 1 << bit;
      value |= Number(letter) << bit;
    } else {
      fields.set(letter, [...fields.get(letter) ?? [], bit]);
    }
  }
  return { mask: mask >>> 0, value: value >>> 0, fields };
}

/** One word of this encoding. One in four has a stretch of its free bits all ones or all zeroes. */
export function drawWord(random: Random, { mask, value }: Encoding): number {
  let bits = random.word();
  if (random.below(4) === 0) {
    const width = 1 + random.below(16);
    const stretch = ((1 << width) - 1) << random.below(32);
    bits = random.below(2) === 0 ? bits | stretch : bits & ~stretch;
  }
  return (bits & ~mask | value) >>> 0;
}

/** `count` words of this encoding. */
export function drawWords(random: Random, from: Encoding, count: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, () => drawWord(random, from));
}

/** The same encoding with some fields fixed: `withFields(add, { d: 31 })`. Throws `RangeError`. */
export function withFields(from: DrawnEncoding, values: Readonly<Record<string, number>>): DrawnEncoding {
  let { mask, value } = from;
  for (const [letter, fixed] of Object.entries(values)) {
    const positions = from.fields.get(letter);
    if (positions === undefined) throw new RangeError(`there is no field ${letter}`);
    if (fixed < 0 || fixed >= 2 ** positions.length) throw new RangeError(`${fixed} does not fit ${letter}`);
    for (const [index, bit] of positions.entries()) {
      mask |= 1 << bit;
      value = value & ~(1 << bit) | (fixed >>> (positions.length - 1 - index) & 1) << bit;
    }
  }
  return { ...from, mask: mask >>> 0, value: value >>> 0 };
}

/** A field's value in a word: `field(add, "d", 0x8b020020)` is 0. Throws `RangeError`. */
export function field(from: DrawnEncoding, letter: string, word: number): number {
  const positions = from.fields.get(letter);
  if (positions === undefined) throw new RangeError(`there is no field ${letter}`);
  return positions.reduce((sum, bit) => sum * 2 + (word >>> bit & 1), 0);
}
