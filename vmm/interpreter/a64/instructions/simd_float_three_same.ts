// Floating-point instructions on two vectors of the same arrangement, and their scalar forms: Arm DDI 0487,
// "A64 instruction set encoding", "Advanced SIMD three same", "Advanced SIMD three same (FP16)", "Advanced
// SIMD scalar three same", "Advanced SIMD scalar three same FP16".

import type { Definition, Meaning } from "../definition.ts";
import { FPAdd, FPDiv, FPMul, FPMulX, FPSub } from "../float/arithmetic.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { FPMulAdd, FPRecipStepFused, FPRSqrtStepFused } from "../float/fused.ts";
import type { Binary, Ternary } from "./float_formats.ts";
import { fastThreeSame } from "./simd_float_fast.ts";
import { fastFusedLanes } from "./simd_float_fused.ts";
import { FABD, FACGE, FACGT, FCMEQ, FCMGE, FCMGT, FMLS } from "./simd_float_functions.ts";
import { laneCount, laneDefinitions, laneFormat, laneNames, lanesOf } from "./simd_float_lanes.ts";
import { scalarPrefix, vectorPrefix, writeFloats } from "./simd_float_lanes.ts";

interface Row {
  readonly name: string;
  /** U, the bit that the classes call `a`, and the opcode's low bits; its two high bits are ones. */
  readonly bits: readonly [U: 0 | 1, a: 0 | 1, opcode: string];
  readonly lanes?: Binary;
  /** Of neighbours: those of the first vector, then those of the second. */
  readonly pairs?: Binary;
  readonly accumulate?: Ternary;
  readonly hasScalar?: true;
}

const rows: readonly Row[] = [
  { name: "FMAXNM", bits: [0, 0, "000"], lanes: FPMaxNum },
  { name: "FMLA", bits: [0, 0, "001"], accumulate: FPMulAdd },
  { name: "FADD", bits: [0, 0, "010"], lanes: FPAdd },
  { name: "FMULX", bits: [0, 0, "011"], lanes: FPMulX, hasScalar: true },
  { name: "FCMEQ", bits: [0, 0, "100"], lanes: FCMEQ, hasScalar: true },
  { name: "FMAX", bits: [0, 0, "110"], lanes: FPMax },
  { name: "FRECPS", bits: [0, 0, "111"], lanes: FPRecipStepFused, hasScalar: true },
  { name: "FMINNM", bits: [0, 1, "000"], lanes: FPMinNum },
  { name: "FMLS", bits: [0, 1, "001"], accumulate: FMLS },
  { name: "FSUB", bits: [0, 1, "010"], lanes: FPSub },
  { name: "FMIN", bits: [0, 1, "110"], lanes: FPMin },
  { name: "FRSQRTS", bits: [0, 1, "111"], lanes: FPRSqrtStepFused, hasScalar: true },
  { name: "FMAXNMP", bits: [1, 0, "000"], pairs: FPMaxNum },
  { name: "FADDP", bits: [1, 0, "010"], pairs: FPAdd },
  { name: "FMUL", bits: [1, 0, "011"], lanes: FPMul },
  { name: "FCMGE", bits: [1, 0, "100"], lanes: FCMGE, hasScalar: true },
  { name: "FACGE", bits: [1, 0, "101"], lanes: FACGE, hasScalar: true },
  { name: "FMAXP", bits: [1, 0, "110"], pairs: FPMax },
  { name: "FDIV", bits: [1, 0, "111"], lanes: FPDiv },
  { name: "FMINNMP", bits: [1, 1, "000"], pairs: FPMinNum },
  { name: "FABD", bits: [1, 1, "010"], lanes: FABD, hasScalar: true },
  { name: "FCMGT", bits: [1, 1, "100"], lanes: FCMGT, hasScalar: true },
  { name: "FACGT", bits: [1, 1, "101"], lanes: FACGT, hasScalar: true },
  { name: "FMINP", bits: [1, 1, "110"], pairs: FPMin },
];

function meaningOf({ name, lanes, pairs, accumulate }: Row): Meaning {
  return {
    assembly: (f) => `${name.toLowerCase()} ${laneNames(f, "Rd", "Rn", "Rm")}`,
    run(cpu, f) {
      const format = laneFormat(f), count = laneCount(f, format);
      const [d, n, m] = [f.Rd!, f.Rn!, f.Rm!].map((each) => lanesOf(cpu, each, format, count));
      const both = [...n!, ...m!];
      const results = n!.map((a, lane) =>
        pairs
          ? pairs(both[2 * lane]!, both[2 * lane + 1]!, format, cpu)
          : accumulate
          ? accumulate(d![lane]!, a, m![lane]!, format, cpu)
          : lanes!(a, m![lane]!, format, cpu)
      );
      writeFloats(cpu, f.Rd!, format, results);
    },
  };
}

/** Of the vector instructions. */
const fastPaths: Readonly<Record<string, Partial<Meaning>>> = {
  ...fastThreeSame,
  FMLA: fastFusedLanes(false),
  FMLS: fastFusedLanes(true),
};

function definitionsOf(row: Row): Definition[] {
  const [U, a, opcode] = row.bits;
  const wide = `0 ${a} sz:1 1 Rm:5 11${opcode} 1 Rn:5 Rd:5`;
  const half = `0 ${a} 10 Rm:5 00${opcode} 1 Rn:5 Rd:5`;
  return [vectorPrefix(U), ...row.hasScalar ? [scalarPrefix(U)] : []].flatMap((prefix, index) => {
    const encodings = { wide: `${prefix} ${wide}`, half: `${prefix} ${half}`, isScalar: index === 1 };
    const fast = index === 0 ? fastPaths[row.name] : undefined;
    return laneDefinitions(row.name, encodings, meaningOf(row), fast);
  });
}

export const simdFloatThreeSame: readonly Definition[] = rows.flatMap(definitionsOf);
