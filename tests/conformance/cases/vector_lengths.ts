// Cases about KVM_REG_ARM64_SVE_VLS: the set of vector lengths of a vcpu, before and after it is finalized.

import { KVM_REG_ARM64_SVE_VLS, registerIdOf } from "../../../vmm/kvm/register_id.ts";
import { acceptableSets, lengthsOfVls, quadword, vlsOfLengths } from "../../../vmm/kvm/vector_lengths.ts";
import { hasSve, psci, sve } from "../bench.ts";
import { type Answer, answerOf, type Case, defineCase } from "../case.ts";
import { Guest, tell } from "../guest.ts";
import { ISB, readVectorLength, set, writeSystem } from "../guest_code.ts";

const VLS = 'KVM document, "4.68 KVM_SET_ONE_REG", KVM_REG_ARM64_SVE_VLS';
const quadwords = (count: number) => Array.from({ length: count }, (_, n) => (n + 1) * quadword);
const lengthsOf = (vcpu: { getRegisterBytes(id: typeof KVM_REG_ARM64_SVE_VLS): Uint8Array }) =>
  lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS));

/** Every subset of the five shortest lengths, every maximum, every length alone, every set but for one length. */
const sets: number[][] = [
  ...Array.from({ length: 32 }, (_, word) => quadwords(5).filter((_, bit) => word >> bit & 1)),
  ...quadwords(17).slice(5).map((_, n) => quadwords(n + 6)),
  ...quadwords(17).slice(5).map((bits) => [bits]),
  ...quadwords(16).map((without) => quadwords(16).filter((bits) => bits !== without)).slice(0, 15),
  quadwords(512),
];

const nameOf = (lengths: readonly number[]) =>
  lengths.length > 6
    ? `${lengths.slice(0, 5).join(",")}...${lengths.length} to ${lengths.at(-1)}`
    : lengths.join(",");
const nameOfSet = (lengths: readonly number[], index: number) => `${index}: ${nameOf(lengths) || "none"}`;

function isAccepted(lengths: readonly number[], host: readonly number[]): boolean {
  return acceptableSets(host).some((accepted) => String(accepted) === String(lengths));
}

/** CPACR_EL1 lets SVE through, then for each ZCR_EL1.LEN from 0 to 15: RDVL. */
function everyLengthSelected(): number[] {
  const ZEN = 3n << 16n;
  const lens = Array.from({ length: 16 }, (_, len) => BigInt(len));
  return [
    ...set(0, ZEN | 3n << 20n),
    writeSystem(0, "CPACR_EL1"),
    ISB,
    ...lens.flatMap((
      len,
    ) => [...set(0, len), writeSystem(0, "ZCR_EL1"), ISB, readVectorLength(1), ...tell(1)]),
  ];
}

/** The longest of `lengths` (bits) that ZCR_EL1.LEN lets be, in bytes as RDVL gives it. */
function selected(lengths: readonly number[], len: number): Answer {
  const longest = lengths.filter((bits) => bits <= (len + 1) * quadword).at(-1)!;
  return { tells: "0x" + (longest / 8).toString(16) };
}

