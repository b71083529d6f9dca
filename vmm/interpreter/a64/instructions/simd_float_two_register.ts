// Floating-point instructions on one vector, and their scalar forms: Arm DDI 0487, "A64 instruction set
// encoding", "Advanced SIMD two-register miscellaneous", "Advanced SIMD two-register miscellaneous (FP16)",
// "Advanced SIMD scalar two-register miscellaneous", "Advanced SIMD scalar two-register miscellaneous FP16".
// Those that change the lanes' width are in simd_float_width.ts.

import type { Definition, Meaning } from "../definition.ts";
import { FPSqrt } from "../float/arithmetic.ts";
import { FPRecipEstimate, FPRecpX, FPRSqrtEstimate } from "../float/estimate.ts";
import { FPAbs, FPNeg } from "../float/format.ts";
import { FixedToFP, FPToFixed } from "../float/integer.ts";
import { fastLaneFromInteger, fastLaneToInteger } from "./float_fast_convert.ts";
import { roundToSizes, type Unary } from "./float_formats.ts";
import { roundingByLetter, roundings, roundingsToSizes } from "./float_round.ts";
import { fastTwoRegister } from "./simd_float_fast.ts";
import { FCMEQ0, FCMGE0, FCMGT0, FCMLE0, FCMLT0 } from "./simd_float_functions.ts";
import { laneCount, laneDefinitions, laneFormat, laneNames, lanesOf } from "./simd_float_lanes.ts";
import { scalarPrefix, vectorPrefix, writeFloats } from "./simd_float_lanes.ts";

interface Row {
  readonly name: string;
  /** U, the bit that the classes call `a`, and the opcode. */
  readonly bits: readonly [U: 0 | 1, a: 0 | 1, opcode: string];
  readonly compute: Unary;
  readonly exists: "vector" | "scalar" | "both";
  /** Half precision has no such instruction. */
  readonly isWideOnly?: true;
  readonly withZero?: true;
  /** What the scalar form has besides, of single and double precision. */
  readonly fastScalar?: Partial<Meaning>;
}

const toInteger = (letter: keyof typeof roundingByLetter, unsigned: boolean): Unary => (a, format, status) =>
  FPToFixed(a, 0, unsigned, format.bits, roundingByLetter[letter], format, status);
const fromInteger = (unsigned: boolean): Unary => (a, format, status) =>
  FixedToFP(a, 0, unsigned, format.bits, format, status);

const withZero = (name: string, bits: Row["bits"], compute: Unary): Row => ({
  name,
  bits,
  compute,
  exists: "both",
  withZero: true,
});
const vectorOnly = (name: string, bits: Row["bits"], compute: Unary): Row => ({
  name,
  bits,
  compute,
  exists: "vector",
});
const both = (name: string, bits: Row["bits"], compute: Unary): Row => ({
  name,
  bits,
  compute,
  exists: "both",
});

const conversions = ([["S", 0], ["U", 1]] as const).flatMap(([sign, U]): Row[] => {
  const to = (letter: keyof typeof roundingByLetter, a: 0 | 1, opcode: string): Row => ({
    ...both(`FCVT${letter}${sign}`, [U, a, opcode], toInteger(letter, U === 1)),
    fastScalar: fastLaneToInteger(letter, U === 1),
  });
  return [
    to("N", 0, "11010"),
    to("M", 0, "11011"),
    to("A", 0, "11100"),
    to("P", 1, "11010"),
    to("Z", 1, "11011"),
    {
      ...both(`${sign}CVTF`, [U, 0, "11101"], fromInteger(U === 1)),
      fastScalar: fastLaneFromInteger(U === 1),
    },
  ];
});

const rows: readonly Row[] = [
  ...conversions,
  withZero("FCMGT", [0, 1, "01100"], FCMGT0),
  withZero("FCMEQ", [0, 1, "01101"], FCMEQ0),
  withZero("FCMLT", [0, 1, "01110"], FCMLT0),
  withZero("FCMGE", [1, 1, "01100"], FCMGE0),
  withZero("FCMLE", [1, 1, "01101"], FCMLE0),
  vectorOnly("FABS", [0, 1, "01111"], FPAbs),
  vectorOnly("FNEG", [1, 1, "01111"], FPNeg),
  vectorOnly("FSQRT", [1, 1, "11111"], FPSqrt),
  vectorOnly("FRINTN", [0, 0, "11000"], roundings.FRINTN),
  vectorOnly("FRINTM", [0, 0, "11001"], roundings.FRINTM),
  vectorOnly("FRINTP", [0, 1, "11000"], roundings.FRINTP),
  vectorOnly("FRINTZ", [0, 1, "11001"], roundings.FRINTZ),
  vectorOnly("FRINTA", [1, 0, "11000"], roundings.FRINTA),
  vectorOnly("FRINTX", [1, 0, "11001"], roundings.FRINTX),
  vectorOnly("FRINTI", [1, 1, "11001"], roundings.FRINTI),
  both("FRECPE", [0, 1, "11101"], FPRecipEstimate),
  both("FRSQRTE", [1, 1, "11101"], FPRSqrtEstimate),
  { name: "FRECPX", bits: [0, 1, "11111"], compute: FPRecpX, exists: "scalar" },
  { ...vectorOnly("FRINT32Z", [0, 0, "11110"], roundingsToSizes.FRINT32Z), isWideOnly: true },
  { ...vectorOnly("FRINT64Z", [0, 0, "11111"], roundingsToSizes.FRINT64Z), isWideOnly: true },
  { ...vectorOnly("FRINT32X", [1, 0, "11110"], roundingsToSizes.FRINT32X), isWideOnly: true },
  { ...vectorOnly("FRINT64X", [1, 0, "11111"], roundingsToSizes.FRINT64X), isWideOnly: true },
];

const meaningOf = ({ name, compute, isWideOnly, withZero }: Row): Meaning => ({
  ...isWideOnly ? { needs: roundToSizes } : {},
  assembly: (f) => `${name.toLowerCase()} ${laneNames(f, "Rd", "Rn")}${withZero ? ", #0.0" : ""}`,
  run(cpu, f) {
    const format = laneFormat(f);
    const lanes = lanesOf(cpu, f.Rn!, format, laneCount(f, format));
    writeFloats(cpu, f.Rd!, format, lanes.map((lane) => compute(lane, format, cpu)));
  },
});

function definitionsOf(row: Row): Definition[] {
  const [U, a, opcode] = row.bits;
  const wide = `0 ${a} sz:1 10000 ${opcode} 10 Rn:5 Rd:5`;
  const half = `0 ${a} 111100 ${opcode} 10 Rn:5 Rd:5`;
  return [false, true].flatMap((isScalar) => {
    if (row.exists === (isScalar ? "vector" : "scalar")) return [];
    const prefix = (isScalar ? scalarPrefix : vectorPrefix)(U);
    const encodings = {
      wide: `${prefix} ${wide}`,
      half: row.isWideOnly ? undefined : `${prefix} ${half}`,
      isScalar,
    };
    const fast = isScalar ? row.fastScalar : fastTwoRegister[row.name];
    return laneDefinitions(row.name, encodings, meaningOf(row), fast);
  });
}

export const simdFloatTwoRegister: readonly Definition[] = rows.flatMap(definitionsOf);
