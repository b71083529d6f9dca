// Cases about KVM_ARM_VCPU_INIT: which features a vcpu gets, and what it has before and after.

import { assertMatch } from "@std/assert";
import { type FeatureName, featureNames, features, featureWords } from "../../../vmm/kvm/features.ts";
import type { HostOffer } from "../../../vmm/kvm/host_offer.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { KVM_REG_ARM64_SVE_VLS, registerNamed } from "../../../vmm/kvm/register_id.ts";
import { kvm_vcpu_init } from "../../../vmm/kvm/structs.ts";
import { hasPmu, hasPtrauth, hasSve, pmu, psci, ptrauth, rawAnswer } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";

const INIT = 'KVM document, "4.82 KVM_ARM_VCPU_INIT"';
const names = Object.keys(features) as FeatureName[];
const half: FeatureName[] = ["KVM_ARM_VCPU_PTRAUTH_ADDRESS"];
const otherHalf: FeatureName[] = ["KVM_ARM_VCPU_PTRAUTH_GENERIC"];
const X0 = registerNamed("X0");

function offers(offer: HostOffer, feature: FeatureName): boolean {
  switch (feature) {
    case "KVM_ARM_VCPU_EL1_32BIT":
      return offer.aarch32;
    case "KVM_ARM_VCPU_PMU_V3":
      return offer.pmu;
    case "KVM_ARM_VCPU_SVE":
      return hasSve(offer);
    case "KVM_ARM_VCPU_PTRAUTH_ADDRESS":
      return offer.ptrauthAddress;
    case "KVM_ARM_VCPU_PTRAUTH_GENERIC":
      return offer.ptrauthGeneric;
    default:
      return true;
  }
}

/** Every set of features, as a word of feature bits; being powered off (bit 0) is no feature to negotiate. */
const everySet = Array.from({ length: 2 ** (names.length - 1) }, (_, word) => word << 1);

function isAccepted(word: number, offer: HostOffer): boolean {
  const asked = featureNames([word]) as FeatureName[];
  const isHalf = asked.includes(half[0]!) !== asked.includes(otherHalf[0]!);
  return !isHalf && asked.every((feature) => offers(offer, feature));
}

