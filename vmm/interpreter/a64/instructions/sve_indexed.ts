// Which lane of each quadword of Zm goes with all the lanes of the quadword: where the encodings have its
// number (Arm DDI 0487, "SVE encodings", "SVE Multiply - Indexed"). Zm has the bits that are left.

import type { Cpu } from "../cpu.ts";
import type { Fields } from "../definition.ts";
import { splatLane } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import { laneOf } from "./sve_registers.ts";

export interface Indexing {
  /** Of the lanes that are numbered. */
  readonly size: number;
  /** Bits 23 to 16. */
  readonly encoding: string;
  /** Bit 11, where it is the number's lowest. */
  readonly low?: string;
  readonly index: (fields: Fields) => number;
}

/** Lanes as wide as the result's. */
export const sameWidth: readonly Indexing[] = [
  { size: 1, encoding: "0 i3h:1 1 i3l:2 Zm:3", index: ({ i3h, i3l }) => i3h! << 2 | i3l! },
  { size: 2, encoding: "10 1 i2:2 Zm:3", index: ({ i2 }) => i2! },
  { size: 3, encoding: "11 1 i1:1 Zm:4", index: ({ i1 }) => i1! },
];
/** Half as wide as the result's. */
export const halfWidth: readonly Indexing[] = [
  { size: 1, encoding: "10 1 i3h:2 Zm:3", low: "i3l:1", index: ({ i3h, i3l }) => i3h! << 1 | i3l! },
  { size: 2, encoding: "11 1 i2h:1 Zm:4", low: "i2l:1", index: ({ i2h, i2l }) => i2h! << 1 | i2l! },
];
/** A pair of lanes, or all that one lane of the result is of, by its width. */
export const groups = {
  words: { size: 2, encoding: "10 1 i2:2 Zm:3", index: ({ i2 }: Fields) => i2! },
  doublewords: { size: 3, encoding: "11 1 i1:1 Zm:4", index: ({ i1 }: Fields) => i1! },
} satisfies Record<string, Indexing>;

/** Of an operand's quadword that lane in all places; the immediate is what `byteOf` says. */
export const splatIndexed = (t: Target, { size }: Indexing, quadword: V128): V128 =>
  splatLane(size, quadword, t.immediate());
export const byteOf = ({ size, index }: Indexing) => (f: Fields) => index(f) << size;

/** The lane of Zm that goes with a lane of the same size. */
export const elementOf = (cpu: Cpu, f: Fields, { size, index }: Indexing, lane: number, isSigned = false) =>
  laneOf(cpu, f.Zm!, size, lane - lane % (16 >> size) + index(f), isSigned);
