// Floating-point lanes of SVE (Arm DDI 0487, "SVE encodings", "SVE Floating-Point" groups): sizes 1 to 3 are
// half, single and double precision. Lanes that are not active raise no exception.

import type { Definition, Fields, Meaning } from "../definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import type { Binary, Unary } from "./float_formats.ts";
import { type Run, sve } from "./sve_assembly.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const formats = [undefined, HALF, SINGLE, DOUBLE];
export const formatOfSize = (size: number): FloatFormat => formats[size]!;

/** An instruction on such lanes. */
export const sveFloat = (name: string, encoding: string, meaning: Meaning): Definition =>
  sve(name, encoding, { valid: ({ size }: Fields) => size !== 0, ...meaning });

/** Zd is of Zn and Zm, whichever lanes are active. */
export const floatOfTwo = (compute: Binary): Run => (cpu, { size, Zd, Zn, Zm }) => {
  const format = formatOfSize(size!);
  const of = (register: number, lane: number) => laneOf(cpu, register, size!, lane);
  setLanes(
    cpu,
    Zd!,
    size!,
    eachLane(cpu, size!, (lane) => compute(of(Zn!, lane), of(Zm!, lane), format, cpu)),
  );
};

/** Active lanes of Zdn are of Zdn and Zm. */
export const mergeFloatOfTwo = (compute: Binary): Run => (cpu, { size, Pg, Zdn, Zm }) => {
  const format = formatOfSize(size!);
  const of = (register: number, lane: number) => laneOf(cpu, register, size!, lane);
  mergeLanes(cpu, Zdn!, Pg!, size!, (lane) => compute(of(Zdn!, lane), of(Zm!, lane), format, cpu));
};

/** Active lanes of Zd are of Zn. */
export const mergeFloatOfOne = (compute: Unary): Run => (cpu, { size, Pg, Zd, Zn }) => {
  const format = formatOfSize(size!);
  mergeLanes(cpu, Zd!, Pg!, size!, (lane) => compute(laneOf(cpu, Zn!, size!, lane), format, cpu));
};
