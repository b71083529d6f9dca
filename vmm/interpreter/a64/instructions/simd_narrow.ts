// Results of half the width: XTN and its like write the lower half of Rd and clear the upper one, XTN2 writes the
// upper one and keeps the lower (Arm DDI 0487, shared pseudocode "Vpart").

import type { Cpu } from "../cpu.ts";
import type { Fields } from "../definition.ts";
import { clearAbove, Lane, putLanes } from "../simd_lanes.ts";
import { everySecond, keepLow, pick } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

/** @param wide has the results in its even lanes of the narrow size; or in the odd ones */
export function setNarrow(t: Target, { size, Q }: Fields, wide: V128, isOdd: boolean): Statement {
  const narrow = everySecond(size!, wide, wide, isOdd);
  return t.setQ(
    "Rd",
    Q ? pick(t.q("Rd"), narrow, (byte) => byte < 8 ? byte : 16 + byte) : keepLow(8, narrow),
  );
}

/** @param bits of the results; those saturate to signed numbers or unsigned ones */
export function runNarrow(
  cpu: Cpu,
  { Rd, Q }: Fields,
  bits: number,
  isSigned: boolean,
  isScalar: boolean,
  compute: (index: number, lane: Lane) => bigint,
) {
  const lane = new Lane(bits, isSigned);
  const count = isScalar ? 1 : 64 / bits;
  const values = Array.from({ length: count }, (_, index) => compute(index, lane));
  const first = Q && !isScalar ? count : 0;
  clearAbove(cpu, Rd!, first * bits / 8);
  putLanes(cpu, Rd!, bits, values, first);
  lane.report(cpu);
}
