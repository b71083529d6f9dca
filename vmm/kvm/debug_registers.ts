// What KVM_SET_GUEST_DEBUG is given for the monitor's own single step and breakpoints (KVM document, "4.87
// KVM_SET_GUEST_DEBUG"; Arm DDI 0487, "DBGBCR<n>_EL1").

import type * as layout from "./structs.ts";
import { debugControl } from "./vcpu.ts";

type GuestDebug = Parameters<typeof layout.kvm_guest_debug.pack>[0];

const { KVM_GUESTDBG_ENABLE, KVM_GUESTDBG_SINGLESTEP, KVM_GUESTDBG_USE_HW } = debugControl;

/** DBGBCR_EL1: enabled, at EL1 and EL0, for all four bytes of the instruction. */
const E = 1n, PMC_EL1_EL0 = 3n << 1n, BAS_WORD = 0xfn << 5n;

export const noDebug: GuestDebug = { control: 0 };

/** KVM_RUN exits after each instruction. */
export const singleStep: GuestDebug = { control: KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP };

/** KVM_RUN exits before the instruction at this virtual address. */
export const breakpointAt = (address: bigint): GuestDebug => ({
  control: KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW,
  dbg_bcr: [E | PMC_EL1_EL0 | BAS_WORD],
  dbg_bvr: [address],
});
