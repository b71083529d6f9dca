// Loops over lanes that SVE's instructions have in common, by their operands (Arm DDI 0487, "SVE encodings").
// All operands are read before a lane is written.

import type { Cpu } from "../cpu.ts";
import type { Run } from "./sve_assembly.ts";
import { eachLane, isActive, laneOf, lanesOf, setLanes } from "./sve_registers.ts";

/** A lane's result, of which the lowest `8 << size` bits count. */
export type OfOne = (n: bigint, bits: number) => bigint;
export type OfTwo = (n: bigint, m: bigint, bits: number) => bigint;

/** Of a shift or a product both: which lanes are signed numbers. */
export interface Signs {
  readonly n?: boolean;
  readonly m?: boolean;
}
export const unsigned: Signs = {}, bothSigned: Signs = { n: true, m: true };

/** Zd is of Zn and Zm, whichever lanes are active. */
export const ofTwo = (compute: OfTwo, { n = false, m = false } = unsigned): Run => (cpu, f) => {
  const size = f.size!, bits = 8 << size;
  const values = eachLane(
    cpu,
    size,
    (lane) => compute(laneOf(cpu, f.Zn!, size, lane, n), laneOf(cpu, f.Zm!, size, lane, m), bits),
  );
  setLanes(cpu, f.Zd!, size, values);
};

/** Writes the active lanes alone. */
export function mergeLanes(
  cpu: Cpu,
  Zd: number,
  Pg: number,
  size: number,
  compute: (lane: number) => bigint,
) {
  const values = eachLane(
    cpu,
    size,
    (lane) => isActive(cpu, Pg, size, lane) ? compute(lane) : laneOf(cpu, Zd, size, lane),
  );
  setLanes(cpu, Zd, size, values);
}

/** Active lanes of Zdn are of Zdn and Zm. */
export const mergeOfTwo = (compute: OfTwo, { n = false, m = false } = unsigned): Run => (cpu, f) => {
  const size = f.size!, bits = 8 << size;
  mergeLanes(
    cpu,
    f.Zdn!,
    f.Pg!,
    size,
    (lane) => compute(laneOf(cpu, f.Zdn!, size, lane, n), laneOf(cpu, f.Zm!, size, lane, m), bits),
  );
};

/** Active lanes of Zd are of Zn. */
export const mergeOfOne = (compute: OfOne, isSigned = false): Run => (cpu, f) => {
  const size = f.size!, bits = 8 << size;
  mergeLanes(cpu, f.Zd!, f.Pg!, size, (lane) => compute(laneOf(cpu, f.Zn!, size, lane, isSigned), bits));
};

/** Every lane of Zdn is of itself and a number. */
export function changeLanes(
  cpu: Cpu,
  Zdn: number,
  size: number,
  isSigned: boolean,
  compute: (value: bigint) => bigint,
) {
  setLanes(cpu, Zdn, size, lanesOf(cpu, Zdn, size, isSigned).map(compute));
}
