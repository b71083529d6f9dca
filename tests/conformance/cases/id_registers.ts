// Cases about ID registers: what of them can be changed, until when, and what a guest then sees.

import { assertEquals } from "@std/assert";
import { type RegisterId, registerName, registerNamed } from "../../../vmm/kvm/register_id.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { reg_mask_range } from "../../../vmm/kvm/structs.ts";
import { featureIdRange } from "../../../vmm/kvm/vm.ts";
import { hasPtrauth, hasSve, psci, ptrauth, rawAnswer, sve } from "../bench.ts";
import { type Answer, answerOf, type Case, defineCase, hex } from "../case.ts";
import { Guest, tell } from "../guest.ts";
import { readSystem } from "../guest_code.ts";

const isIdRegister = (id: RegisterId) => /^(ID_|MVFR|S3_0_C0_C)/.test(registerName(id));

/** Fields of ID registers that tell a feature, by their shift. */
const fields: [register: string, field: string, shift: bigint][] = [
  ["ID_AA64PFR0_EL1", "EL0", 0n],
  ["ID_AA64PFR0_EL1", "FP", 16n],
  ["ID_AA64PFR0_EL1", "AdvSIMD", 20n],
  ["ID_AA64PFR0_EL1", "GIC", 24n],
  ["ID_AA64PFR0_EL1", "SVE", 32n],
  ["ID_AA64PFR0_EL1", "CSV2", 56n],
  ["ID_AA64ISAR0_EL1", "AES", 4n],
  ["ID_AA64ISAR0_EL1", "Atomic", 20n],
  ["ID_AA64ISAR1_EL1", "APA", 4n],
  ["ID_AA64ISAR1_EL1", "API", 8n],
  ["ID_AA64ISAR1_EL1", "GPA", 24n],
  ["ID_AA64ISAR1_EL1", "GPI", 28n],
  ["ID_AA64ISAR2_EL1", "APA3", 12n],
  ["ID_AA64ZFR0_EL1", "SVEver", 0n],
  ["ID_AA64MMFR0_EL1", "PARange", 0n],
  ["ID_AA64DFR0_EL1", "DebugVer", 0n],
  ["ID_AA64DFR0_EL1", "PMUVer", 8n],
  ["ID_AA64MMFR0_EL1", "BigEnd", 8n],
  ["ID_AA64MMFR3_EL1", "TCRX", 0n],
  ["ID_PFR0_EL1", "State0", 0n],
  ["ID_ISAR5_EL1", "AES", 4n],
  ["ID_DFR0_EL1", "CopDbg", 0n],
];

/** What a vcpu answers to one field of its ID registers being cleared, and being raised by one. */
function changes(bench: Parameters<Case["ask"]>[0], features = psci): Record<string, Answer> {
  const entries = fields.map(([register, field, shift]): [string, Answer] => {
    const id = registerNamed(register);
    const change = (by: (value: bigint) => bigint) => {
      const vcpu = bench.vcpu(features);
      const value = vcpu.getRegister(id);
      return answerOf(() =>
        vcpu.setRegister(id, value & ~(0xfn << shift) | by(value >> shift & 0xfn) << shift)
      );
    };
    const raised = change((value) => value + 1n & 0xfn);
    return [`${register}.${field}`, { cleared: change(() => 0n), raised }];
  });
  return Object.fromEntries(entries);
}

const seen = [
  "MIDR_EL1",
  "MPIDR_EL1",
  "ID_AA64PFR0_EL1",
  "ID_AA64PFR1_EL1",
  "ID_AA64ZFR0_EL1",
  "ID_AA64ISAR0_EL1",
  "ID_AA64ISAR1_EL1",
  "ID_AA64ISAR2_EL1",
  "ID_AA64MMFR0_EL1",
  "ID_AA64MMFR1_EL1",
  "ID_AA64MMFR2_EL1",
  "ID_AA64DFR0_EL1",
  "CTR_EL0",
  "CLIDR_EL1",
];

