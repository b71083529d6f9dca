// Z registers, predicates and FFR as SVE's instructions see them: as many lanes as the vector length gives
// (Arm DDI 0487, "SVE register state", and the shared pseudocode "Elem", "ActivePredicateElement" and
// "PredTest"). A lane's size is that of the encodings: 0 to 3 are 8, 16, 32 and 64 bits.

import type { Cpu } from "../cpu.ts";
import { cpuWord, predicateAt, vectorBytes } from "../cpu_layout.ts";
import { putLanes, readLane, writeLanes } from "../simd_lanes.ts";

/** The number of FFR among the predicates. */
export const FFR = 16;

/** In bytes. */
export const vectorLength = (cpu: Cpu) => cpu.u32(cpuWord.vectorLength);
export const laneCount = (cpu: Cpu, size: number) => vectorLength(cpu) >> size;

export const laneOf = (cpu: Cpu, Zn: number, size: number, lane: number, isSigned = false): bigint =>
  readLane(cpu, Zn, lane, 8 << size, isSigned);

/** A value for each lane. */
export function eachLane(cpu: Cpu, size: number, compute: (lane: number) => bigint): bigint[] {
  const count = laneCount(cpu, size);
  const values = new Array<bigint>(count);
  for (let lane = 0; lane < count; lane++) values[lane] = compute(lane);
  return values;
}

export const lanesOf = (cpu: Cpu, Zn: number, size: number, isSigned = false): bigint[] =>
  eachLane(cpu, size, (lane) => laneOf(cpu, Zn, size, lane, isSigned));

/** Modulo their width; what the register has beyond the vector length stays. */
export const setLanes = (cpu: Cpu, Zd: number, size: number, values: readonly bigint[]) =>
  putLanes(cpu, Zd, 8 << size, values);

/** The lowest lane, the others zeroes: a result in a SIMD&FP register. */
export const setScalar = (cpu: Cpu, Vd: number, size: number, value: bigint) =>
  writeLanes(cpu, Vd, 8 << size, [value]);

export const copyOf = (cpu: Cpu, Zn: number): Uint8Array =>
  cpu.v.slice(Zn * vectorBytes, Zn * vectorBytes + vectorLength(cpu));
export const setBytes = (cpu: Cpu, Zd: number, bytes: Uint8Array) => cpu.v.set(bytes, Zd * vectorBytes);

/** Of a predicate, the lowest of a lane's bits. */
export function isActive(cpu: Cpu, Pn: number, size: number, lane: number): boolean {
  const bit = lane << size;
  return (cpu.view.getUint8(predicateAt(Pn) + (bit >> 3)) >> (bit & 7) & 1) === 1;
}

export function predicateOf(cpu: Cpu, Pn: number, size: number): boolean[] {
  const count = laneCount(cpu, size);
  const flags = new Array<boolean>(count);
  for (let lane = 0; lane < count; lane++) flags[lane] = isActive(cpu, Pn, size, lane);
  return flags;
}

/** Of each lane's bits all but the lowest are cleared. */
export function setPredicate(cpu: Cpu, Pd: number, size: number, flags: readonly boolean[]) {
  const at = predicateAt(Pd), bytes = vectorLength(cpu) >> 3;
  for (let byte = 0; byte < bytes; byte++) cpu.view.setUint8(at + byte, 0);
  flags.forEach((flag, lane) => {
    const bit = lane << size, byte = at + (bit >> 3);
    if (flag) cpu.view.setUint8(byte, cpu.view.getUint8(byte) | 1 << (bit & 7));
  });
}

const N = 1 << 31, Z = 1 << 30, C = 1 << 29;

/** The condition flags: the first active lane's result, none of them, not the last's. */
export function predicateTest(cpu: Cpu, mask: readonly boolean[], result: readonly boolean[]) {
  const first = mask.indexOf(true), last = mask.lastIndexOf(true);
  const isAny = mask.some((flag, lane) => flag && result[lane]);
  const flags = (result[first] ? N : 0) | (isAny ? 0 : Z) | (result[last] ? 0 : C);
  cpu.nzcv = flags >>> 0;
}
