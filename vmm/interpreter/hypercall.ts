// What a guest's hypercall is given and what comes of it (Arm DEN 0028, "SMC and HVC calling convention").

import type { Power } from "./power.ts";

/** What a vcpu's hypercalls reach. It is plain enough to be made in the vcpu's own thread. */
export interface HypercallHost {
  readonly vcpu: number;
  readonly power: Power;
  /** KVM_REG_ARM_PSCI_VERSION as this vcpu has it. */
  readonly psciVersion: number;
  /** KVM_REG_ARM_STD_BMAP, _STD_HYP_BMAP and _VENDOR_HYP_BMAP. */
  readonly standardServices: number;
  readonly hypervisorServices: number;
  readonly vendorServices: number;
  /** KVM_CAP_ARM_SYSTEM_SUSPEND is enabled. */
  readonly canSuspendSystem: boolean;
  /** Guest-physical address of this vcpu's record of stolen time, cleared, if it has one. */
  stolenTime(): bigint | undefined;
  fillRandom(bytes: Uint8Array<ArrayBuffer>): void;
  /** Nanoseconds since 1970. */
  realTime(): bigint;
  /** CNTPCT_EL0 or CNTVCT_EL0. */
  counter(isPhysical: boolean): bigint;
}

/** X1 to X3, whole. */
export type Arguments = readonly [x1: bigint, x2: bigint, x3: bigint];

/** A KVM_EXIT_SYSTEM_EVENT for the monitor; SHUTDOWN and RESET stop every vcpu of the VM. */
export interface SystemEvent {
  readonly type:
    | "KVM_SYSTEM_EVENT_SHUTDOWN"
    | "KVM_SYSTEM_EVENT_RESET"
    | "KVM_SYSTEM_EVENT_SUSPEND"
    | "KVM_SYSTEM_EVENT_WAKEUP";
  readonly data: readonly bigint[];
}

export interface Outcome {
  /** X0 on, as many as are given; the others keep what they had. */
  readonly registers: readonly bigint[];
  /** The vcpu then waits for an interrupt, as by WFI; or is off; or the monitor is told of an event. */
  readonly then?: "wait" | "off" | SystemEvent;
}

/** X0 has the value and X1 to X3 are zero: what a negative number is in X0 goes for 64 bits. */
export const returns = (...values: readonly (bigint | number)[]): Outcome => ({
  registers: [0, 1, 2, 3].map((n) => BigInt.asUintN(64, BigInt(values[n] ?? 0))),
});

export const SUCCESS = 0, NOT_SUPPORTED = -1, INVALID_PARAMETERS = -2;
