// SQDMULL, SQDMLAL, SQDMLSL: doubled products twice as wide, added and subtracted with saturation at each
// step (Arm DDI 0487, "SQDMLAL, SQDMLAL2").

import type { Lane } from "../simd_lanes.ts";

export interface Accumulation {
  readonly name: string;
  /** Of "three different". */
  readonly opcode: string;
  /** Of "vector x indexed element". */
  readonly indexedOpcode: string;
  readonly accumulate: (d: bigint, product: bigint) => bigint;
}

export const accumulations: readonly Accumulation[] = [
  { name: "SQDMLAL", opcode: "1001", indexedOpcode: "0011", accumulate: (d, product) => d + product },
  { name: "SQDMLSL", opcode: "1011", indexedOpcode: "0111", accumulate: (d, product) => d - product },
  { name: "SQDMULL", opcode: "1101", indexedOpcode: "1011", accumulate: (_, product) => product },
];

export const accumulateDoubled = (
  { accumulate }: Accumulation,
  n: bigint,
  m: bigint,
  d: bigint,
  lane: Lane,
) => lane.fit(accumulate(d, lane.fit(2n * n * m)));
