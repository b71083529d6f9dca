// The features a vcpu can be given at KVM_ARM_VCPU_INIT (arm64's asm/kvm.h; KVM document, "4.82
// KVM_ARM_VCPU_INIT"): bit in features[], the capability it depends on, whether it needs finalizing.

import type { Capability } from "./capabilities.ts";
import { s32, struct } from "./struct.ts";

export interface Feature {
  readonly bit: number;
  readonly capability?: Capability;
  readonly finalize?: true;
}

export const features = {
  KVM_ARM_VCPU_POWER_OFF: { bit: 0 },
  KVM_ARM_VCPU_EL1_32BIT: { bit: 1, capability: "KVM_CAP_ARM_EL1_32BIT" },
  KVM_ARM_VCPU_PSCI_0_2: { bit: 2, capability: "KVM_CAP_ARM_PSCI_0_2" },
  KVM_ARM_VCPU_PMU_V3: { bit: 3, capability: "KVM_CAP_ARM_PMU_V3" },
  KVM_ARM_VCPU_SVE: { bit: 4, capability: "KVM_CAP_ARM_SVE", finalize: true },
  KVM_ARM_VCPU_PTRAUTH_ADDRESS: { bit: 5, capability: "KVM_CAP_ARM_PTRAUTH_ADDRESS" },
  KVM_ARM_VCPU_PTRAUTH_GENERIC: { bit: 6, capability: "KVM_CAP_ARM_PTRAUTH_GENERIC" },
} as const satisfies Record<string, Feature>;

/** What KVM_ARM_VCPU_FINALIZE takes: the address of a plain int. */
export const finalizeArgument = struct("int", { feature: s32 });

export type FeatureName = keyof typeof features;

/** The feature whose bit this is, or `feature N`. */
export function featureName(bit: number): FeatureName | `feature ${number}` {
  const row = Object.entries(features).find(([, feature]) => feature.bit === bit);
  return row ? row[0] as FeatureName : `feature ${bit}`;
}

/** The words of `kvm_vcpu_init.features` in which exactly these features are set. */
export function featureWords(names: readonly FeatureName[]): number[] {
  return [names.reduce((word, name) => word | 1 << features[name].bit, 0) >>> 0];
}

/** The names of the features set in these words. */
export function featureNames(words: readonly number[]): string[] {
  return words.flatMap((word, index) =>
    Array.from({ length: 32 }, (_, bit) => word >>> bit & 1 ? featureName(32 * index + bit) : "").filter(
      Boolean,
    )
  );
}