export const initCases: Case[] = [
  defineCase({
    name: "a vcpu that was never initialised answers ENOEXEC to all but its initialisation",
    source: "Linux 6.12",
    ask(bench) {
      const vcpu = bench.blankVcpu();
      return answersOf({
        "read X0": () => hex(vcpu.getRegister(X0)),
        "write X0": () => vcpu.setRegister(X0, 1n),
        "read KVM_REG_ARM64_SVE_VLS": () => void vcpu.getRegister(KVM_REG_ARM64_SVE_VLS),
        KVM_GET_REG_LIST: () => vcpu.registerList().length,
        KVM_RUN: () => vcpu.run(),
        "finalize SVE": () => vcpu.finalize("KVM_ARM_VCPU_SVE"),
      });
    },
    expected: () => ({
      "read X0": "ENOEXEC",
      "write X0": "ENOEXEC",
      "read KVM_REG_ARM64_SVE_VLS": "ENOEXEC",
      KVM_GET_REG_LIST: "ENOEXEC",
      KVM_RUN: "ENOEXEC",
      "finalize SVE": "ENOEXEC",
    }),
  }),
  defineCase({
    name: "a set of features is accepted when the host has each and pointer authentication is whole",
    source: INIT,
    ask(bench) {
      const answers = everySet.map((word): [string, Answer] => {
        const asked = featureNames([word]) as FeatureName[];
        const short = asked.map((name) => name.replace("KVM_ARM_VCPU_", "")).join("|") || "none";
        return [short, answerOf(() => void bench.vcpu(asked))];
      });
      return Object.fromEntries(answers);
    },
    expected(offer) {
      return Object.fromEntries(everySet.map((word): [string, Answer] => {
        const short = featureNames([word]).map((name) => name.replace("KVM_ARM_VCPU_", "")).join("|") ||
          "none";
        return [short, isAccepted(word, offer) ? 0 : "EINVAL"];
      }));
    },
  }),
  defineCase({
    name: "pointer authentication is granted whole or not at all",
    source: INIT,
    ask: (bench) =>
      answersOf({
        "addresses only": () => void bench.vcpu([...psci, ...half]),
        "generic only": () => void bench.vcpu([...psci, ...otherHalf]),
        both: () => void bench.vcpu(ptrauth),
        neither: () => void bench.vcpu(psci),
      }),
    expected: (offer) => ({
      "addresses only": "EINVAL",
      "generic only": "EINVAL",
      both: hasPtrauth(offer) ? 0 : "EINVAL",
      neither: 0,
    }),
  }),
  defineCase({
    name: "a target other than the host's is EINVAL",
    source: INIT,
    ask(bench) {
      const vcpu = bench.blankVcpu();
      const targets = [0, 1, 4, 6, 0xffff_ffff];
      return targets.map((target) => answerOf(() => vcpu.init(target, psci)));
    },
    expected: () => ["EINVAL", "EINVAL", "EINVAL", "EINVAL", "EINVAL"],
  }),
  defineCase({
    name: "a feature bit nobody knows is ENOENT",
    source: INIT,
    ask(bench) {
      const vcpu = bench.blankVcpu();
      const initWith = (...words: number[]) =>
        rawAnswer(
          vcpu,
          calls.KVM_ARM_VCPU_INIT,
          kvm_vcpu_init.pack({ target: bench.offer.target, features: words }),
        );
      return {
        "bits 7 to 31 of the first word": Array.from({ length: 25 }, (_, n) => initWith((1 << n + 7) >>> 0)),
        "bit 0 of the further words": Array.from(
          { length: 6 },
          (_, n) => initWith(featureWords(psci)[0]!, ...Array(n).fill(0), 1),
        ),
      };
    },
    expected: () => ({
      "bits 7 to 31 of the first word": Array(25).fill("ENOENT"),
      "bit 0 of the further words": Array(6).fill("ENOENT"),
    }),
  }),
  defineCase({
    name: "a vcpu keeps the features of its first initialisation",
    source: INIT,
    ask(bench) {
      const vcpu = bench.vcpu(psci);
      const { target } = bench.offer;
      return answersOf({
        "the same": () => vcpu.init(target, psci),
        fewer: () => vcpu.init(target, []),
        more: () => vcpu.init(target, [...psci, "KVM_ARM_VCPU_EL1_32BIT"]),
        "the same, powered off": () => vcpu.init(target, [...psci, "KVM_ARM_VCPU_POWER_OFF"]),
        "the same again": () => vcpu.init(target, psci),
      });
    },
    expected: () => ({
      "the same": 0,
      fewer: "EINVAL",
      more: "EINVAL",
      "the same, powered off": 0,
      "the same again": 0,
    }),
  }),
  defineCase({
    name: "all vcpus of a VM have the features of the first that was initialised",
    source: INIT,
    ask(bench) {
      const vm = bench.vm();
      bench.vcpu(psci, vm, 0);
      const second = bench.blankVcpu(vm, 1);
      const { target } = bench.offer;
      return answersOf({
        fewer: () => second.init(target, []),
        "the same, powered off": () => second.init(target, [...psci, "KVM_ARM_VCPU_POWER_OFF"]),
      });
    },
    expected: () => ({ fewer: "EINVAL", "the same, powered off": 0 }),
  }),
  defineCase({
    name: "what depends on a feature is not there without it",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    ask(bench) {
      const vcpu = bench.vcpu(psci);
      const read = (name: string) => [name, answerOf(() => hex(vcpu.getRegister(registerNamed(name))))];
      return Object.fromEntries(
        ["ZCR_EL1", "Z0", "P0", "FFR", "KVM_REG_ARM64_SVE_VLS", "APIAKEYLO_EL1", "APGAKEYHI_EL1", "PMCR_EL0"]
          .map(read),
      );
    },
    expected: () => ({
      ZCR_EL1: "ENOENT",
      Z0: "ENOENT",
      P0: "ENOENT",
      FFR: "ENOENT",
      KVM_REG_ARM64_SVE_VLS: "ENOENT",
      APIAKEYLO_EL1: "ENOENT",
      APGAKEYHI_EL1: "ENOENT",
      PMCR_EL0: "ENOENT",
    }),
  }),
  defineCase({
    name: "what depends on the PMU is there with it",
    source: INIT,
    where: hasPmu,
    ask: (bench) => answerOf(() => hex(bench.vcpu(pmu).getRegister(registerNamed("PMCR_EL0")))),
    check: (answer) => assertMatch(String(answer), /^0x/),
  }),
];
