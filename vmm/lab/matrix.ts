// Every combination of features and sets of vector lengths, each tried on vcpus that live no longer than the
// question (KVM document, "4.82 KVM_ARM_VCPU_INIT", "4.68 KVM_SET_ONE_REG", "4.119 KVM_ARM_VCPU_FINALIZE").

import type { Capability } from "../kvm/capabilities.ts";
import { type FeatureName, features as known } from "../kvm/features.ts";
import { askHost, createVmWithBits, type HostOffer, vmIpaBits } from "../kvm/host_offer.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { negotiate } from "../kvm/negotiation.ts";
import { KVM_REG_ARM64_SVE_VLS } from "../kvm/register_id.ts";
import type { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import type { Vm } from "../kvm/vm.ts";
import { vlsOfLengths } from "../kvm/vector_lengths.ts";
import { featureCombinations } from "./feature_combinations.ts";
import { lengthSetsToTryOn } from "./length_sets.ts";

/** What a vcpu is asked to be. */
export interface Combination {
  readonly features: readonly FeatureName[];
  /** What KVM_REG_ARM64_SVE_VLS is given, in bits; left as KVM_ARM_VCPU_INIT sets it where this is missing. */
  readonly vectorLengths?: readonly number[];
}

export interface Tried extends Combination {
  /** 0, or the error's name. */
  readonly answer: 0 | string;
  /** Of a refusal: the call that refused, and why in a clause. */
  readonly ioctl?: string;
  readonly because?: string;
}

export interface HostMatrix {
  readonly name: string;
  readonly offer: HostOffer;
  readonly combinations: readonly Tried[];
}

const SVE = "KVM_ARM_VCPU_SVE";

/** Each host is asked for the same combinations, as far as it gives SVE at all. Throws KvmError. */
export function tryEverything(hosts: readonly { name: string; kvm: Kvm }[]): HostMatrix[] {
  const asked = hosts.map((host) => ({ ...host, offer: askHost(host.kvm) }));
  const sets = lengthSetsToTryOn(asked.map(({ offer }) => offer.vectorLengths));
  return asked.map(({ name, kvm, offer }) => ({ name, offer, combinations: tryHost(kvm, offer, sets) }));
}

function tryHost(kvm: Kvm, offer: HostOffer, sets: readonly number[][]): Tried[] {
  return featureCombinations.flatMap((features) =>
    withVcpus(kvm, offer, (newVcpu) => {
      const tell = (combination: Combination, error: KvmError | undefined): Tried => {
        if (!error) return { ...combination, answer: 0 };
        const because = whyRefused(kvm, offer, combination) ?? error.meaning;
        return { ...combination, answer: error.errno, ioctl: error.ioctl, because };
      };
      const attempt = (combination: Combination, vcpu: Vcpu) =>
        tell(combination, refusalOf(() => configure(vcpu, offer.target, combination)));
      const whole = attempt({ features }, newVcpu());
      // Whoever is refused by KVM_ARM_VCPU_INIT has no set of lengths to be given.
      if (whole.answer !== 0 || !features.includes(SVE)) return [whole];
      const scratch = newVcpu();
      scratch.init(offer.target, features);
      return [
        whole,
        ...sets.map((vectorLengths) => {
          const refusal = refusalOf(() => setLengths(scratch, vectorLengths));
          const combination = { features, vectorLengths };
          return refusal ? tell(combination, refusal) : attempt(combination, newVcpu());
        }),
      ];
    })
  );
}

/** Runs `body` with a supply of vcpus, not initialised, that live no longer; few VMs, as they are slow to make. */
function withVcpus<T>(kvm: Kvm, offer: HostOffer, body: (newVcpu: () => Vcpu) => T): T {
  const opened: { close(): void }[] = [];
  let vm: Vm | undefined;
  let used = 0;
  const keep = <H extends { close(): void }>(handle: H): H => {
    opened.push(handle);
    return handle;
  };
  try {
    return body(() => {
      if (!vm || used === offer.maxVcpus) {
        vm = keep(createVmWithBits(kvm, vmIpaBits(offer.ipaBits)));
        used = 0;
      }
      return keep(vm.createVcpu(used++));
    });
  } finally {
    opened.reverse().forEach((handle) => handle.close());
  }
}

function refusalOf(body: () => void): KvmError | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof KvmError) return error;
    throw error;
  }
}

function configure(vcpu: Vcpu, target: number, { features, vectorLengths }: Combination) {
  vcpu.init(target, features);
  if (vectorLengths) setLengths(vcpu, vectorLengths);
  features.filter((name) => "finalize" in known[name]).forEach((name) => vcpu.finalize(name));
}

const setLengths = (vcpu: Vcpu, lengths: readonly number[]) =>
  vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(lengths));

/** Why in the terms of what is asked, where that is known. */
function whyRefused(
  kvm: Kvm,
  offer: HostOffer,
  { features, vectorLengths }: Combination,
): string | undefined {
  for (const name of features) {
    const capability = capabilityOf(name);
    if (capability && !kvm.checkExtension(capability)) return `the host lacks it (${capability} is 0)`;
  }
  const halves = (["KVM_ARM_VCPU_PTRAUTH_ADDRESS", "KVM_ARM_VCPU_PTRAUTH_GENERIC"] as const)
    .filter((name) => features.includes(name));
  if (halves.length === 1) return "pointer authentication is given whole or not at all";
  if (!vectorLengths) return undefined;
  const negotiated = negotiate(
    { sve: { kind: "exact", lengths: vectorLengths }, ptrauth: "off", pmu: "off" },
    offer,
  );
  return "refusals" in negotiated ? negotiated.refusals[0]!.because : undefined;
}

function capabilityOf(name: FeatureName): Capability | undefined {
  const feature = known[name];
  return "capability" in feature ? feature.capability : undefined;
}
