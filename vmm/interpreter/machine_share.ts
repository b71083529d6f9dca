// What another thread needs to take part in a VM: plain data and shared memory, as it was when the thread began.

import type { HostProfile } from "./host_profile.ts";
import type { Slot } from "./memory_slots.ts";

export interface VmShare {
  /** With the ID registers that this VM's vcpus show, and the vector lengths they have. */
  readonly profile: HostProfile;
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly ipaBits: number;
  /** As they were when the thread began. */
  readonly slots: readonly Slot[];
  readonly gic: GicShare | undefined;
  readonly timers: SharedArrayBuffer;
  /** INTIDs of the virtual and the physical timer. */
  readonly timerInterrupts: readonly [number, number];
  readonly power: SharedArrayBuffer;
  /** performance.timeOrigin of the thread by whose clock the counters go. */
  readonly timeOrigin: number;
  readonly firmware: FirmwareShare;
  /** KVM_CAP_ARM_NISV_TO_USER is enabled. */
  readonly givesNisv: boolean;
  readonly vcpus: readonly VcpuShare[];
}

export interface GicShare {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly vcpus: number;
  readonly interrupts: number;
  /** Guest-physical. */
  readonly distributor: number;
  /** Of each vcpu's redistributor, by its number; -1 where there is none. */
  readonly redistributors: readonly number[];
}

export interface FirmwareShare {
  readonly psciVersion: number;
  readonly standardServices: number;
  readonly hypervisorServices: number;
  readonly vendorServices: number;
  readonly canSuspendSystem: boolean;
}

export interface VcpuShare {
  readonly index: number;
  /** Byte offset of its state, and of the pool for its decoded code. */
  readonly base: number;
  readonly pool: number;
  readonly timerSlot: number;
  readonly runPage: SharedArrayBuffer;
  /** What KVM_SET_GUEST_DEBUG was told last. */
  readonly guestDebug: SharedArrayBuffer;
  readonly stolenTime: bigint | undefined;
  /** CCSIDR_EL1 by CSSELR_EL1, 64 bits each. */
  readonly cacheSizes: SharedArrayBuffer;
  /** INTID of the performance monitors. */
  readonly performanceInterrupt: number | undefined;
}

/** Bytes of the pool for decoded code. */
export const poolBytes = 32 << 20;
