// SQADD, UQADD, SQSUB, UQSUB of "Advanced SIMD three same" and its scalar class (Arm DDI 0487, "Data
// Processing -- Scalar Floating-Point and Advanced SIMD").

import { type Definition, instruction } from "../definition.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { keepLow } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { sequence } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { allSizes, hasSize, twoVectors } from "./simd_class.ts";
import { noteSaturation, saturatingDifference, saturatingSum } from "./simd_saturation.ts";

type Operation = typeof saturatingSum;

/** Of so many low bytes. */
const emit = (t: Target, operation: Operation, size: number, isSigned: boolean, bytes: number): Statement =>
  operation(
    size,
    isSigned,
    t.q("Rn"),
    t.q("Rm"),
    (saturated, modular) =>
      sequence(
        noteSaturation(t, keepLow(bytes, saturated), keepLow(bytes, modular)),
        t.setQ("Rd", keepLow(bytes, saturated)),
      ),
  );

const both = (name: string, U: 0 | 1, opcode: string, operation: Operation): Definition[] => [
  instruction(`${name} (vector)`, `0 Q:1 ${U} 01110 size:2 1 Rm:5 ${opcode} 1 Rn:5 Rd:5`, {
    operands: twoVectors,
    forms: ["size", "Q"],
    uses: "fp",
    valid: hasSize(allSizes),
    assembly: ({ Rd, Rn, Rm, size, Q }) =>
      `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => vectorName(n, size!, Q!)).join(", ")}`,
    emit: (t, { size, Q }) => emit(t, operation, size!, U === 0, Q ? 16 : 8),
  }),
  instruction(`${name} (scalar)`, `01 ${U} 11110 size:2 1 Rm:5 ${opcode} 1 Rn:5 Rd:5`, {
    operands: twoVectors,
    forms: ["size"],
    uses: "fp",
    assembly: ({ Rd, Rn, Rm, size }) =>
      `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => scalarName(n, size!)).join(", ")}`,
    emit: (t, { size }) => emit(t, operation, size!, U === 0, 1 << size!),
  }),
];

export const simdSaturatingAdd: readonly Definition[] = [
  ...both("SQADD", 0, "00001", saturatingSum),
  ...both("UQADD", 1, "00001", saturatingSum),
  ...both("SQSUB", 0, "00101", saturatingDifference),
  ...both("UQSUB", 1, "00101", saturatingDifference),
];
