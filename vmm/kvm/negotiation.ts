// Which features a vcpu gets: a pure plan first, from what is wanted and what the host offers, then the calls
// in the order the kernel's document prescribes (KVM document, "4.82 KVM_ARM_VCPU_INIT" and "4.119
// KVM_ARM_VCPU_FINALIZE"): INIT, read KVM_REG_ARM64_SVE_VLS, write it where it is to differ, FINALIZE.

import type { FeatureRequest, SveRequest, Switch } from "./feature_request.ts";
import type { FeatureName } from "./features.ts";
import type { Vcpu } from "./vcpu.ts";
import type { FeatureOffer } from "./host_offer.ts";
import { KVM_REG_ARM64_SVE_VLS } from "./register_id.ts";
import { acceptableSets, formatLengths, lengthsOfVls, sameLengths, vlsOfLengths } from "./vector_lengths.ts";

/** What every vcpu of the VM is to have. */
export interface Plan {
  readonly features: readonly FeatureName[];
  /** In bits, ascending; empty without SVE. */
  readonly vectorLengths: readonly number[];
  readonly ptrauth: boolean;
  readonly pmu: boolean;
}

export interface Refusal {
  readonly field: keyof FeatureRequest;
  /** One sentence: what offends, the rule, and what this host would accept. */
  readonly message: string;
  /** Of vector lengths: the clause in it that says why this set offends. */
  readonly because?: string;
  /** The first length that offends, in bits; none does in an empty set. */
  readonly offending?: number;
  /** Every set of lengths, in bits, that this host accepts. */
  readonly acceptable?: readonly (readonly number[])[];
}

/** The plan, or why each thing that was refused was refused. */
export type Negotiated = { plan: Plan } | { refusals: Refusal[] };

/** Pure: the host is not touched. */
export function negotiate(wanted: FeatureRequest, offered: FeatureOffer): Negotiated {
  const lengths = chooseLengths(wanted.sve, offered.vectorLengths);
  const ptrauth = choosePtrauth(wanted.ptrauth, offered);
  const pmu = choosePmu(wanted.pmu, offered.pmu);
  const refusals = [lengths, ptrauth, pmu].filter((choice) => isRefusal(choice));
  if (isRefusal(lengths) || isRefusal(ptrauth) || isRefusal(pmu)) return { refusals };
  const features: FeatureName[] = ["KVM_ARM_VCPU_PSCI_0_2"];
  if (pmu) features.push("KVM_ARM_VCPU_PMU_V3");
  if (lengths.length) features.push("KVM_ARM_VCPU_SVE");
  if (ptrauth) features.push("KVM_ARM_VCPU_PTRAUTH_ADDRESS", "KVM_ARM_VCPU_PTRAUTH_GENERIC");
  return { plan: { features, vectorLengths: lengths, ptrauth, pmu } };
}

function isRefusal(choice: readonly number[] | boolean | Refusal): choice is Refusal {
  return typeof choice === "object" && "message" in choice;
}

function chooseLengths(wanted: SveRequest, host: readonly number[]): readonly number[] | Refusal {
  if (wanted.kind === "off") return [];
  if (wanted.kind === "auto") return host;
  if (host.length === 0) {
    const message =
      "this host has no SVE (KVM_CAP_ARM_SVE is 0), so no vector length can be had; ask for off or auto";
    return { field: "sve", message, acceptable: [] };
  }
  return wanted.kind === "max" ? upTo(wanted.bits, host) : exactly(wanted.lengths, host);
}

function upTo(bits: number, host: readonly number[]): readonly number[] | Refusal {
  const within = host.filter((length) => length <= bits);
  if (within.length) return within;
  return refuseLengths(bits, `the host's shortest vector is longer than ${bits} bits`, host);
}

function exactly(wanted: readonly number[], host: readonly number[]): readonly number[] | Refusal {
  if (wanted.length === 0) return refuseLengths(undefined, "a vcpu with SVE has at least one length", host);
  const own = Math.max(...wanted);
  const foreign = wanted.find((length) => !host.includes(length));
  if (foreign !== undefined) {
    return refuseLengths(foreign, `the host's vectors cannot be ${foreign} bits long`, host);
  }
  const within = host.filter((length) => length <= own);
  const missing = within.find((length) => !wanted.includes(length));
  if (missing === undefined) return within;
  return refuseLengths(
    missing,
    `the host has ${missing} bits too, which a vcpu with ${own} bits cannot be without`,
    host,
  );
}

function refuseLengths(offending: number | undefined, because: string, host: readonly number[]): Refusal {
  const acceptable = acceptableSets(host);
  const choices = acceptable.map(formatLengths).join(" or ");
  const what = offending === undefined ? "the empty set" : `vector length ${offending}`;
  return {
    field: "sve",
    ...offending !== undefined && { offending },
    acceptable,
    because,
    message: `${what} offends: ${because}; up to its own maximum a vcpu's set must equal ` +
      `the host's, so this host accepts ${choices}`,
  };
}

function choosePtrauth(wanted: Switch, offered: FeatureOffer): boolean | Refusal {
  const isWhole = offered.ptrauthAddress && offered.ptrauthGeneric;
  if (wanted === "off") return false;
  if (wanted === "auto" || isWhole) return isWhole;
  const missing = [
    ...offered.ptrauthAddress ? [] : ["KVM_CAP_ARM_PTRAUTH_ADDRESS"],
    ...offered.ptrauthGeneric ? [] : ["KVM_CAP_ARM_PTRAUTH_GENERIC"],
  ];
  return {
    field: "ptrauth",
    message: `this host has no pointer authentication for guests (${missing.join(" and ")} ` +
      `${missing.length > 1 ? "are" : "is"} 0), and a vcpu gets both halves or neither; ask for off or auto`,
  };
}

function choosePmu(wanted: Switch, offered: boolean): boolean | Refusal {
  if (wanted !== "on" || offered) return wanted !== "off" && offered;
  const message =
    "this host has no performance monitors for guests (KVM_CAP_ARM_PMU_V3 is 0); ask for off or auto";
  return { field: "pmu", message };
}

/** Gives one vcpu what the plan says. Throws KvmError. */
export function configureVcpu(vcpu: Vcpu, target: number, plan: Plan, more: readonly FeatureName[] = []) {
  vcpu.init(target, [...more, ...plan.features]);
  if (plan.vectorLengths.length === 0) return;
  const best = lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS));
  if (!sameLengths(best, plan.vectorLengths)) {
    vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(plan.vectorLengths));
  }
  vcpu.finalize("KVM_ARM_VCPU_SVE");
}
