// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD across lanes",
// and of "Advanced SIMD scalar pairwise" the sum: integers.

import { type Definition, type Fields, instruction } from "../definition.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { addLanes, bindQ, keepLow, maxS, maxU, minS, minU, rearrange, widen } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { oneVector, unreachable } from "./simd_class.ts";

export type Combine = (size: number, a: V128, b: V128) => V128;

/** Folds the upper half of so many bytes onto the lower, until one lane is left, the lowest. */
export function fold(size: number, value: V128, bytes: number, combine: Combine): V128 {
  if (bytes <= 1 << size) return value;
  const half = bytes / 2;
  const folded = bindQ(
    value,
    (once) => combine(size, once, rearrange(once, (byte) => byte < half ? byte + half : byte)),
  );
  return fold(size, folded, half, combine);
}

/** Of 32 bits four lanes at least. */
const isValid = ({ size, Q }: Fields) => size! < 2 || size === 2 && Q === 1;

const across = (name: string, U: 0 | 1, opcode: string, isLong: boolean, combine: Combine) =>
  instruction(name, `0 Q:1 ${U} 01110 size:2 11000 ${opcode} 10 Rn:5 Rd:5`, {
    operands: oneVector,
    forms: ["size", "Q"],
    uses: "fp",
    valid: isValid,
    assembly: ({ Rd, Rn, size, Q }) =>
      `${name.toLowerCase()} ${scalarName(Rd!, size! + (isLong ? 1 : 0))}, ${vectorName(Rn!, size!, Q!)}`,
    emit: (t, form) => {
      const size = form.size!;
      if (!isValid(form)) return unreachable;
      const width = form.Q ? 16 : 8;
      if (!isLong) return t.setQ("Rd", keepLow(1 << size, fold(size, t.q("Rn"), width, combine)));
      const part = (isUpper: boolean) => widen(size + 1, t.q("Rn"), U === 0, isUpper);
      const sums = form.Q ? addLanes(size + 1, part(false), part(true)) : part(false);
      return t.setQ("Rd", keepLow(2 << size, fold(size + 1, sums, 16, combine)));
    },
  });

const pairwiseSum = instruction("ADDP (scalar)", "01 0 11110 11 11000 11011 10 Rn:5 Rd:5", {
  operands: oneVector,
  uses: "fp",
  assembly: ({ Rd, Rn }) => `addp d${Rd}, ${vectorName(Rn!, 3, 1)}`,
  emit: (t) => t.setQ("Rd", keepLow(8, fold(3, t.q("Rn"), 16, addLanes))),
});

export const simdAcrossLanes: readonly Definition[] = [
  across("SADDLV", 0, "00011", true, addLanes),
  across("UADDLV", 1, "00011", true, addLanes),
  across("SMAXV", 0, "01010", false, maxS),
  across("UMAXV", 1, "01010", false, maxU),
  across("SMINV", 0, "11010", false, minS),
  across("UMINV", 1, "11010", false, minU),
  across("ADDV", 0, "11011", false, addLanes),
  pairwiseSum,
];
