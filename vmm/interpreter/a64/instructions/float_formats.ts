// What the scalar floating-point classes share: their formats, registers and the functions that give them
// their meaning (Arm DDI 0487, "A64 instruction set encoding", "Data Processing -- Scalar Floating-Point and
// Advanced SIMD").

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Meaning, type Need } from "../definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import type { FloatStatus } from "../float/status.ts";
import { scalarName } from "../simd_assembly.ts";
import { readLane, writeLanes } from "../simd_lanes.ts";

export type Unary = (operand: bigint, format: FloatFormat, status: FloatStatus) => bigint;
export type Binary = (op1: bigint, op2: bigint, format: FloatFormat, status: FloatStatus) => bigint;
export type Ternary = (
  accumulator: bigint,
  op1: bigint,
  op2: bigint,
  format: FloatFormat,
  status: FloatStatus,
) => bigint;

/** FEAT_FP16 as ID_AA64PFR0_EL1.FP says it. */
export const halfScalar: Need = ["ID_AA64PFR0_EL1", 16, 1];
/** FEAT_BF16. */
export const bfloat: Need = ["ID_AA64ISAR1_EL1", 44, 1];
/** FEAT_FRINTTS. */
export const roundToSizes: Need = ["ID_AA64ISAR1_EL1", 32, 1];

/** By the lower bit of `ftype`, which the encodings here call `type`: without it, half precision. */
export const formatOf = ({ type }: Fields): FloatFormat =>
  type === undefined ? HALF : type === 0 ? SINGLE : DOUBLE;

/** A format's size as registers' names and arrangements count it: 1, 2, 3 are 16, 32, 64 bits. */
export const sizeOf = ({ bits }: FloatFormat) => bits === 16 ? 1 : bits === 32 ? 2 : 3;

export const floatName = (n: number, format: FloatFormat) => scalarName(n, sizeOf(format));

/** The names of some fields' registers in the instruction's format: "s0, s1". */
export const floatNames = (fields: Fields, ...names: readonly string[]) =>
  names.map((name) => floatName(fields[name]!, formatOf(fields))).join(", ");

export const readFloat = (cpu: Cpu, n: number, { bits }: FloatFormat) => readLane(cpu, n, 0, bits, false);

/** Clears the rest of the register. */
export const writeFloat = (cpu: Cpu, n: number, { bits }: FloatFormat, value: bigint) =>
  writeLanes(cpu, n, bits, [value]);

/**
 * A definition for single and double precision and one for half, which not every processor has.
 * @param encoding given `ftype`
 * @param fast what single and double precision have besides
 */
export function inFormats(
  name: string,
  encoding: (ftype: string) => string,
  meaning: Meaning,
  fast: Partial<Meaning> = {},
): Definition[] {
  return [
    instruction(name, encoding("0 type:1"), { uses: "fp", ...meaning, ...fast }),
    instruction(`${name} (half precision)`, encoding("11"), { uses: "fp", ...meaning, needs: halfScalar }),
  ];
}
