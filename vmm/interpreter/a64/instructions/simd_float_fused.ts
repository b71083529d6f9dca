// Fast paths of FMLA and FMLS, of vectors and by element: lane by lane what float_fused.ts does, if it can of
// all lanes, else the reference (Arm DDI 0487, "FMLA (vector)", "FMLA (by element)", "FMLS (vector)", "FMLS
// (by element)").

import { type Fields, type Meaning, type Operand, vector } from "../definition.ts";
import { bindQ } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { and32, type V128, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { fused } from "./float_fused.ts";
import { type F, fneg, isPlain, laneAt, withLane, zeroVector } from "./float_vocabulary.ts";

function emit(t: Target, { sz, Q }: Fields, negates: boolean, isByElement: boolean): Statement {
  const type = sz!, lanes = (2 << Q!) >> type;
  const factor = (value: F) => negates ? fneg(type, value) : value;
  return bindQ(t.q("Rd"), (d) =>
    bindQ(t.q("Rn"), (n) =>
      bindQ(t.q("Rm"), (m) => {
        const from = (lane: number, result: V128, allowed = isPlain(t)): Statement => {
          if (lane === lanes) return when(allowed, t.setQ("Rd", result), t.fallBack());
          const second = laneAt(type, m, isByElement ? 0 : lane);
          const first = factor(laneAt(type, n, lane));
          return fused(
            t,
            type,
            laneAt(type, d, lane),
            first,
            second,
            // What the condition of a lane depends on is held until the last lane's code.
            (here, value) =>
              bindQ(
                withLane(type, result, lane, value),
                (next) => from(lane + 1, next, and32(allowed, here)),
              ),
          );
        };
        return from(0, zeroVector);
      })));
}

const meaning = (Rm: Operand, negates: boolean, isByElement: boolean): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn"), Rm },
  forms: ["sz", "Q"],
  emit: (t, form) => emit(t, form, negates, isByElement),
});

export const fastFusedLanes = (negates: boolean) => meaning(vector("Rm"), negates, false);

/** @param element where the element lies */
export const fastFusedByElement = (negates: boolean, element: Operand) => meaning(element, negates, true);
