// SVE's instructions in generated code: what is done with a quadword of each operand, for all the quadwords of
// a vector (Arm DDI 0487, "SVE encodings"). A quadword's operands are read before its result is written.

import { type Fields, type Meaning, predicate, vector } from "../definition.ts";
import type { Target } from "../target.ts";
import { and32, bind32, const32, const64, type I64, sequence, type V128, when } from "../vocabulary.ts";
import { unreachable } from "./simd_class.ts";
import { bitselect } from "./load_store_lanes.ts";

/** The quadword of an operand by its field's name. */
export type Of = (operand: string) => V128;

/** A quadword of the result; what the lanes above the narrow ones are is up to it. */
export type Compute = (size: number, of: Of, form: Fields, t: Target) => V128;

interface Shape {
  /** The fields of the result, which may be read too, and of the other operands. */
  readonly operands: readonly string[];
  /** For which there is code; in other sizes `run` does it. Or the one size that there is. */
  readonly sizes: readonly number[] | number;
  /** Fields beside `size` that the code depends on. */
  readonly forms?: readonly string[];
  /** The result is written to lanes that are active in `Pg` alone; of their size, or this much wider. */
  readonly isMerging?: boolean;
  readonly immediate?: (fields: Fields) => number | bigint;
}

const operandOf = (name: string) => [name, name.startsWith("P") ? predicate(name) : vector(name)] as const;

/** The part of a definition that its generated code needs. */
export function quadwords(shape: Shape, compute: Compute): Pick<Meaning, "operands" | "forms" | "emit"> {
  const { operands, sizes, forms = [], isMerging = false, immediate } = shape;
  const result = operands[0]!, isSized = typeof sizes !== "number";
  const names = isMerging ? [...operands, "Pg"] : operands;
  return {
    operands: Object.fromEntries(names.map(operandOf)),
    forms: isSized ? ["size", ...forms] : forms,
    ...(immediate && { immediate }),
    emit(t, form) {
      const size = isSized ? form.size! : sizes;
      if (isSized && !sizes.includes(size)) return unreachable;
      return t.eachQuadword(({ z, setZ, mask }) => {
        const value = compute(size, z, form, t);
        return setZ(result, isMerging ? bitselect(value, z(result), mask("Pg", size)) : value);
      });
    },
  };
}

/** A lane of the result, from the lanes of the operands at its place, extended by zeroes; its low bits count. */
export type ComputeLane = (size: number, of: (operand: string) => I64) => I64;

/** What WebAssembly has no instruction on whole quadwords for: one lane after the other. */
export function laneByLane(
  shape: Omit<Shape, "immediate">,
  compute: ComputeLane,
): Pick<Meaning, "operands" | "forms" | "emit"> {
  const { operands, sizes, forms = [], isMerging = false } = shape;
  const result = operands[0]!, isSized = typeof sizes !== "number";
  return {
    operands: Object.fromEntries((isMerging ? [...operands, "Pg"] : operands).map(operandOf)),
    forms: isSized ? ["size", ...forms] : forms,
    emit(t, form) {
      const size = isSized ? form.size! : sizes;
      if (isSized && !sizes.includes(size)) return unreachable;
      const bytes = Array.from({ length: 16 >> size }, (_, lane) => lane << size);
      return t.eachQuadword(({ lane, setLane, bits }) => {
        const each = (byte: number) => {
          const at = const64(byte);
          return setLane(result, size, at, compute(size, (operand) => lane(operand, size, at)));
        };
        if (!isMerging) return sequence(...bytes.map(each));
        return bind32(
          bits("Pg"),
          (active) => sequence(...bytes.map((byte) => when(and32(active, const32(1 << byte)), each(byte)))),
        );
      });
    },
  };
}

/** In sizes that are not among these the meaning's `run` does it. */
export const orRun = (sizes: readonly number[], { emit, ...rest }: ReturnType<typeof quadwords>) => ({
  ...rest,
  emit: (t: Target, form: Fields) => sizes.includes(form.size!) ? emit!(t, form) : t.fallBack(),
});
