// Cases about the firmware pseudo-registers: the PSCI version, workarounds, and the bitmaps of hypercalls.

import { assertEquals } from "@std/assert";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { type Bench } from "../bench.ts";
import { answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";
import { Guest, tell } from "../guest.ts";
import { HVC, set } from "../guest_code.ts";

const FIRMWARE = 'kernel document "ARM firmware pseudo-registers interface"';
const VERSION = registerNamed("KVM_REG_ARM_PSCI_VERSION");
const bitmaps = ["KVM_REG_ARM_STD_BMAP", "KVM_REG_ARM_STD_HYP_BMAP", "KVM_REG_ARM_VENDOR_HYP_BMAP"];
const workarounds = [1, 2, 3].map((n) => `KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_${n}`);
const PSCI_VERSION = 0x8400_0000n;
const SMCCC_TRNG_VERSION = 0x8400_0050n;

const versions = {
  "0.1": 0x1n,
  "0.2": 0x2n,
  "1.0": 0x1_0000n,
  "1.1": 0x1_0001n,
  "1.2": 0x1_0002n,
  "9.0": 0x9_0000n,
};

function chooseVersions(bench: Bench, vcpu = bench.vcpu()) {
  return Object.fromEntries(
    Object.entries(versions).map((
      [name, version],
    ) => [name, answerOf(() => vcpu.setRegister(VERSION, version))]),
  );
}

export const firmwareCases: Case[] = [
  defineCase({
    name: "a vcpu with KVM_ARM_VCPU_PSCI_0_2 can have PSCI 0.2 and later, one without has 0.1",
    source: FIRMWARE,
    ask(bench) {
      const old = bench.vcpu([]);
      return {
        with: chooseVersions(bench),
        without: chooseVersions(bench, old),
        "the version without": hex(old.getRegister(VERSION)),
      };
    },
    check(answer) {
      const { "0.1": first, "0.2": second, "1.0": third, "9.0": unheardOf } = answer.with;
      assertEquals([first, second, third, unheardOf], ["EINVAL", 0, 0, "EINVAL"]);
      assertEquals(Object.values(answer.without), [0, "EINVAL", "EINVAL", "EINVAL", "EINVAL", "EINVAL"]);
      assertEquals(answer["the version without"], "0x1");
    },
  }),
  defineCase({
    name: "the guest is told the PSCI version that was set",
    source: FIRMWARE,
    ask(bench) {
      const guest = new Guest(bench, [...set(0, PSCI_VERSION), HVC, ...tell(0)]);
      guest.vcpu.setRegister(VERSION, versions["0.2"]);
      return guest.next();
    },
    expected: () => ({ tells: "0x2" }),
  }),
  defineCase({
    name: "a workaround's state can be set to what it is, not to what no host has",
    source: FIRMWARE,
    ask(bench) {
      const vcpu = bench.vcpu();
      return Object.fromEntries(workarounds.map((name) => {
        const id = registerNamed(name);
        return [
          name,
          answersOf({
            is: () => hex(vcpu.getRegister(id)),
            "the same": () => vcpu.setRegister(id, vcpu.getRegister(id)),
            "0xff": () => vcpu.setRegister(id, 0xffn),
          }),
        ];
      }));
    },
    check(answer) {
      for (const { "the same": same, "0xff": bad } of Object.values(answer)) {
        assertEquals([same, bad], [0, "EINVAL"]);
      }
    },
  }),
  defineCase({
    name: "hypercall bitmaps can lose bits and get them back, and take no unknown bit",
    source: FIRMWARE,
    ask(bench) {
      const vcpu = bench.vcpu();
      return Object.fromEntries(bitmaps.map((name) => {
        const id = registerNamed(name);
        const all = vcpu.getRegister(id);
        return [name, {
          is: hex(all),
          ...answersOf({
            none: () => vcpu.setRegister(id, 0n),
            "all again": () => vcpu.setRegister(id, all),
            "bit 63": () => vcpu.setRegister(id, all | 1n << 63n),
          }),
        }];
      }));
    },
    check(answer) {
      for (const { none, "all again": all, "bit 63": bad } of Object.values(answer)) {
        assertEquals([none, all, bad], [0, 0, "EINVAL"]);
      }
    },
  }),
  defineCase({
    name: "hypercall bitmaps are EBUSY once the VM has run, unless nothing changes",
    source: FIRMWARE,
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      guest.next();
      return Object.fromEntries(bitmaps.map((name) => {
        const id = registerNamed(name);
        return [
          name,
          answersOf({
            "the same": () => guest.vcpu.setRegister(id, guest.vcpu.getRegister(id)),
            none: () => guest.vcpu.setRegister(id, 0n),
          }),
        ];
      }));
    },
    check(answer) {
      for (const { none } of Object.values(answer)) assertEquals(none, "EBUSY");
    },
  }),
  defineCase({
    name: "a hypercall whose bit is cleared is not there for the guest",
    source: FIRMWARE,
    ask(bench) {
      const code = [...set(0, SMCCC_TRNG_VERSION), HVC, ...tell(0)];
      const [whole, without] = [new Guest(bench, code), new Guest(bench, code)];
      without.vcpu.setRegister(registerNamed("KVM_REG_ARM_STD_BMAP"), 0n);
      return { with: whole.next(), without: without.next() };
    },
    expected: () => ({ with: { tells: "0x10000" }, without: { tells: "0xffffffffffffffff" } }),
  }),
];
