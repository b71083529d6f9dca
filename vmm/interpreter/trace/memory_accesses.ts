// Every access to memory that an instruction makes, while instructions are watched: the generated code finds no
// translation by itself then, so that each access comes through here.

import type { AccessSize, Cpu, VirtualMemory } from "../a64/cpu.ts";
import { forgetData } from "../a64/tlb.ts";

export interface MemoryAccess {
  readonly address: bigint;
  readonly bytes: AccessSize;
  readonly isWrite: boolean;
  readonly value: bigint;
}

export class MemoryAccesses implements VirtualMemory {
  #made: MemoryAccess[] = [];
  #isGenerated = false;

  constructor(readonly below: VirtualMemory) {}

  read(cpu: Cpu, address: bigint, bytes: AccessSize): bigint {
    const value = this.below.read(cpu, address, bytes);
    this.#note(cpu, { address, bytes, isWrite: false, value });
    return value;
  }

  write(cpu: Cpu, address: bigint, bytes: AccessSize, value: bigint) {
    this.below.write(cpu, address, bytes, value);
    this.#note(cpu, { address, bytes, isWrite: true, value });
  }

  #note(cpu: Cpu, access: MemoryAccess) {
    this.#made.push(access);
    if (this.#isGenerated) forgetData(cpu, access.address);
  }

  /**
   * Before each instruction.
   * @param isGenerated whether it is generated code alone; TypeScript may look for a translation it has asked for
   */
  expect(cpu: Cpu, isGenerated: boolean) {
    this.#isGenerated = isGenerated;
    for (const { address } of this.#made) forgetData(cpu, address);
    this.#made = [];
  }

  /** Those since `expect`. */
  get made(): readonly MemoryAccess[] {
    return this.#made;
  }
}

export function formatAccess({ address, bytes, isWrite, value }: MemoryAccess): string {
  const place = `${8 * bytes}-bit [0x${address.toString(16)}]`;
  return isWrite ? `0x${value.toString(16)} -> ${place}` : `${place} -> 0x${value.toString(16)}`;
}
