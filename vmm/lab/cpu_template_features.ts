// What a CPU template's bits of kvm_vcpu_init.features make of a request.

import type { CpuTemplate } from "../kvm/cpu_template.ts";
import type { FeatureRequest, SveRequest, Switch } from "../kvm/feature_request.ts";
import { type FeatureName, featureName, features } from "../kvm/features.ts";
import { registerName } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { longest } from "../kvm/vector_lengths.ts";

/** Of the words of kvm_vcpu_init.features, the first the lowest: the bits that are changed, and what they become. */
export interface FeatureBits {
  readonly mask: bigint;
  readonly value: bigint;
}

/** What a template does with a feature. */
type Effect = "set" | "cleared" | "left";

/** Those that a template can choose; the others are the machine's to give. */
const chosen: readonly FeatureName[] = [
  "KVM_ARM_VCPU_PSCI_0_2",
  "KVM_ARM_VCPU_PMU_V3",
  "KVM_ARM_VCPU_SVE",
  "KVM_ARM_VCPU_PTRAUTH_ADDRESS",
  "KVM_ARM_VCPU_PTRAUTH_GENERIC",
];

const isThere: SveRequest = { kind: "max", bits: longest };

/**
 * The request with the template's bits applied. As in Firecracker, a feature that neither names is off.
 * @param named what options ask for
 * @param tell is told, a sentence each, where template and options contradict; the template prevails
 * Throws RequestError for features that a template cannot give a vcpu here.
 */
export function requestWith(
  bits: FeatureBits,
  named: Partial<FeatureRequest>,
  tell: (sentence: string) => void,
): FeatureRequest {
  checkBits(bits, tell);
  const effect = (name: FeatureName) => effectOf(bits, features[name].bit);
  const address = effect("KVM_ARM_VCPU_PTRAUTH_ADDRESS");
  if (address !== effect("KVM_ARM_VCPU_PTRAUTH_GENERIC")) {
    throw refusal(
      "it treats the halves of pointer authentication differently, and a vcpu gets both or neither",
    );
  }
  const contradict = (option: string, value: string, effect: Effect) =>
    tell(`--${option} ${value} does not hold: the template has that feature ${effect}`);
  const choose = (option: "ptrauth" | "pmu", effect: Effect): Switch => {
    const asked = named[option];
    if (effect === "left") return asked ?? "off";
    const prevails = effect === "set" ? "on" : "off";
    if (asked === "on" && prevails === "off" || asked === "off" && prevails === "on") {
      contradict(option, asked, effect);
    }
    return prevails;
  };
  return {
    sve: chooseSve(effect("KVM_ARM_VCPU_SVE"), named.sve, contradict),
    ptrauth: choose("ptrauth", address),
    pmu: choose("pmu", effect("KVM_ARM_VCPU_PMU_V3")),
  };
}

function chooseSve(
  effect: Effect,
  asked: SveRequest | undefined,
  contradict: (option: string, value: string, effect: Effect) => void,
): SveRequest {
  if (effect === "left") return asked ?? { kind: "off" };
  const isOff = asked?.kind === "off";
  if (effect === "set") {
    if (isOff) contradict("sve", "off", effect);
    return !asked || isOff || asked.kind === "auto" ? isThere : asked;
  }
  if (asked && !isOff && asked.kind !== "auto") {
    contradict("sve", asked.kind === "max" ? `max=${asked.bits}` : asked.lengths.join(), effect);
  }
  return { kind: "off" };
}

function effectOf({ mask, value }: FeatureBits, bit: number): Effect {
  if (!(mask >> BigInt(bit) & 1n)) return "left";
  return value >> BigInt(bit) & 1n ? "set" : "cleared";
}

/** Bits of features that a template cannot choose. */
function checkBits(bits: FeatureBits, tell: (sentence: string) => void) {
  for (let bit = 0; bits.value >> BigInt(bit) !== 0n; bit++) {
    const name = featureName(bit);
    if (effectOf(bits, bit) === "set" && !chosen.includes(name as FeatureName)) {
      throw refusal(
        `it sets bit ${bit} (${name}), and a template can choose ${chosen.join(", ")} here`,
      );
    }
  }
  if (effectOf(bits, features.KVM_ARM_VCPU_PSCI_0_2.bit) === "cleared") {
    tell(
      "the template clears KVM_ARM_VCPU_PSCI_0_2, by which guests start vcpus and power off: it stays set",
    );
  }
}

const refusal = (why: string) =>
  new RequestError("cpu-template", `the template's vcpu_features cannot be had: ${why}`);

/** Set after the template, as the boot protocol wants them. */
const bootRegisters = ["X0", "X1", "X2", "X3", "PC", "PSTATE"];

/** A sentence for each register whose change by the template is lost at boot. */
export function tellLostRegisters({ registers }: CpuTemplate, tell: (sentence: string) => void) {
  for (
    const name of registers.map(({ id }) => registerName(id)).filter((name) => bootRegisters.includes(name))
  ) {
    tell(`the template's ${name} is lost: the boot protocol sets it afterwards`);
  }
}
