// Why a vcpu gets what it gets: one sentence for each feature of a plan.

import type { FeatureRequest, SveRequest, Switch } from "./feature_request.ts";
import type { FeatureOffer } from "./host_offer.ts";
import type { Plan } from "./negotiation.ts";
import { formatLengths, sameLengths } from "./vector_lengths.ts";

/** In the order SVE, pointer authentication, performance monitors. */
export function explain(wanted: FeatureRequest, offered: FeatureOffer, plan: Plan): string[] {
  return [
    explainSve(wanted.sve, offered.vectorLengths, plan.vectorLengths),
    explainSwitch("pointer authentication", wanted.ptrauth, plan.ptrauth, {
      capabilities: "KVM_CAP_ARM_PTRAUTH_ADDRESS and KVM_CAP_ARM_PTRAUTH_GENERIC",
      granted: "a vcpu gets both halves or neither",
    }),
    explainSwitch("performance monitors", wanted.pmu, plan.pmu, {
      capabilities: "KVM_CAP_ARM_PMU_V3",
      granted: "their interrupt is PPI 7",
    }),
  ];
}

function explainSve(wanted: SveRequest, host: readonly number[], lengths: readonly number[]): string {
  if (wanted.kind === "off") return "SVE is off, as asked";
  if (lengths.length === 0) {
    return "SVE is off: the host has none (KVM_CAP_ARM_SVE is 0), and auto takes what there is";
  }
  if (sameLengths(host, lengths)) {
    return "SVE has every length of the host, which KVM_ARM_VCPU_INIT sets, so KVM_REG_ARM64_SVE_VLS is left as it is";
  }
  const longest = lengths.at(-1)!;
  const left = host.filter((length) => length > longest);
  return `SVE has the host's set up to ${longest} bits and leaves out ${formatLengths(left)}, which ` +
    "KVM_REG_ARM64_SVE_VLS is written for, before KVM_ARM_VCPU_FINALIZE makes it immutable";
}

function explainSwitch(
  name: string,
  wanted: Switch,
  isOn: boolean,
  { capabilities, granted }: { capabilities: string; granted: string },
): string {
  if (wanted === "off") return `${name}: off, as asked`;
  if (isOn) return `${name}: on, for the host offers ${capabilities}; ${granted}`;
  return `${name}: off, for the host does not offer ${capabilities}, and auto takes what there is`;
}
