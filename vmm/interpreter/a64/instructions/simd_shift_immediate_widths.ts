// Of "Advanced SIMD shift by immediate" and its scalar class (Arm DDI 0487, "Data Processing -- Scalar
// Floating-Point and Advanced SIMD") those whose lanes change their width: SSHLL and USHLL, SHRN and its
// rounding and saturating kin.

import { type Definition, type Fields, instruction } from "../definition.ts";
import { scalarName, upperHalf, vectorName } from "../simd_assembly.ts";
import { addLanes, andBits, shiftRight, shlLanes, shrULanes, splatBits, widen } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { const32, const64, sub32, type V128, wrap } from "../vocabulary.ts";
import { oneVector, upTo32 } from "./simd_class.ts";
import { type SaturatingNarrow, setNarrow, setSaturatedNarrow, setSaturatedScalar } from "./simd_narrow.ts";
import { immediateBits, rightShift } from "./simd_shift_immediate.ts";

const encodingOf = (U: number, size: number, opcode: string) =>
  `0 Q:1 ${U} 011110 ${immediateBits(size)} ${opcode} 1 Rn:5 Rd:5`;

const longAssembly = (letter: "s" | "u", size: number) => ({ Rd, Rn, Q, imm }: Fields) => {
  const registers = `${vectorName(Rd!, size + 1, 1)}, ${vectorName(Rn!, size, Q!)}`;
  return imm === 0
    ? `${letter}xtl${upperHalf(Q!)} ${registers}`
    : `${letter}shll${upperHalf(Q!)} ${registers}, #${imm}`;
};

const shiftLong = (isSigned: boolean, size: number) =>
  instruction(
    `${isSigned ? "S" : "U"}SHLL (${8 << size} bits)`,
    encodingOf(isSigned ? 0 : 1, size, "10100"),
    {
      operands: oneVector,
      immediate: ({ imm }) => imm!,
      forms: ["Q"],
      uses: "fp",
      assembly: longAssembly(isSigned ? "s" : "u", size),
      emit: (t, { Q }) =>
        t.setQ(
          "Rd",
          shlLanes(size + 1, widen(size + 1, t.q("Rn"), isSigned, Q === 1), wrap(t.immediate())),
        ),
    },
  );

const narrowAssembly = (name: string, size: number) => (f: Fields) =>
  `${name.toLowerCase()}${upperHalf(f.Q!)} ${vectorName(f.Rd!, size, f.Q!)}, ${
    vectorName(f.Rn!, size + 1, 1)
  }, #${rightShift(size)(f)}`;

/** Lanes twice as wide as the result's. */
function shiftedRight(t: Target, size: number, isSigned: boolean, isRounding: boolean): V128 {
  const n = t.q("Rn"), amount = wrap(t.immediate());
  const shifted = shiftRight(size + 1, n, amount, isSigned);
  if (!isRounding) return shifted;
  const lost = shrULanes(size + 1, n, sub32(amount, const32(1)));
  return addLanes(size + 1, shifted, andBits(lost, splatBits(size + 1, const64(1))));
}

const shiftNarrow = (name: string, opcode: string, isRounding: boolean, size: number) =>
  instruction(`${name} (${8 << size} bits)`, encodingOf(0, size, opcode), {
    operands: oneVector,
    immediate: rightShift(size),
    forms: ["Q"],
    uses: "fp",
    assembly: narrowAssembly(name, size),
    emit: (t, form) => setNarrow(t, { ...form, size }, shiftedRight(t, size, false, isRounding), false),
  });

interface Saturating extends SaturatingNarrow {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly isRounding: boolean;
}

const saturating: readonly Saturating[] = [false, true].flatMap((isRounding) => {
  const r = isRounding ? "R" : "", last = isRounding ? 1 : 0;
  return [
    { name: `SQ${r}SHRN`, U: 0, opcode: `1001${last}`, isSigned: true, givesSigned: true, isRounding },
    { name: `UQ${r}SHRN`, U: 1, opcode: `1001${last}`, isSigned: false, givesSigned: false, isRounding },
    { name: `SQ${r}SHRUN`, U: 1, opcode: `1000${last}`, isSigned: true, givesSigned: false, isRounding },
  ] as const;
});

const saturatingVector = (each: Saturating, size: number) =>
  instruction(`${each.name} (vector, ${8 << size} bits)`, encodingOf(each.U, size, each.opcode), {
    uses: "fp",
    assembly: narrowAssembly(each.name, size),
    operands: oneVector,
    immediate: rightShift(size),
    forms: ["Q"],
    emit: (t, form) =>
      setSaturatedNarrow(t, { ...form, size }, each, shiftedRight(t, size, each.isSigned, each.isRounding)),
  });

const saturatingScalar = (each: Saturating, size: number) =>
  instruction(
    `${each.name} (scalar, ${8 << size} bits)`,
    `01 ${each.U} 111110 ${immediateBits(size)} ${each.opcode} 1 Rn:5 Rd:5`,
    {
      uses: "fp",
      assembly: (f) =>
        `${each.name.toLowerCase()} ${scalarName(f.Rd!, size)}, ${scalarName(f.Rn!, size + 1)}, #${
          rightShift(size)(f)
        }`,
      operands: oneVector,
      immediate: rightShift(size),
      emit: (t) => setSaturatedScalar(t, size, each, shiftedRight(t, size, each.isSigned, each.isRounding)),
    },
  );

export const simdShiftImmediateWidths: readonly Definition[] = upTo32.flatMap((size) => [
  shiftLong(true, size),
  shiftLong(false, size),
  shiftNarrow("SHRN", "10000", false, size),
  shiftNarrow("RSHRN", "10001", true, size),
  ...saturating.map((each) => saturatingVector(each, size)),
  ...saturating.map((each) => saturatingScalar(each, size)),
]);
