// SCVTF, UCVTF, FCVTZS and FCVTZU between vectors of floating-point and of fixed-point numbers, and their
// scalar forms: Arm DDI 0487, "A64 instruction set encoding", "Advanced SIMD shift by immediate" and
// "Advanced SIMD scalar shift by immediate".

import { type Definition, type Fields, instruction, type Meaning, type Need } from "../definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import { FixedToFP, FPToFixed } from "../float/integer.ts";
import { type FloatStatus, FPRounding_ZERO } from "../float/status.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { halfScalar, sizeOf } from "./float_formats.ts";
import { halfVector, laneCount, lanesOf, writeFloats } from "./simd_float_lanes.ts";

type Convert = (
  operand: bigint,
  fractionBits: number,
  unsigned: boolean,
  format: FloatFormat,
  status: FloatStatus,
) => bigint;

const fromFixed: Convert = (operand, fractionBits, unsigned, format, status) =>
  FixedToFP(operand, fractionBits, unsigned, format.bits, format, status);
const toFixed: Convert = (operand, fractionBits, unsigned, format, status) =>
  FPToFixed(operand, fractionBits, unsigned, format.bits, FPRounding_ZERO, format, status);

const rows: readonly (readonly [name: string, U: 0 | 1, opcode: string, convert: Convert])[] = [
  ["SCVTF", 0, "11100", fromFixed],
  ["UCVTF", 1, "11100", fromFixed],
  ["FCVTZS", 0, "11111", toFixed],
  ["FCVTZU", 1, "11111", toFixed],
];

/**
 * The highest bit that is set in immh:immb is the lane's width, and the bits below count down the fraction's.
 */
const widths: readonly (readonly [format: FloatFormat, shift: string])[] = [
  [HALF, "001 shift:4"],
  [SINGLE, "01 shift:5"],
  [DOUBLE, "1 shift:6"],
];

function meaningOf(name: string, convert: Convert, unsigned: boolean, format: FloatFormat): Meaning {
  const fractionBits = ({ shift }: Fields) => format.bits - shift!;
  const register = (f: Fields, n: number) =>
    f.Q === undefined ? scalarName(n, sizeOf(format)) : vectorName(n, sizeOf(format), f.Q);
  return {
    uses: "fp",
    valid: ({ Q }) => format !== DOUBLE || Q !== 0,
    assembly: (f) =>
      `${name.toLowerCase()} ${register(f, f.Rd!)}, ${register(f, f.Rn!)}, #${fractionBits(f)}`,
    run(cpu, f) {
      const lanes = lanesOf(cpu, f.Rn!, format, laneCount(f, format));
      const results = lanes.map((lane) => convert(lane, fractionBits(f), unsigned, format, cpu));
      writeFloats(cpu, f.Rd!, format, results);
    },
  };
}

function needs(format: FloatFormat, half: Need): { needs?: Need } {
  return format === HALF ? { needs: half } : {};
}

export const simdFloatFixedPoint: readonly Definition[] = rows.flatMap(([name, U, opcode, convert]) =>
  widths.flatMap(([format, shift]) => {
    const meaning = meaningOf(name, convert, U === 1, format);
    const title = `${name} (fixed-point, ${format.bits} bits`;
    const rest = `0 ${shift} ${opcode} 1 Rn:5 Rd:5`;
    return [
      instruction(`${title}, vector)`, `0 Q:1 ${U} 01111 ${rest}`, {
        ...meaning,
        ...needs(format, halfVector),
      }),
      instruction(`${title}, lane)`, `01 ${U} 11111 ${rest}`, { ...meaning, ...needs(format, halfScalar) }),
    ];
  })
);
