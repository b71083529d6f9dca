// Arm DDI 0487, "SVE encodings", "SVE floating-point convert precision", "... to integer" and "SVE integer
// convert to floating-point". The lanes are as wide as the wider of both numbers, which are in their lower
// bits.

import type { Definition } from "../definition.ts";
import { FPConvert } from "../float/convert.ts";
import { FixedToFP, FPToFixed } from "../float/integer.ts";
import { AHP, type FloatStatus, FPRounding_ZERO, FPRoundingMode } from "../float/status.ts";
import { merging, sve, z } from "./sve_assembly.ts";
import { formatOfSize } from "./sve_float_formats.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { laneOf } from "./sve_registers.ts";

type Convert = (value: bigint, from: number, to: number, status: FloatStatus) => bigint;

/** Sizes from and to, and bits 23 to 16 of the encoding; U in it is 0 or 1. */
type Row = readonly [from: number, to: number, opcode: string];

const precisions: readonly Row[] = [
  [2, 1, "10 001000"],
  [1, 2, "10 001001"],
  [3, 1, "11 001000"],
  [1, 3, "11 001001"],
  [3, 2, "11 001010"],
  [2, 3, "11 001011"],
];
const fromIntegers: readonly Row[] = [
  [1, 1, "01 01001U"],
  [2, 1, "01 01010U"],
  [3, 1, "01 01011U"],
  [2, 2, "10 01010U"],
  [2, 3, "11 01000U"],
  [3, 2, "11 01010U"],
  [3, 3, "11 01011U"],
];
const toIntegers: readonly Row[] = [
  [1, 1, "01 01101U"],
  [1, 2, "01 01110U"],
  [1, 3, "01 01111U"],
  [2, 2, "10 01110U"],
  [3, 2, "11 01100U"],
  [2, 3, "11 01110U"],
  [3, 3, "11 01111U"],
];

function definition(name: string, [from, to, opcode]: Row, convert: Convert): Definition {
  const size = Math.max(from, to);
  return sve(`${name} (${"BHSD"[from]} to ${"BHSD"[to]})`, `01100101 ${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${z(f.Zd!, to)}, ${merging(f)}, ${z(f.Zn!, from)}`,
    run(cpu, { Zd, Zn, Pg }) {
      const number = (lane: number) => BigInt.asUintN(8 << from, laneOf(cpu, Zn!, size, lane));
      mergeLanes(cpu, Zd!, Pg!, size, (lane) => convert(number(lane), from, to, cpu));
    },
  });
}

/** In which half precision is always IEEE's: FPCR.AHP does not count. */
export function convertPrecision(value: bigint, from: number, to: number, cpu: FloatStatus): bigint {
  const status = { fpcr: cpu.fpcr & ~AHP, fpsr: cpu.fpsr };
  const result = FPConvert(value, formatOfSize(from), formatOfSize(to), FPRoundingMode(status), status);
  cpu.fpsr = status.fpsr;
  return result;
}

const fromInteger = (isUnsigned: boolean): Convert => (value, from, to, status) =>
  FixedToFP(value, 0, isUnsigned, 8 << from, formatOfSize(to), status);

/** A signed result has its sign in all of a wider lane. */
const toInteger = (isUnsigned: boolean): Convert => (value, from, to, status) => {
  const bits = 8 << to;
  const result = FPToFixed(value, 0, isUnsigned, bits, FPRounding_ZERO, formatOfSize(from), status);
  return isUnsigned ? result : BigInt.asIntN(bits, result);
};

const both = (rows: readonly Row[], names: readonly [string, string], of: (isUnsigned: boolean) => Convert) =>
  [false, true].flatMap((isUnsigned) =>
    rows.map(([from, to, opcode]) =>
      definition(
        names[isUnsigned ? 1 : 0],
        [from, to, opcode.replace("U", isUnsigned ? "1" : "0")],
        of(isUnsigned),
      )
    )
  );

export const sveFloatConvert: readonly Definition[] = [
  ...precisions.map((row) => definition("FCVT", row, convertPrecision)),
  ...both(fromIntegers, ["SCVTF", "UCVTF"], fromInteger),
  ...both(toIntegers, ["FCVTZS", "FCVTZU"], toInteger),
];
