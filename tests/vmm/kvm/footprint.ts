// Where each member of a structure lies, seen from outside: the bytes that a value of all ones leaves.

import type { Struct } from "../../../vmm/kvm/struct.ts";

export interface Footprint {
  /** As C writes it: `exception.serror_esr`. */
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** Every member of `struct` that is not itself a structure. */
export function footprints<V>(struct: Struct<V>): Footprint[] {
  const zeros = struct.unpack(new Uint8Array(struct.size));
  return leavesOf(zeros).map((path) => {
    const bytes = struct.pack(onesAt(zeros, path) as Partial<V>);
    const offset = bytes.indexOf(0xff);
    const size = bytes.reduce((count, byte) => count + (byte === 0xff ? 1 : 0), 0);
    return { path: path.join("."), offset, size };
  });
}

function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (!isStructure(value)) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
}

function onesAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first !== undefined && isStructure(value)) return { [first]: onesAt(value[first], rest) };
  if (Array.isArray(value)) return value.map((element) => onesAt(element, []));
  return typeof value === "bigint" ? 0xffff_ffff_ffff_ffffn : 0xffff_ffff;
}

function isStructure(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
