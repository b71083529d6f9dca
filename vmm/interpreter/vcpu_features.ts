// KVM_ARM_VCPU_INIT's feature bits: which a host can give (KVM document, "4.82 KVM_ARM_VCPU_INIT").

import { errno } from "../kvm/errno.ts";
import { type FeatureName, featureNames, features, featureWords } from "../kvm/features.ts";
import { hasAArch32Kernel, type HostProfile } from "./host_profile.ts";

/** The only target there is: KVM_ARM_TARGET_GENERIC_V8. */
export const genericTarget = 5;

const every = featureWords(Object.keys(features) as FeatureName[])[0]!;
const ptrauthHalves: readonly FeatureName[] = [
  "KVM_ARM_VCPU_PTRAUTH_ADDRESS",
  "KVM_ARM_VCPU_PTRAUTH_GENERIC",
];
const poweredOff = featureWords(["KVM_ARM_VCPU_POWER_OFF"])[0]!;

export interface AskedFeatures {
  readonly names: ReadonlySet<FeatureName>;
  readonly isPoweredOff: boolean;
}

/** The features that a `kvm_vcpu_init` asks for, or minus the error number. */
export function askedFeatures(
  profile: HostProfile,
  target: number,
  words: readonly number[],
): AskedFeatures | number {
  const [first = 0, ...further] = words;
  if (target !== genericTarget) return -errno.EINVAL;
  if (first & ~every || further.some((word) => word !== 0)) return -errno.ENOENT;
  const names = new Set(featureNames([first & ~poweredOff]) as FeatureName[]);
  if ([...names].some((name) => !offers(profile, name))) return -errno.EINVAL;
  const halves = ptrauthHalves.filter((name) => names.has(name)).length;
  if (halves === 1) return -errno.EINVAL;
  return { names, isPoweredOff: (first & poweredOff) !== 0 };
}

function offers(profile: HostProfile, name: FeatureName): boolean {
  switch (name) {
    case "KVM_ARM_VCPU_EL1_32BIT":
      return hasAArch32Kernel(profile);
    case "KVM_ARM_VCPU_PMU_V3":
      return profile.pmuCounters > 0;
    case "KVM_ARM_VCPU_SVE":
      return profile.vectorLengths.length > 0;
    case "KVM_ARM_VCPU_PTRAUTH_ADDRESS":
    case "KVM_ARM_VCPU_PTRAUTH_GENERIC":
      return profile.ptrauth !== "none";
    default:
      return true;
  }
}
