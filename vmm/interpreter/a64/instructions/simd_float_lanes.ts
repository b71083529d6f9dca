// What the floating-point classes of vectors share: their formats and arrangements, and loops over lanes (Arm
// DDI 0487, "A64 instruction set encoding", "Data Processing -- Scalar Floating-Point and Advanced SIMD").

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Meaning, type Need } from "../definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import { vectorName } from "../simd_assembly.ts";
import { readLane, writeLanes } from "../simd_lanes.ts";
import { floatNames, halfScalar, sizeOf } from "./float_formats.ts";

/** FEAT_FP16 as ID_AA64PFR0_EL1.AdvSIMD says it. */
export const halfVector: Need = ["ID_AA64PFR0_EL1", 20, 1];

/** By the field `sz`; without it, half precision. */
export const laneFormat = ({ sz }: Fields): FloatFormat =>
  sz === undefined ? HALF : sz === 0 ? SINGLE : DOUBLE;

/** Lanes of the vector; one where the instruction is a scalar one, without the field Q. */
export const laneCount = ({ Q }: Fields, { bits }: FloatFormat) => Q === undefined ? 1 : (64 << Q) / bits;

/** A single lane of 64 bits is no vector. */
export const isArranged = ({ sz, Q }: Fields) => sz !== 1 || Q !== 0;

export const lanesOf = (cpu: Cpu, n: number, { bits }: FloatFormat, count: number, first = 0): bigint[] =>
  Array.from({ length: count }, (_, lane) => readLane(cpu, n, first + lane, bits, false));

export const writeFloats = (cpu: Cpu, n: number, { bits }: FloatFormat, values: readonly bigint[]) =>
  writeLanes(cpu, n, bits, values);

/** The names of some fields' registers: "v0.4s, v1.4s", or of a scalar instruction "s0, s1". */
export function laneNames(fields: Fields, ...names: readonly string[]): string {
  const format = laneFormat(fields);
  if (fields.Q === undefined) return floatNames(scalarFields(fields), ...names);
  return names.map((name) => vectorName(fields[name]!, sizeOf(format), fields.Q!)).join(", ");
}

/** As the scalar classes call their format. */
const scalarFields = (fields: Fields): Fields =>
  fields.sz === undefined ? fields : { ...fields, type: fields.sz };

/** How a class of instructions is encoded, without its registers. */
export interface Encodings {
  /** The bits of single and double precision, given the bits before them. */
  readonly wide: string;
  /** Of half precision; none where there is no such instruction. */
  readonly half?: string | undefined;
  readonly isScalar: boolean;
}

/**
 * A definition for single and double precision and one for half, which not every processor has.
 * @param fast what single and double precision have besides
 */
export function laneDefinitions(
  name: string,
  { wide, half, isScalar }: Encodings,
  meaning: Meaning,
  fast: Partial<Meaning> = {},
): Definition[] {
  const title = `${name} (${isScalar ? "lane" : "vector"})`;
  const valid = isScalar ? {} : { valid: isArranged };
  const definitions = [instruction(title, wide, { uses: "fp", ...valid, ...meaning, ...fast })];
  if (half === undefined) return definitions;
  const needs = isScalar ? halfScalar : halfVector;
  return [...definitions, instruction(`${title}, half precision`, half, { uses: "fp", ...meaning, needs })];
}

/** The vector instruction's encodings and, where there is one, those of the scalar instruction. */
export const vectorPrefix = (U: 0 | 1) => `0 Q:1 ${U} 0111`;
export const scalarPrefix = (U: 0 | 1) => `01 ${U} 1111`;
