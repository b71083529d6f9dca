// Every combination of a vcpu's features, each tried on a vcpu that lives no longer (KVM document, "4.82
// KVM_ARM_VCPU_INIT").

import { type FeatureName, features } from "../kvm/features.ts";
import { withVcpu, withVm } from "../kvm/host_offer.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { type RegisterId } from "../kvm/register_id.ts";
import type { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";

/** Whether a vcpu starts powered off changes nothing of what it can be. */
const combined = (Object.keys(features) as FeatureName[]).filter((name) => name !== "KVM_ARM_VCPU_POWER_OFF");

/** Every set of features, the empty one first. */
export const featureCombinations: readonly (readonly FeatureName[])[] = Array.from(
  { length: 2 ** combined.length },
  (_, set) => combined.filter((_, index) => set >> index & 1),
);

export interface TriedCombination {
  readonly features: readonly FeatureName[];
  readonly answer: 0 | KvmError;
  /** Of an accepted combination, once it is finalized. */
  readonly registers?: readonly RegisterId[];
}

/** Throws KvmError for any but a refusal of KVM_ARM_VCPU_INIT. */
export function tryCombinations(kvm: Kvm, ipaBits: number, target: number): TriedCombination[] {
  // A VM each: all vcpus of a VM have the same features.
  return featureCombinations.map((names) =>
    withVm(kvm, ipaBits, (vm) => withVcpu(vm, (vcpu) => tryCombination(vcpu, target, names)))
  );
}

function tryCombination(vcpu: Vcpu, target: number, names: readonly FeatureName[]): TriedCombination {
  try {
    vcpu.init(target, names);
  } catch (error) {
    if (error instanceof KvmError) return { features: names, answer: error };
    throw error;
  }
  names.filter((name) => "finalize" in features[name]).forEach((name) => vcpu.finalize(name));
  return { features: names, answer: 0, registers: vcpu.registerList() };
}
