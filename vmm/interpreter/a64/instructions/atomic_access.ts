// Accesses that other vcpus see as one, for instructions whose meaning is TypeScript (Arm DDI 0487, "Atomicity in
// the Arm architecture"). Those of 16 bytes, those that are misaligned and those to pages whose stores are watched
// are atomic among themselves only.

import type { AccessSize, Cpu } from "../cpu.ts";
import { checkAlignment } from "./load_store_alignment.ts";
import { alone, compareExchange, writablePlace } from "./shared_place.ts";

/** A value in memory and, for pairs of 64 bits, the one after it. */
export type Doubleword = readonly [low: bigint, high: bigint];

/** Reads up to 16 bytes; of up to 8 the high part is 0. */
export function readDouble(cpu: Cpu, address: bigint, bytes: AccessSize | 16): Doubleword {
  if (bytes !== 16) return [cpu.read(address, bytes), 0n];
  cpu.read(address, 8);
  return alone(cpu, address, () => [cpu.read(address, 8), cpu.read(address + 8n, 8)]);
}

const isAligned = (address: bigint, bytes: AccessSize) => (address & BigInt(bytes - 1)) === 0n;

/** Replaces what is there by what `update` makes of it, and answers what was there. */
export function updateMemory(
  cpu: Cpu,
  address: bigint,
  bytes: AccessSize,
  update: (old: bigint) => bigint,
): bigint {
  checkAlignment(cpu, address, bytes, false, "atomic");
  const updated = (old: bigint) => BigInt.asUintN(8 * bytes, update(old));
  let old = cpu.read(address, bytes);
  const place = isAligned(address, bytes) ? writablePlace(cpu, address) : -1;
  if (place < 0) {
    return alone(cpu, address, () => {
      const was = cpu.read(address, bytes);
      cpu.write(address, bytes, updated(was));
      return was;
    });
  }
  while (true) {
    const seen = compareExchange(cpu, place, bytes, old, updated(old));
    if (seen === old) return old;
    old = seen;
  }
}

/** Writes `desired` if `expected` is there; answers what was there. */
export function compareAndSwap(
  cpu: Cpu,
  address: bigint,
  bytes: AccessSize | 16,
  expected: Doubleword,
  desired: Doubleword,
): Doubleword {
  checkAlignment(cpu, address, bytes, false, "atomic");
  cpu.read(address, bytes === 16 ? 8 : bytes);
  if (bytes === 16) return alone(cpu, address, () => swapPair(cpu, address, expected, desired));
  const place = isAligned(address, bytes) ? writablePlace(cpu, address) : -1;
  if (place >= 0) return [compareExchange(cpu, place, bytes, expected[0], desired[0]), 0n];
  return alone(cpu, address, () => {
    const old = cpu.read(address, bytes);
    if (old === expected[0]) cpu.write(address, bytes, desired[0]);
    return [old, 0n];
  });
}

function swapPair(cpu: Cpu, address: bigint, expected: Doubleword, desired: Doubleword): Doubleword {
  const old = [cpu.read(address, 8), cpu.read(address + 8n, 8)] as const;
  if (old[0] === expected[0] && old[1] === expected[1]) {
    cpu.write(address, 8, desired[0]);
    cpu.write(address + 8n, 8, desired[1]);
  }
  return old;
}
