// A guest's memory without an MMU: where an address lies is a function.

import type { Cpu, VirtualMemory } from "../../../../vmm/interpreter/a64/cpu.ts";

/** The offset in the shared memory of an access. May throw GuestException. */
export type PlaceOf = (cpu: Cpu, address: bigint, bytes: number, isWrite: boolean) => number;

export const placedMemory = (placeOf: PlaceOf): VirtualMemory => ({
  read(cpu, address, bytes) {
    const at = placeOf(cpu, address, bytes, false);
    let value = 0n;
    for (let n = bytes - 1; n >= 0; n--) value = value << 8n | BigInt(cpu.memory.bytes[at + n]!);
    return value;
  },
  write(cpu, address, bytes, value) {
    const at = placeOf(cpu, address, bytes, true);
    for (let n = 0; n < bytes; n++) cpu.memory.bytes[at + n] = Number(value >> BigInt(8 * n) & 0xffn);
  },
});
