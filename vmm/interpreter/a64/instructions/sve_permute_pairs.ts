// What EXT and SPLICE make of two vectors (Arm DDI 0487, "EXT", "SPLICE"), wherever the result goes.

import type { Cpu } from "../cpu.ts";
import { copyOf, lanesOf, predicateOf } from "./sve_registers.ts";

/** Bytes of both, one after the other, from a position on; a position past the first counts as 0. */
export function extracted(cpu: Cpu, Zn: number, Zm: number, position: number): Uint8Array {
  const first = copyOf(cpu, Zn), { length } = first;
  const from = position < length ? position : 0;
  const result = new Uint8Array(length);
  result.set(first.subarray(from));
  result.set(copyOf(cpu, Zm).subarray(0, from), length - from);
  return result;
}

/** The first's lanes from the first active one to the last, then the second's from its start. */
export function spliced(cpu: Cpu, Pg: number, size: number, Zn: number, Zm: number): bigint[] {
  const mask = predicateOf(cpu, Pg, size), first = mask.indexOf(true);
  const segment = first < 0 ? [] : lanesOf(cpu, Zn, size).slice(first, mask.lastIndexOf(true) + 1);
  return [...segment, ...lanesOf(cpu, Zm, size)].slice(0, mask.length);
}
