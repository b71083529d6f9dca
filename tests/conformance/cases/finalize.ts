// Cases about KVM_ARM_VCPU_FINALIZE, and what can be done before and after it.

import { type FeatureName, features } from "../../../vmm/kvm/features.ts";
import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { registerNamed, registerSize } from "../../../vmm/kvm/register_id.ts";
import { hasSve, psci, rawAnswer, sve, u32Bytes } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";

const FINALIZE = 'KVM document, "4.119 KVM_ARM_VCPU_FINALIZE"';
const finalizeRaw = (vcpu: Vcpu, feature: number) =>
  rawAnswer(vcpu, calls.KVM_ARM_VCPU_FINALIZE, u32Bytes(feature));

const others = (Object.keys(features) as FeatureName[]).filter((name) => name !== "KVM_ARM_VCPU_SVE");

function read(vcpu: Vcpu, names: readonly string[]): Record<string, Answer> {
  return Object.fromEntries(
    names.map((name) => [name, answerOf(() => hex(vcpu.getRegister(registerNamed(name))))]),
  );
}

function write(vcpu: Vcpu, names: readonly string[]): Record<string, Answer> {
  return Object.fromEntries(names.map((name) => {
    const id = registerNamed(name);
    return [
      name,
      answerOf(() => vcpu.setRegisterBytes(id, new Uint8Array(new ArrayBuffer(registerSize(id))))),
    ];
  }));
}

const all = (names: readonly string[], answer: Answer): Record<string, Answer> =>
  Object.fromEntries(names.map((name) => [name, answer]));

const scalable = ["Z0", "Z31", "P0", "P15", "FFR"];
const beyond = ["Z0 slice 1", "Z31 slice 31", "P0 slice 1", "P15 slice 31", "FFR slice 1", "FFR slice 31"];
const vectors = ["V0", "V31"];

export const finalizeCases: Case[] = [
  defineCase({
    name: "SVE is finalized once",
    source: FINALIZE,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const finalize = () => vcpu.finalize("KVM_ARM_VCPU_SVE");
      return answersOf({ first: finalize, second: finalize });
    },
    expected: () => ({ first: 0, second: "EPERM" }),
  }),
  defineCase({
    name: "FINALIZE of SVE on a vcpu without it is EINVAL",
    source: FINALIZE,
    differs:
      "The document gives EPERM to a feature that is not enabled; the kernel answers EINVAL, its word for " +
      "one that is not present.",
    ask: (bench) => answerOf(() => bench.vcpu(psci).finalize("KVM_ARM_VCPU_SVE")),
    expected: () => "EINVAL",
  }),
  defineCase({
    name: "FINALIZE of a feature that is unknown or needs none is EINVAL",
    source: FINALIZE,
    ask(bench) {
      const vcpu = bench.vcpu(hasSve(bench.offer) ? sve : psci);
      return {
        ...Object.fromEntries(others.map((name) => [name, answerOf(() => vcpu.finalize(name))])),
        "7": finalizeRaw(vcpu, 7),
        "99": finalizeRaw(vcpu, 99),
        "-1": finalizeRaw(vcpu, -1),
      };
    },
    expected: () => all([...others, "7", "99", "-1"], "EINVAL"),
  }),
  defineCase({
    name: "FINALIZE reads its feature through the pointer it is given",
    source: FINALIZE,
    ask: (bench) => rawAnswer(bench.vcpu(psci), calls.KVM_ARM_VCPU_FINALIZE, 0),
    expected: () => "EFAULT",
  }),
  defineCase({
    name: "before FINALIZE, KVM_RUN and KVM_GET_REG_LIST are EPERM",
    source: FINALIZE,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      return answersOf({ KVM_RUN: () => vcpu.run(), KVM_GET_REG_LIST: () => vcpu.registerList().length });
    },
    expected: () => ({ KVM_RUN: "EPERM", KVM_GET_REG_LIST: "EPERM" }),
  }),
  defineCase({
    name: "before FINALIZE the scalable registers are EPERM, to read and to write",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      return { read: read(vcpu, scalable), write: write(vcpu, scalable) };
    },
    expected: () => ({ read: all(scalable, "EPERM"), write: all(scalable, "EPERM") }),
  }),
  defineCase({
    name: "before FINALIZE the other registers are there",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasSve,
    ask: (bench) => read(bench.vcpu(sve), ["X0", "PC", "FPSR", "FPCR", "ZCR_EL1"]),
    expected: () => all(["X0", "PC", "FPSR", "FPCR", "ZCR_EL1"], "0x0"),
  }),
  defineCase({
    name: "after FINALIZE the scalable registers read and write",
    source: FINALIZE,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.readyVcpu(sve);
      return { read: read(vcpu, scalable), write: write(vcpu, scalable) };
    },
    expected: () => ({ read: all(scalable, "0x0"), write: all(scalable, 0) }),
  }),
  defineCase({
    name: "slices beyond the longest vector are no registers",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    where: hasSve,
    ask(bench) {
      const vcpu = bench.readyVcpu(sve);
      return { read: read(vcpu, beyond), write: write(vcpu, beyond) };
    },
    expected: () => ({ read: all(beyond, "ENOENT"), write: all(beyond, "ENOENT") }),
  }),
  defineCase({
    name: "a slice beyond the longest vector is no register before FINALIZE either",
    source: "Linux 6.12",
    where: hasSve,
    ask: (bench) => read(bench.vcpu(sve), beyond),
    check(answer) {
      for (const errno of Object.values(answer)) {
        if (errno !== "ENOENT" && errno !== "EPERM") throw new Error(`answered ${errno}`);
      }
    },
  }),
  defineCase({
    name: "a vcpu with SVE has no V registers, before and after FINALIZE",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG", note (*)',
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const before = { read: read(vcpu, vectors), write: write(vcpu, vectors) };
      vcpu.finalize("KVM_ARM_VCPU_SVE");
      return { before, after: { read: read(vcpu, vectors), write: write(vcpu, vectors) } };
    },
    expected: () => {
      const refused = { read: all(vectors, "EINVAL"), write: all(vectors, "EINVAL") };
      return { before: refused, after: refused };
    },
  }),
  defineCase({
    name: "FINALIZE without a word about lengths keeps the host's best",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const before = hex(vcpu.getRegister(registerNamed("KVM_REG_ARM64_SVE_VLS")));
      vcpu.finalize("KVM_ARM_VCPU_SVE");
      return [before, hex(vcpu.getRegister(registerNamed("KVM_REG_ARM64_SVE_VLS")))];
    },
    expected({ vectorLengths }) {
      const bits = vectorLengths.reduce((sum, length) => sum | 1n << BigInt(length / 128 - 1), 0n);
      return [hex(bits), hex(bits)];
    },
  }),
];
