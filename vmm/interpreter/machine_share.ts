// What another thread needs to take part in a VM: plain data and shared memory, as it was when the thread began.
// What can change from then on is in `news`.

import type { HostProfile } from "./host_profile.ts";

export interface VmShare {
  /** Which of its backend's VMs it is. */
  readonly number: number;
  /** With the ID registers that this VM's vcpus show, and the vector lengths they have. */
  readonly profile: HostProfile;
  readonly memory: WebAssembly.Memory;
  /** The engine's; undefined where the first thread has none, and the one that runs vcpus makes it. */
  readonly module: WebAssembly.Module | undefined;
  /** Bits of guest-physical address. */
  readonly ipaBits: number;
  /** VmNow, as it is published. */
  readonly news: SharedArrayBuffer;
  readonly gic: GicV2Share | GicV3Share | undefined;
  /** IRQ and FIQ inputs of vcpus without an interrupt controller. */
  readonly inputs: SharedArrayBuffer;
  readonly timers: SharedArrayBuffer;
  /** INTIDs of the virtual and the physical timer. */
  readonly timerInterrupts: readonly [number, number];
  readonly power: SharedArrayBuffer;
  /** Of `GuestTime`. */
  readonly guestTime: SharedArrayBuffer;
  /** Where the guest is to run the same each time: what its random numbers follow from. */
  readonly seed: number | undefined;
  /** performance.timeOrigin of the thread by whose clock the counters go. */
  readonly timeOrigin: number;
  readonly vcpus: readonly VcpuShare[];
}

interface AnyGicShare {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly vcpus: number;
  readonly interrupts: number;
  /** Guest-physical. */
  readonly distributor: number;
}

export interface GicV2Share extends AnyGicShare {
  readonly version: "v2";
  readonly cpuInterface: number;
}

export interface GicV3Share extends AnyGicShare {
  readonly version: "v3";
  /** Of each vcpu's redistributor, by its number; -1 where there is none. */
  readonly redistributors: readonly number[];
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

/** Bytes of the pool for decoded code: some two thousand pages. */
export const poolBytes = 40 << 20;
