// What the classes of AdvSIMD instructions share: operands, which sizes are allocated, the code around a
// result, and the loop over lanes for meanings in TypeScript (Arm DDI 0487, "Data Processing -- Scalar
// Floating-Point and Advanced SIMD").

import type { Cpu } from "../cpu.ts";
import { type Fields, type Meaning, vector } from "../definition.ts";
import { keepLow } from "../simd_vocabulary.ts";
import { Lane, readLane, writeLanes } from "../simd_lanes.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

/** Sizes that an instruction has: lanes of 8, 16, 32 and 64 bits are 0 to 3. */
export type Sizes = readonly number[];
export const allSizes: Sizes = [0, 1, 2, 3], upTo32: Sizes = [0, 1, 2], upTo16: Sizes = [0, 1];
export const only8: Sizes = [0], only32: Sizes = [2], only64: Sizes = [3];
/** Of the instructions that multiply and double. */
export const doubling: Sizes = [1, 2];

export const oneVector = { Rd: vector("Rd"), Rn: vector("Rn") };
export const twoVectors = { ...oneVector, Rm: vector("Rm") };

/** 64-bit lanes need the whole register. */
export const hasSize = (sizes: Sizes) => ({ size, Q }: Fields) =>
  sizes.includes(size!) && (size !== 3 || Q !== 0);
export const hasScalarSize = (sizes: Sizes) => ({ size }: Fields) => sizes.includes(size!);

/** Code of a form that no encoding has. */
export const unreachable: Statement = (c) => c.op(0x00);

/** Rd: the whole of the result, or its lower half. */
export const setResult = (t: Target, { Q }: Fields, value: V128): Statement =>
  t.setQ("Rd", keepLow(Q ? 16 : 8, value));

/** Generated code for the sizes that there are. */
export const emitForSizes =
  (sizes: Sizes, compute: (t: Target, form: Fields) => V128) => (t: Target, form: Fields): Statement =>
    sizes.includes(form.size!) ? setResult(t, form, compute(t, form)) : unreachable;

export const bitsOf = ({ size }: Fields) => 8 << size!;
/** How many lanes of that many bits. */
export const lanesOf = ({ Q }: Fields, bits: number) => (Q ? 128 : 64) / bits;

/** One lane of the result, of the lanes of the operands. */
export type OfOne = (n: bigint, lane: Lane) => bigint;
export type OfTwo = (n: bigint, m: bigint, lane: Lane) => bigint;
export type OfThree = (n: bigint, m: bigint, d: bigint, lane: Lane) => bigint;

/** For each lane of Rd, its value; scalar instructions have one. */
export function runLanes(
  cpu: Cpu,
  { Rd }: Fields,
  count: number,
  bits: number,
  isSigned: boolean,
  compute: (index: number, lane: Lane) => bigint,
) {
  const lane = new Lane(bits, isSigned);
  const values = Array.from({ length: count }, (_, index) => compute(index, lane));
  writeLanes(cpu, Rd!, bits, values);
  lane.report(cpu);
}

export const runTwo =
  (isSigned: boolean, isScalar: boolean, compute: OfThree): NonNullable<Meaning["run"]> => (cpu, f) => {
    const bits = bitsOf(f);
    runLanes(cpu, f, isScalar ? 1 : lanesOf(f, bits), bits, isSigned, (index, lane) => {
      const of = (register: number) => readLane(cpu, register, index, bits, isSigned);
      return compute(of(f.Rn!), of(f.Rm!), of(f.Rd!), lane);
    });
  };

export const runOne =
  (isSigned: boolean, isScalar: boolean, compute: OfTwo): NonNullable<Meaning["run"]> => (cpu, f) => {
    const bits = bitsOf(f);
    runLanes(cpu, f, isScalar ? 1 : lanesOf(f, bits), bits, isSigned, (index, lane) => {
      const of = (register: number) => readLane(cpu, register, index, bits, isSigned);
      return compute(of(f.Rn!), of(f.Rd!), lane);
    });
  };
