// What KVM_CHECK_EXTENSION answers on a host (KVM document, "4.4 KVM_CHECK_EXTENSION"; the constants are
// Linux 6.12's).

import { capabilities, type Capability, capabilityName } from "../kvm/capabilities.ts";
import type { Gic } from "../kvm/host_offer.ts";
import { breakpoints, hasAArch32Kernel, hasRas, type HostProfile, watchpoints } from "./host_profile.ts";
import { slotCount } from "./memory_slots.ts";

/** Vcpus that a VM with one of these interrupt controllers can have. */
export const mostVcpus = (gics: readonly Gic[]) => gics.includes("v3") ? 512 : 8;

/** 0 for one the host does not have. */
export function checkExtension(profile: HostProfile, number: number): number {
  const name = capabilityName(number);
  return name in capabilities ? answer(profile, name as Capability) : 0;
}

function answer(profile: HostProfile, name: Capability): number {
  const yes = (value: boolean) => value ? 1 : 0;
  switch (name) {
    case "KVM_CAP_NR_VCPUS":
      return Math.min(profile.cpus, mostVcpus(profile.gics));
    case "KVM_CAP_MAX_VCPUS":
      return mostVcpus(profile.gics);
    case "KVM_CAP_NR_MEMSLOTS":
      return slotCount;
    case "KVM_CAP_ARM_EL1_32BIT":
      return yes(hasAArch32Kernel(profile));
    case "KVM_CAP_GUEST_DEBUG_HW_BPS":
      return breakpoints(profile);
    case "KVM_CAP_GUEST_DEBUG_HW_WPS":
      return watchpoints(profile);
    case "KVM_CAP_ARM_PMU_V3":
      return yes(profile.pmuCounters > 0);
    case "KVM_CAP_ARM_INJECT_SERROR_ESR":
      return yes(hasRas(profile));
    case "KVM_CAP_ARM_VM_IPA_SIZE":
      return profile.ipaBits;
    case "KVM_CAP_ARM_SVE":
      return yes(profile.vectorLengths.length > 0);
    case "KVM_CAP_ARM_PTRAUTH_ADDRESS":
    case "KVM_CAP_ARM_PTRAUTH_GENERIC":
      return yes(profile.ptrauth !== "none");
    case "KVM_CAP_ARM_MTE":
    case "KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE":
      return 0;
    default:
      return 1;
  }
}
