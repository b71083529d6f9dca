// Floating-point instructions that make one number of a vector's lanes: Arm DDI 0487, "A64 instruction set
// encoding", "Advanced SIMD across lanes" and "Advanced SIMD scalar pairwise"; shared pseudocode "Reduce".

import { type Definition, type Fields, instruction, type Meaning, vector } from "../definition.ts";
import { FPAdd } from "../float/arithmetic.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import type { FloatStatus } from "../float/status.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { binary, sumAllowed } from "./float_fast.ts";
import { fadd, laneAt } from "./float_vocabulary.ts";
import { type Binary, halfScalar, sizeOf, writeFloat } from "./float_formats.ts";
import { halfVector, lanesOf } from "./simd_float_lanes.ts";

interface Row {
  readonly name: string;
  readonly a: 0 | 1;
  readonly opcode: string;
  readonly compute: Binary;
  readonly hasAcross?: true;
}

const rows: readonly Row[] = [
  { name: "FMAXNM", a: 0, opcode: "01100", compute: FPMaxNum, hasAcross: true },
  { name: "FADD", a: 0, opcode: "01101", compute: FPAdd },
  { name: "FMAX", a: 0, opcode: "01111", compute: FPMax, hasAcross: true },
  { name: "FMINNM", a: 1, opcode: "01100", compute: FPMinNum, hasAcross: true },
  { name: "FMIN", a: 1, opcode: "01111", compute: FPMin, hasAcross: true },
];

/** Of both halves the results, of both results the result. */
function reduce(compute: Binary, lanes: readonly bigint[], format: FloatFormat, status: FloatStatus): bigint {
  if (lanes.length === 1) return lanes[0]!;
  const middle = lanes.length / 2;
  const low = reduce(compute, lanes.slice(0, middle), format, status);
  const high = reduce(compute, lanes.slice(middle), format, status);
  return compute(low, high, format, status);
}

/** @param count of the lanes */
function meaningOf(
  name: string,
  compute: Binary,
  formatOf: (fields: Fields) => FloatFormat,
  count: (fields: Fields) => number,
): Meaning {
  return {
    uses: "fp",
    assembly(f) {
      const size = sizeOf(formatOf(f));
      const Q = Math.log2(count(f)) + size - 3;
      // The arrangement "2h" is no vector's but that of a pair.
      const vector = Q < 0 ? `v${f.Rn}.2h` : vectorName(f.Rn!, size, Q);
      return `${name.toLowerCase()} ${scalarName(f.Rd!, size)}, ${vector}`;
    },
    run(cpu, f) {
      const format = formatOf(f);
      const lanes = lanesOf(cpu, f.Rn!, format, count(f));
      writeFloat(cpu, f.Rd!, format, reduce(compute, lanes, format, cpu));
    },
  };
}

function across({ name, a, opcode, compute }: Row): Definition[] {
  const wide = meaningOf(`${name}V`, compute, () => SINGLE, () => 4);
  const half = meaningOf(`${name}V`, compute, () => HALF, ({ Q }) => Q ? 8 : 4);
  const bits = `${a} 0 11000 ${opcode} 10 Rn:5 Rd:5`;
  return [
    instruction(`${name}V`, `0 1 1 01110 ${bits}`, wide),
    instruction(`${name}V, half precision`, `0 Q:1 0 01110 ${bits}`, { ...half, needs: halfVector }),
  ];
}

const fastPair: Partial<Meaning> = {
  operands: { Rd: vector("Rd"), Rn: vector("Rn") },
  forms: ["sz"],
  emit: (t, { sz }) =>
    binary(t, sz!, [laneAt(sz!, t.q("Rn"), 0), laneAt(sz!, t.q("Rn"), 1)], fadd, sumAllowed),
};

function pair({ name, a, opcode, compute }: Row): Definition[] {
  const wide = meaningOf(`${name}P`, compute, ({ sz }) => sz ? DOUBLE : SINGLE, () => 2);
  const half = meaningOf(`${name}P`, compute, () => HALF, () => 2);
  return [
    instruction(`${name}P (scalar)`, `01 1 11110 ${a} sz:1 11000 ${opcode} 10 Rn:5 Rd:5`, {
      ...wide,
      ...name === "FADD" ? fastPair : {},
    }),
    instruction(`${name}P (scalar), half precision`, `01 0 11110 ${a} 0 11000 ${opcode} 10 Rn:5 Rd:5`, {
      ...half,
      needs: halfScalar,
    }),
  ];
}

export const simdFloatReduce: readonly Definition[] = rows.flatMap((row) => [
  ...row.hasAcross ? across(row) : [],
  ...pair(row),
]);
