// Cases about what KVM_ARM_VCPU_INIT leaves a vcpu with, the first time and again.

import { assertEquals } from "@std/assert";
import { KVM_REG_ARM64_SVE_VLS, registerNamed } from "../../../vmm/kvm/register_id.ts";
import { lengthsOfVls, vlsOfLengths } from "../../../vmm/kvm/vector_lengths.ts";
import { hasSve, psci, sve } from "../bench.ts";
import { answersOf, type Case, defineCase, hex } from "../case.ts";

const INIT = 'KVM document, "4.82 KVM_ARM_VCPU_INIT"';
const X0 = registerNamed("X0");

export const resetCases: Case[] = [
  defineCase({
    name: "initialising again resets the registers",
    source: INIT,
    ask(bench) {
      const vcpu = bench.vcpu();
      const read = (name: string) => hex(vcpu.getRegister(registerNamed(name)));
      vcpu.setRegister(X0, 0x1234n);
      vcpu.setRegister(registerNamed("PC"), 0x4000n);
      vcpu.setRegister(registerNamed("VBAR_EL1"), 0x8000n);
      const before = [read("X0"), read("PC"), read("VBAR_EL1")];
      vcpu.init(bench.offer.target, psci);
      return { before, after: [read("X0"), read("PC"), read("VBAR_EL1")] };
    },
    check({ before, after }) {
      assertEquals(before, ["0x1234", "0x4000", "0x8000"]);
      assertEquals(after.slice(0, 2), ["0x0", "0x0"]);
    },
  }),
  defineCase({
    name:
      "initialising again puts the vector lengths back to the host's until they are finalized, then keeps them",
    source: INIT,
    where: hasSve,
    ask(bench) {
      const vcpu = bench.vcpu(sve);
      const lengths = () => lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS));
      const shortest = vlsOfLengths(bench.offer.vectorLengths.slice(0, 1));
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, shortest);
      vcpu.init(bench.offer.target, sve);
      const before = lengths();
      vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, shortest);
      vcpu.finalize("KVM_ARM_VCPU_SVE");
      vcpu.init(bench.offer.target, sve);
      return { "before FINALIZE": before, "after FINALIZE": lengths() };
    },
    expected: ({ vectorLengths }) => ({
      "before FINALIZE": [...vectorLengths],
      "after FINALIZE": vectorLengths.slice(0, 1),
    }),
  }),
  defineCase({
    name: "a finalized vcpu that is initialised again needs no second FINALIZE",
    source: "Linux 6.12",
    where: hasSve,
    ask(bench) {
      const vcpu = bench.readyVcpu(sve);
      vcpu.init(bench.offer.target, sve);
      return answersOf({
        "read Z0": () => hex(vcpu.getRegister(registerNamed("Z0"))),
        FINALIZE: () => vcpu.finalize("KVM_ARM_VCPU_SVE"),
      });
    },
    expected: () => ({ "read Z0": "0x0", FINALIZE: "EPERM" }),
  }),
  defineCase({
    name: "a vcpu starts in EL1h with interrupts masked, at 0, with registers of zero",
    source: INIT,
    ask(bench) {
      const vcpu = bench.vcpu();
      return Object.fromEntries(
        ["PSTATE", "PC", "SP", "SP_EL1", "X0", "X30", "ELR_EL1"].map((
          name,
        ) => [name, hex(vcpu.getRegister(registerNamed(name)))]),
      );
    },
    expected: () => ({
      PSTATE: "0x3c5",
      PC: "0x0",
      SP: "0x0",
      SP_EL1: "0x0",
      X0: "0x0",
      X30: "0x0",
      ELR_EL1: "0x0",
    }),
  }),
  defineCase({
    name: "MPIDR_EL1 numbers vcpus by sixteens",
    source: "Linux 6.12",
    ask(bench) {
      const vm = bench.vm();
      const mpidr = (index: number) =>
        hex(bench.vcpu(psci, vm, index).getRegister(registerNamed("MPIDR_EL1")));
      const most = bench.offer.maxVcpus;
      return Object.fromEntries([0, 1, 7, 15, 16, 511].filter((n) => n < most).map((n) => [n, mpidr(n)]));
    },
    expected({ maxVcpus }) {
      const all: [number, string][] = [
        [0, "0x80000000"],
        [1, "0x80000001"],
        [7, "0x80000007"],
        [15, "0x8000000f"],
        [16, "0x80000100"],
        [511, "0x80001f0f"],
      ];
      return Object.fromEntries(all.filter(([n]) => n < maxVcpus));
    },
  }),
];
