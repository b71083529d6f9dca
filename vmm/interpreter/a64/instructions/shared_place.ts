// Where an address that was just translated lies in the shared memory, and atomic accesses there, for instructions
// whose meaning is TypeScript (ECMA-262, "The Atomics Object"; cpu_layout.ts says how the TLB lies).

import type { AccessSize, Cpu } from "../cpu.ts";
import { cpuWord, pageBits, pageSize, tlbEntries, tlbEntry } from "../cpu_layout.ts";

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

const views = new WeakMap<ArrayBufferLike, Readonly<Record<AccessSize, Words>>>();

function wordsOf(buffer: ArrayBufferLike, bytes: AccessSize): Words {
  let known = views.get(buffer);
  if (!known) {
    known = {
      1: new Uint8Array(buffer),
      2: new Uint16Array(buffer),
      4: new Uint32Array(buffer),
      8: new BigUint64Array(buffer),
    };
    views.set(buffer, known);
  }
  return known[bytes];
}

type Tag = typeof tlbEntry.readTag | typeof tlbEntry.writeTag;

/** Byte offset in the shared memory; -1 if the TLB does not have the address. */
function placeOf(cpu: Cpu, address: bigint, tag: Tag): number {
  const { view } = cpu.memory;
  const index = Number(address >> BigInt(pageBits) & BigInt(tlbEntries - 1));
  const entry = Number(cpu.u64(cpuWord.tlb)) + index * tlbEntry.size;
  const page = BigInt.asUintN(64, address & -BigInt(pageSize));
  if (view.getBigUint64(entry + tag, true) !== page) return -1;
  return Number(BigInt.asUintN(64, address + view.getBigUint64(entry + tlbEntry.addend, true)));
}

/** Byte offset in the shared memory; -1 if the TLB does not say that it may be written. */
export const writablePlace = (cpu: Cpu, address: bigint) => placeOf(cpu, address, tlbEntry.writeTag);

/** At a place aligned to the size: writes `desired` if `expected` is there, and answers what was. */
export function compareExchange(
  cpu: Cpu,
  place: number,
  bytes: AccessSize,
  expected: bigint,
  desired: bigint,
): bigint {
  const words = wordsOf(cpu.memory.buffer, bytes);
  if (words instanceof BigUint64Array) return Atomics.compareExchange(words, place / 8, expected, desired);
  return BigInt(Atomics.compareExchange(words, place / bytes, Number(expected), Number(desired)));
}

/**
 * A word of the shared memory, in its first page, which is no guest's: 1 while a vcpu does what no single access
 * can. Accesses of 16 bytes are atomic among themselves, not towards others to their halves.
 */
export const lockWord = { place: 0, bytes: 4, free: 0, taken: 1 } as const;

/**
 * Does it while no other vcpu does such, if what was just read at the address is memory: whoever waits for a
 * device must not keep the others, one of which may be the device's thread.
 */
export function alone<T>(cpu: Cpu, address: bigint, action: () => T): T {
  if (placeOf(cpu, address, tlbEntry.readTag) < 0) return action();
  const words = wordsOf(cpu.memory.buffer, lockWord.bytes) as Uint32Array;
  const { place, free, taken } = lockWord;
  while (Atomics.compareExchange(words, place, free, taken) !== free);
  try {
    return action();
  } finally {
    Atomics.store(words, place, free);
  }
}