export const vectorLengthCases: Case[] = [
  defineCase({
    name: "KVM_ARM_VCPU_INIT sets the best set of lengths the host supports",
    source: VLS,
    where: hasSve,
    ask: (bench) => lengthsOf(bench.vcpu(sve)),
    expected: ({ vectorLengths }) => [...vectorLengths],
  }),
  defineCase({
    name: "up to its own maximum a set of lengths must equal the host's, and it is not empty",
    source: VLS,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      return Object.fromEntries(sets.map((lengths, index) => [
        nameOfSet(lengths, index),
        answerOf(() => vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(lengths))),
      ]));
    },
    expected: ({ vectorLengths }) =>
      Object.fromEntries(sets.map((lengths, index) => [
        nameOfSet(lengths, index),
        isAccepted(lengths, vectorLengths) ? 0 : "EINVAL",
      ])),
  }),
  defineCase({
    name: "a length beyond the architecture's is refused, whichever word it is in",
    source: VLS,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const host = bench.offer.vectorLengths;
      return Array.from({ length: 7 }, (_, word) => {
        const beyond = ((word + 1) * 64 + 1) * quadword;
        return answerOf(() => vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths([...host, beyond])));
      });
    },
    expected: () => Array(7).fill("EINVAL"),
  }),
  defineCase({
    name: "a refused set leaves the one before",
    source: "Linux 6.12",
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(bench.offer.vectorLengths.slice(0, 1)));
      const answer = answerOf(() => vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths([])));
      return { answer, lengths: lengthsOf(vcpu) };
    },
    expected: ({ vectorLengths }) => ({ answer: "EINVAL", lengths: vectorLengths.slice(0, 1) }),
  }),
  defineCase({
    name: "a set that was written can be widened again before FINALIZE",
    source: VLS,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const best = bench.offer.vectorLengths;
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(best.slice(0, 1)));
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(best));
      return lengthsOf(vcpu);
    },
    expected: ({ vectorLengths }) => [...vectorLengths],
  }),
  defineCase({
    name: "after FINALIZE the lengths read as they were set and are immutable",
    source: VLS,
    where: hasSve,
    ask(bench) {
      return acceptableSets(bench.offer.vectorLengths).map((lengths) => {
        const vcpu = bench.readyVcpu(sve, lengths);
        const write = (bits: readonly number[]) =>
          answerOf(() => vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(bits)));
        return [lengthsOf(vcpu), write(bench.offer.vectorLengths.slice(0, 1)), write(lengths), write([])];
      });
    },
    expected: ({ vectorLengths }) =>
      acceptableSets(vectorLengths).map((lengths) => [lengths, "EPERM", "EPERM", "EPERM"]),
  }),
  defineCase({
    name: "without SVE there is no set of lengths",
    source: VLS,
    ask(bench) {
      const vcpu = bench.vcpu(psci);
      return {
        read: answerOf(() => lengthsOf(vcpu)),
        write: answerOf(() => vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths([quadword]))),
      };
    },
    expected: () => ({ read: "ENOENT", write: "ENOENT" }),
  }),
  defineCase({
    name: "each vcpu of a VM may have lengths of its own",
    source: "Linux 6.12",
    where: hasSve,
    ask(bench) {
      const vm = bench.vm();
      const host = bench.offer.vectorLengths;
      return [host, host.slice(0, 1), host.slice(0, -1)].filter((lengths) => lengths.length).map(
        (lengths, index) => lengthsOf(bench.readyVcpu(sve, lengths, vm, index)),
      );
    },
    expected: ({ vectorLengths: host }) => [[...host], host.slice(0, 1), host.slice(0, -1)],
  }),
  defineCase({
    name: "the set of lengths has one id: another size or an id beside it is no register",
    source: VLS,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.readyVcpu(sve);
      const read = (id: bigint) => answerOf(() => void vcpu.getRegisterBytes(registerIdOf(id)));
      const sizeField = 0xfn << 52n;
      return {
        "64 bits": read(KVM_REG_ARM64_SVE_VLS & ~sizeField | 3n << 52n),
        "2048 bits": read(KVM_REG_ARM64_SVE_VLS & ~sizeField | 8n << 52n),
        "the id before it": read(KVM_REG_ARM64_SVE_VLS - 1n),
      };
    },
    check(answer) {
      for (const errno of Object.values(answer)) {
        if (errno !== "ENOENT" && errno !== "EINVAL") throw new Error(`answered ${errno}`);
      }
    },
  }),
  defineCase({
    name: "a guest selects through ZCR_EL1 exactly the lengths its vcpu was given",
    source: 'Arm DDI 0487, "ZCR_EL1, SVE Control Register (EL1)"; KVM document, "4.68 KVM_SET_ONE_REG"',
    where: hasSve,
    ask(bench) {
      const code = everyLengthSelected();
      return acceptableSets(bench.offer.vectorLengths).map((lengths) =>
        new Guest(bench, code, { features: sve, lengths }).take(16)
      );
    },
    expected: ({ vectorLengths }) =>
      acceptableSets(vectorLengths).map((lengths) =>
        Array.from({ length: 16 }, (_, len) => selected(lengths, len))
      ),
  }),
];
