// Of "Advanced SIMD two-register miscellaneous" and its scalar class (Arm DDI 0487, "Data Processing --
// Scalar Floating-Point and Advanced SIMD") those whose lanes change their width: XTN and its saturating kin,
// SHLL, and the sums of pairs.

import { type Definition, type Fields, instruction } from "../definition.ts";
import { scalarName, upperHalf, vectorName } from "../simd_assembly.ts";
import { addLanes, everySecond, shlLanes, widen } from "../simd_vocabulary.ts";
import { const32, type V128 } from "../vocabulary.ts";
import { hasScalarSize, hasSize, oneVector, setResult, unreachable, upTo32 } from "./simd_class.ts";
import { type SaturatingNarrow, setNarrow, setSaturatedNarrow, setSaturatedScalar } from "./simd_narrow.ts";

const encodingOf = (U: number, opcode: string) => `0 Q:1 ${U} 01110 size:2 10000 ${opcode} 10 Rn:5 Rd:5`;

const narrowAssembly = (name: string) => ({ Rd, Rn, size, Q }: Fields) =>
  `${name}${upperHalf(Q!)} ${vectorName(Rd!, size!, Q!)}, ${vectorName(Rn!, size! + 1, 1)}`;

const extractNarrow = instruction("XTN", encodingOf(0, "10010"), {
  operands: oneVector,
  forms: ["size", "Q"],
  uses: "fp",
  valid: hasSize(upTo32),
  assembly: narrowAssembly("xtn"),
  emit: (t, form) => form.size! < 3 ? setNarrow(t, form, t.q("Rn"), false) : unreachable,
});

interface Saturating extends SaturatingNarrow {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
}

const saturating: readonly Saturating[] = [
  { name: "SQXTN", U: 0, opcode: "10100", isSigned: true, givesSigned: true },
  { name: "UQXTN", U: 1, opcode: "10100", isSigned: false, givesSigned: false },
  { name: "SQXTUN", U: 1, opcode: "10010", isSigned: true, givesSigned: false },
];

const saturatingVector = (each: Saturating) =>
  instruction(`${each.name} (vector)`, encodingOf(each.U, each.opcode), {
    operands: oneVector,
    forms: ["size", "Q"],
    uses: "fp",
    valid: hasSize(upTo32),
    assembly: narrowAssembly(each.name.toLowerCase()),
    emit: (t, form) => form.size! < 3 ? setSaturatedNarrow(t, form, each, t.q("Rn")) : unreachable,
  });

const saturatingScalar = (each: Saturating) =>
  instruction(`${each.name} (scalar)`, `01 ${each.U} 11110 size:2 10000 ${each.opcode} 10 Rn:5 Rd:5`, {
    operands: oneVector,
    forms: ["size"],
    uses: "fp",
    valid: hasScalarSize(upTo32),
    assembly: ({ Rd, Rn, size }) =>
      `${each.name.toLowerCase()} ${scalarName(Rd!, size!)}, ${scalarName(Rn!, size! + 1)}`,
    emit: (t, { size }) => size! < 3 ? setSaturatedScalar(t, size!, each, t.q("Rn")) : unreachable,
  });

const shiftLong = instruction("SHLL", encodingOf(1, "10011"), {
  operands: oneVector,
  forms: ["size", "Q"],
  uses: "fp",
  valid: hasSize(upTo32),
  assembly: ({ Rd, Rn, size, Q }) =>
    `shll${upperHalf(Q!)} ${vectorName(Rd!, size! + 1, 1)}, ${vectorName(Rn!, size!, Q!)}, #${8 << size!}`,
  emit: (t, { size, Q }) =>
    size! < 3
      ? t.setQ("Rd", shlLanes(size! + 1, widen(size! + 1, t.q("Rn"), false, Q === 1), const32(8 << size!)))
      : unreachable,
});

/** The sums of neighbours, twice as wide. */
export function sumsOfPairs(size: number, n: V128, isSigned: boolean): V128 {
  const part = (isOdd: boolean) => widen(size + 1, everySecond(size, n, n, isOdd), isSigned, false);
  return addLanes(size + 1, part(false), part(true));
}

const pairSums = (name: string, opcode: string, accumulates: boolean) =>
  [true, false].map((isSigned) =>
    instruction(`${isSigned ? "S" : "U"}${name}`, encodingOf(isSigned ? 0 : 1, opcode), {
      operands: oneVector,
      forms: ["size", "Q"],
      uses: "fp",
      valid: hasSize(upTo32),
      assembly: ({ Rd, Rn, size, Q }) =>
        `${isSigned ? "s" : "u"}${name.toLowerCase()} ${vectorName(Rd!, size! + 1, Q!)}, ${
          vectorName(Rn!, size!, Q!)
        }`,
      emit(t, form) {
        const size = form.size!;
        if (size > 2) return unreachable;
        const sums = sumsOfPairs(size, t.q("Rn"), isSigned);
        return setResult(t, form, accumulates ? addLanes(size + 1, t.q("Rd"), sums) : sums);
      },
    })
  );

export const simdTwoRegisterWidths: readonly Definition[] = [
  extractNarrow,
  ...saturating.map(saturatingVector),
  ...saturating.map(saturatingScalar),
  shiftLong,
  ...pairSums("ADDLP", "00010", false),
  ...pairSums("ADALP", "00110", true),
];
