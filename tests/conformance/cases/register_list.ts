// Cases about KVM_GET_REG_LIST: which registers a vcpu has with which features, their sizes and first values.

import { assert, assertEquals } from "@std/assert";
import type { FeatureName } from "../../../vmm/kvm/features.ts";
import { registerName, registerSize } from "../../../vmm/kvm/register_id.ts";
import { type Bench, hasPmu, hasPtrauth, hasSve, pmu, psci, ptrauth, sve } from "../bench.ts";
import { type Answer, answerOf, type Case, defineCase, hex } from "../case.ts";

const LIST = 'KVM document, "4.84 KVM_GET_REG_LIST"';

/** These follow the host's clock. */
const counters = ["KVM_REG_ARM_TIMER_CNT", "KVM_REG_ARM_PTIMER_CNT"];

/** Each register's size in bits and what it reads as, by name, in the order of names. */
function registersOf(bench: Bench, features: readonly FeatureName[]): Record<string, string> {
  const vcpu = bench.readyVcpu(features);
  const entries = vcpu.registerList().map((id): [string, string] => {
    const name = registerName(id);
    const value = answerOf(() => hex(vcpu.getRegister(id)));
    return [name, `${registerSize(id) * 8}: ${counters.includes(name) ? "counts" : value}`];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}

/** How the registers of a vcpu with these features differ from those of one with PSCI alone. */
function difference(bench: Bench, features: readonly FeatureName[]) {
  const plain = registersOf(bench, psci);
  const theirs = registersOf(bench, features);
  const pick = (from: Record<string, string>, when: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => when(name)));
  return {
    removed: Object.keys(plain).filter((name) => !(name in theirs)),
    added: pick(theirs, (name) => !(name in plain)),
    changed: pick(theirs, (name) => name in plain && plain[name] !== theirs[name]),
  };
}

const numbered = (prefix: string, count: number, suffix = "") =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}${suffix}`);

const sveRegisters = [
  "KVM_REG_ARM64_SVE_VLS",
  "ZCR_EL1",
  ...numbered("Z", 32, " slice 0"),
  ...numbered("P", 16, " slice 0"),
  "FFR slice 0",
];
const keys = ["IA", "IB", "DA", "DB", "GA"].flatMap((key) => [`AP${key}KEYLO_EL1`, `AP${key}KEYHI_EL1`]);
const names = (registers: Record<string, Answer>) => Object.keys(registers);
const sorted = (list: readonly string[]) => [...list].sort();

export const registerListCases: Case[] = [
  defineCase({
    name: "every register of a vcpu without further features has a name, a size and a value",
    source: LIST,
    ask: (bench) => registersOf(bench, psci),
    check(answer) {
      // The kernel's own selftest has the same 213 base registers and the 32 of V; cache sizes come on top.
      const sizes = names(answer).filter((name) => name.startsWith("CCSIDR ")).length;
      assertEquals(names(answer).length - sizes, 213 + 32);
      for (const [name, said] of Object.entries(answer)) {
        // Encodings the Arm manual keeps free for ID registers have no name of their own.
        assert(!name.startsWith("0x"), name);
        assert(!name.startsWith("S") || !/^S\d/.test(name) || /^S3_0_C0_C[1-7]_[0-7]$/.test(name), name);
        assert(/: (0x[0-9a-f]+|counts)$/.test(said), `${name} ${said}`);
      }
    },
  }),
  defineCase({
    name: "a register is listed once",
    source: LIST,
    ask(bench) {
      const ids = bench.vcpu().registerList();
      return ids.length - new Set(ids).size;
    },
    expected: () => 0,
  }),
  defineCase({
    name: "SVE replaces the V registers by the Z, P and FFR registers, ZCR_EL1 and the set of lengths",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    where: hasSve,
    ask: (bench) => difference(bench, sve),
    check({ removed, added, changed }) {
      assertEquals(sorted(removed), sorted(numbered("V", 32)));
      assertEquals(sorted(names(added)), sorted(sveRegisters));
      assertEquals(names(changed).filter((name) => !name.startsWith("ID_AA64")), []);
    },
  }),
  defineCase({
    name: "pointer authentication adds its five keys",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasPtrauth,
    ask: (bench) => difference(bench, ptrauth),
    check({ removed, added, changed }) {
      assertEquals(removed, []);
      assertEquals(sorted(names(added)), sorted(keys));
      assertEquals(names(changed).filter((name) => !name.startsWith("ID_AA64ISAR")), []);
    },
  }),
  defineCase({
    name: "the PMU adds its 74 registers",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasPmu,
    ask: (bench) => difference(bench, pmu),
    check({ removed, added }) {
      assertEquals(removed, []);
      assertEquals(names(added).length, 74);
      assertEquals(names(added).filter((name) => !name.startsWith("PM")), []);
    },
  }),
  defineCase({
    name: "features together have the registers of each",
    source: LIST,
    ask(bench) {
      const all = [
        ...new Set([
          ...psci,
          ...hasSve(bench.offer) ? sve : [],
          ...hasPtrauth(bench.offer) ? ptrauth : [],
          ...bench.offer.pmu ? pmu : [],
        ]),
      ];
      const { removed, added } = difference(bench, all);
      return { removed: removed.length, added: names(added).length };
    },
    expected(offer) {
      const added = (hasSve(offer) ? 51 : 0) + (hasPtrauth(offer) ? 10 : 0) + (offer.pmu ? 74 : 0);
      return { removed: hasSve(offer) ? 32 : 0, added };
    },
  }),
  defineCase({
    name: "shorter vectors leave the list and its sizes as they are",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    where: hasSve,
    ask(bench) {
      const shortest = bench.readyVcpu(sve, bench.offer.vectorLengths.slice(0, 1)).registerList();
      return String(shortest) === String(bench.readyVcpu(sve).registerList());
    },
    expected: () => true,
  }),
];
