// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD three same
// extra" and "Advanced SIMD scalar three same extra": SQRDMLAH and SQRDMLSH.

import { type Definition, instruction } from "../definition.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { roundingDoublingMultiply } from "./simd_by_element.ts";
import { doubling, hasScalarSize, hasSize, type OfThree, runTwo } from "./simd_class.ts";
import { accumulatedHigh } from "./simd_lane_arithmetic.ts";

const high = (name: string, opcode: string, sign: bigint): Definition[] => {
  const compute: OfThree = (n, m, d, lane) => accumulatedHigh(n, m, d, lane, sign);
  return [
    instruction(`${name} (vector)`, `0 Q:1 1 01110 size:2 0 Rm:5 1 ${opcode} 1 Rn:5 Rd:5`, {
      uses: "fp",
      needs: roundingDoublingMultiply,
      valid: hasSize(doubling),
      assembly: ({ Rd, Rn, Rm, size, Q }) =>
        `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => vectorName(n, size!, Q!)).join(", ")}`,
      run: runTwo(true, false, compute),
    }),
    instruction(`${name} (scalar)`, `01 1 11110 size:2 0 Rm:5 1 ${opcode} 1 Rn:5 Rd:5`, {
      uses: "fp",
      needs: roundingDoublingMultiply,
      valid: hasScalarSize(doubling),
      assembly: ({ Rd, Rn, Rm, size }) =>
        `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => scalarName(n, size!)).join(", ")}`,
      run: runTwo(true, true, compute),
    }),
  ];
};

export const simdThreeSameExtra: readonly Definition[] = [
  ...high("SQRDMLAH", "0000", 1n),
  ...high("SQRDMLSH", "0001", -1n),
];