export const idRegisterCases: Case[] = [
  defineCase({
    name: "every ID register takes its own value, before and after the VM has run",
    source: "Linux 6.12",
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      const ids = guest.vcpu.registerList().filter(isIdRegister);
      const refused = () =>
        ids.filter((id) => answerOf(() => guest.vcpu.setRegister(id, guest.vcpu.getRegister(id))) !== 0)
          .map(registerName);
      const before = refused();
      guest.next();
      return { registers: ids.length, "refused before": before, "refused after": refused() };
    },
    check(answer) {
      assertEquals(answer["refused before"], []);
      assertEquals(answer["refused after"], []);
    },
  }),
  defineCase({
    name: "a writable ID register is EBUSY once the VM has run",
    source: "Linux 6.12",
    ask(bench) {
      const id = registerNamed("ID_AA64ISAR0_EL1");
      const guest = new Guest(bench, tell(0));
      const value = guest.vcpu.getRegister(id);
      const withoutAes = value & ~0xf0n;
      const before = answerOf(() => guest.vcpu.setRegister(id, withoutAes));
      guest.next();
      return { before, after: answerOf(() => guest.vcpu.setRegister(id, value)) };
    },
    expected: () => ({ before: 0, after: "EBUSY" }),
  }),
  defineCase({
    name: "an ID register of one vcpu is the whole VM's",
    source: "Linux 6.12",
    ask(bench) {
      const id = registerNamed("ID_AA64ISAR0_EL1");
      const vm = bench.vm();
      const [first, second] = [bench.vcpu(psci, vm, 0), bench.vcpu(psci, vm, 1)];
      const changed = first.getRegister(id) & ~0xf0n;
      first.setRegister(id, changed);
      return second.getRegister(id) === changed;
    },
    expected: () => true,
  }),
  defineCase({
    name: "which features can be taken from a vcpu's ID registers",
    source: "Linux 6.12",
    ask: (bench) => changes(bench),
    check(answer) {
      assertEquals(Object.values(answer).length, fields.length);
    },
  }),
  defineCase({
    name: "the writable bits of every ID register",
    source: "Linux 6.12",
    ask(bench) {
      const masks = [...bench.vm().writableMasks()];
      return Object.fromEntries(masks.map(([id, mask]) => [registerName(id), hex(mask)]));
    },
    check(answer) {
      // What the kernel said of single fields must be what it says of them all.
      assertEquals(BigInt(answer.ID_AA64ISAR0_EL1!) & 0xf0n, 0xf0n);
      assertEquals(BigInt(answer.ID_AA64PFR0_EL1!) >> 32n & 0xfn, 0n);
    },
  }),
  defineCase({
    name: "there are writable bits of one range only, and its reserved fields are zero",
    source: "Linux 6.12",
    ask(bench) {
      const vm = bench.vm();
      const room = () => new Uint8Array(new ArrayBuffer(8 * featureIdRange.length));
      const ask = (range: Parameters<typeof reg_mask_range.pack>[0]) =>
        rawAnswer(vm, calls.KVM_ARM_GET_REG_WRITABLE_MASKS, reg_mask_range.pack(range), room());
      return { "range 1": ask({ range: 1 }), "a reserved field": ask({ reserved: [0, 1] }), right: ask({}) };
    },
    expected: () => ({ "range 1": "EINVAL", "a reserved field": "EINVAL", right: 0 }),
  }),
  defineCase({
    name: "SVE cannot be hidden from the ID registers of a vcpu that has it",
    source: "Linux 6.12",
    where: hasSve,
    ask: (bench) => changes(bench, sve)["ID_AA64PFR0_EL1.SVE"]!,
    expected: () => ({ cleared: "EINVAL", raised: "EINVAL" }),
  }),
  defineCase({
    name: "pointer authentication cannot be hidden from the ID registers of a vcpu that has it",
    source: "Linux 6.12",
    where: hasPtrauth,
    ask(bench) {
      const vcpu = bench.vcpu(ptrauth);
      const id = registerNamed("ID_AA64ISAR1_EL1");
      const PAC = 0xff00_0ff0n;
      const value = vcpu.getRegister(id);
      return { has: (value & PAC) !== 0n, cleared: answerOf(() => vcpu.setRegister(id, value & ~PAC)) };
    },
    expected: () => ({ has: true, cleared: "EINVAL" }),
  }),
  defineCase({
    name: "a vcpu without SVE and pointer authentication shows neither",
    source: "Linux 6.12",
    ask(bench) {
      const vcpu = bench.vcpu(psci);
      const read = (name: string) => vcpu.getRegister(registerNamed(name));
      return {
        "ID_AA64PFR0_EL1.SVE": hex(read("ID_AA64PFR0_EL1") >> 32n & 0xfn),
        ID_AA64ZFR0_EL1: hex(read("ID_AA64ZFR0_EL1")),
        "ID_AA64ISAR1_EL1, APA, API, GPA, GPI": hex(read("ID_AA64ISAR1_EL1") & 0xff00_0ff0n),
        "ID_AA64ISAR2_EL1, GPA3, APA3": hex(read("ID_AA64ISAR2_EL1") & 0xff00n),
        "ID_AA64DFR0_EL1.PMUVer": hex(read("ID_AA64DFR0_EL1") >> 8n & 0xfn),
      };
    },
    expected: () => ({
      "ID_AA64PFR0_EL1.SVE": "0x0",
      ID_AA64ZFR0_EL1: "0x0",
      "ID_AA64ISAR1_EL1, APA, API, GPA, GPI": "0x0",
      "ID_AA64ISAR2_EL1, GPA3, APA3": "0x0",
      "ID_AA64DFR0_EL1.PMUVer": "0x0",
    }),
  }),
  defineCase({
    name: "a guest reads from its ID registers what the monitor reads",
    source: "Linux 6.12",
    ask(bench) {
      const code = seen.flatMap((name) => [readSystem(0, name), ...tell(0)]);
      const guest = new Guest(bench, code);
      const told = guest.take(seen.length);
      const expected = seen.map((name) => ({ tells: hex(guest.vcpu.getRegister(registerNamed(name))) }));
      return Object.fromEntries(seen.map((name, index) => [
        name,
        JSON.stringify(told[index]) === JSON.stringify(expected[index]) ? "the same" : told[index]!,
      ]));
    },
    expected: () => Object.fromEntries(seen.map((name) => [name, "the same"])),
  }),
];
