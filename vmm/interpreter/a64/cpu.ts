// One vcpu as its own thread has it: its state and what it reaches, for instructions that are not generated code.

import type { HostProfile } from "../host_profile.ts";
import { CpuState } from "./cpu_state.ts";
import { DebugUnit } from "./debug_unit.ts";
import { GuestException } from "./guest_exception.ts";
import { PerformanceUnit } from "./performance_unit.ts";
import type { PhysicalMemory } from "./physical_memory.ts";
import type { CpuSurroundings } from "./surroundings.ts";

export type AccessSize = 1 | 2 | 4 | 8;

/** How addresses that instructions give reach memory. Throws GuestException. */
export interface VirtualMemory {
  read(cpu: Cpu, address: bigint, bytes: AccessSize): bigint;
  write(cpu: Cpu, address: bigint, bytes: AccessSize, value: bigint): void;
}

export class Cpu extends CpuState {
  readonly debug = new DebugUnit();
  readonly performance = new PerformanceUnit();
  /** As the guest has it, of the last access to a device. */
  deviceAddress = 0n;

  /**
   * @param base byte offset of the state, laid out as cpu_layout.ts says
   * @param profile whose ID registers are those of this vcpu
   */
  constructor(
    readonly memory: PhysicalMemory,
    base: number,
    readonly profile: HostProfile,
    readonly virtualMemory: VirtualMemory,
    readonly surroundings: CpuSurroundings,
  ) {
    super(memory.buffer, base);
  }

  /** Four bits of an ID register. */
  idField(register: string, shift: number): number {
    return Number((this.profile.idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn);
  }

  /**
   * The abort that an access takes.
   * @param status the fault status code, ESR_EL1.DFSC
   */
  dataAbort(status: number, isWrite: boolean, address: bigint): GuestException {
    const isFromEl0 = (this.pstate & 0xc) === 0;
    return new GuestException(isFromEl0 ? 0x24 : 0x25, status | (isWrite ? 1 << 6 : 0), address);
  }

  read(address: bigint, bytes: AccessSize): bigint {
    return this.virtualMemory.read(this, BigInt.asUintN(64, address), bytes);
  }

  write(address: bigint, bytes: AccessSize, value: bigint) {
    this.virtualMemory.write(this, BigInt.asUintN(64, address), bytes, value);
  }
}
