// Cases about KVM_GET_ONE_REG and KVM_SET_ONE_REG: ids, sizes, and what comes back of what was written.

import { assert, assertEquals } from "@std/assert";
import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import {
  ccsidr,
  type RegisterId,
  registerIdOf,
  registerName,
  registerNamed,
  registerSize,
} from "../../../vmm/kvm/register_id.ts";
import { kvm_one_reg, kvm_reg_list } from "../../../vmm/kvm/structs.ts";
import { acceptableSets } from "../../../vmm/kvm/vector_lengths.ts";
import { hasPtrauth, hasSve, psci, ptrauth, rawAnswer, sve } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";

const ONE_REG = 'KVM document, "4.68 KVM_SET_ONE_REG"';

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** The document's table of core registers, and each one's size in bits. */
const coreTable: [names: string[], bits: number][] = [
  [[...numbered("X", 31), "SP", "PC", "PSTATE", "SP_EL1", "ELR_EL1"], 64],
  [["SPSR_EL1", "SPSR_ABT", "SPSR_UND", "SPSR_IRQ", "SPSR_FIQ"], 64],
  [numbered("V", 32), 128],
  [["FPSR", "FPCR"], 32],
];
const coreNames = coreTable.flatMap(([names]) => names);

/** Bytes that tell their own place. */
function pattern(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => 0x11 + index & 0xff);
}

/** What reads back of the pattern: "the same", or the value. */
function readBack(vcpu: Vcpu, id: RegisterId): Answer {
  return answerOf(() => {
    const written = pattern(registerSize(id));
    vcpu.setRegisterBytes(id, written);
    const read = vcpu.getRegisterBytes(id);
    return read.every((byte, index) => byte === written[index]) ? "the same" : hex(vcpu.getRegister(id));
  });
}

const X0 = registerNamed("X0");
const sizeField = 0xfn << 52n;
const withSize = (id: bigint, log2: number) => registerIdOf(id & ~sizeField | BigInt(log2) << 52n);

/** How many bytes of a register come back of the pattern; all others must read as zero. */
function bytesKept(vcpu: Vcpu, name: string): Answer {
  const id = registerNamed(name);
  const written = pattern(registerSize(id));
  vcpu.setRegisterBytes(id, written);
  const read = vcpu.getRegisterBytes(id);
  const firstLost = read.findIndex((byte, index) => byte !== written[index]);
  const kept = firstLost < 0 ? read.length : firstLost;
  return read.subarray(kept).every((byte) => byte === 0) ? kept : hex(vcpu.getRegister(id));
}

const keyNames = ["IA", "IB", "DA", "DB", "GA"].flatMap((key) => [`AP${key}KEYLO_EL1`, `AP${key}KEYHI_EL1`]);

export const registerCases: Case[] = [
  defineCase({
    name: "the core registers of the document's table have its ids and sizes",
    source: ONE_REG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const entry = (name: string) => {
        const id = registerNamed(name);
        return [name, answerOf(() => `${hex(id)}: ${vcpu.getRegisterBytes(id).length * 8} bits`)];
      };
      return Object.fromEntries(coreNames.map(entry));
    },
    check(answer) {
      for (const [names, bits] of coreTable) {
        for (const name of names) {
          assert(String(answer[name]).endsWith(`: ${bits} bits`), `${name}: ${answer[name]}`);
        }
      }
      assertEquals(answer.X0, "0x6030000000100000: 64 bits");
      assertEquals(answer.PSTATE, "0x6030000000100042: 64 bits");
      assertEquals(answer.V31, "0x60400000001000d0: 128 bits");
      assertEquals(answer.FPCR, "0x60200000001000d5: 32 bits");
    },
  }),
  defineCase({
    name: "SPSR_FIQ has 64 bits",
    source: ONE_REG,
    differs:
      "The document's table gives SPSR_FIQ the id of a 512-bit register (0x6060...); the kernel's has 64 bits.",
    ask(bench) {
      const id = registerNamed("SPSR_FIQ");
      const vcpu = bench.vcpu();
      return answersOf({
        "64 bits": () => hex(vcpu.getRegister(id)),
        "512 bits, as in the document": () => hex(vcpu.getRegister(withSize(id, 6))),
      });
    },
    expected: () => ({ "64 bits": "0x0", "512 bits, as in the document": "EINVAL" }),
  }),
  defineCase({
    name: "a core register reads back what was written",
    source: ONE_REG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const names = coreNames.filter((name) => name !== "PSTATE");
      return Object.fromEntries(names.map((name) => [name, readBack(vcpu, registerNamed(name))]));
    },
    check(answer) {
      for (const name of [...numbered("X", 31), "SP", "PC", "SP_EL1", "ELR_EL1", ...numbered("V", 32)]) {
        assertEquals(answer[name], "the same", name);
      }
    },
  }),
  defineCase({
    name: "PSTATE takes the modes of EL0 and EL1, and no others",
    source: "Linux 6.12",
    ask(bench) {
      const vcpu = bench.vcpu();
      const id = registerNamed("PSTATE");
      const modes = { EL0t: 0x0, EL1t: 0x4, EL1h: 0x5, EL2t: 0x8, EL2h: 0x9, EL3h: 0xd, "0x1": 0x1 };
      const entries = Object.entries(modes);
      return {
        modes: Object.fromEntries(
          entries.map(([name, mode]) => [name, answerOf(() => vcpu.setRegister(id, BigInt(0x3c0 | mode)))]),
        ),
        flags: answerOf(() => {
          vcpu.setRegister(id, 0xf000_03c5n);
          return hex(vcpu.getRegister(id));
        }),
      };
    },
    expected: () => ({
      modes: { EL0t: 0, EL1t: 0, EL1h: 0, EL2t: "EINVAL", EL2h: "EINVAL", EL3h: "EINVAL", "0x1": "EINVAL" },
      flags: "0xf00003c5",
    }),
  }),
  defineCase({
    name: "PSTATE of an AArch64 vcpu takes AArch32's user mode, for its EL0, and no other of AArch32's",
    source: "Linux 6.12",
    ask(bench) {
      const vcpu = bench.vcpu();
      return [0x10, 0x13, 0x1f].map((mode) =>
        answerOf(() => vcpu.setRegister(registerNamed("PSTATE"), BigInt(0x1c0 | mode)))
      );
    },
    expected: () => [0, "EINVAL", "EINVAL"],
  }),
  defineCase({
    name: "a core register is accessed whole, at its own size",
    source: ONE_REG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const read = (id: bigint) => () => void vcpu.getRegisterBytes(registerIdOf(id));
      return answersOf({
        "X0 as 32 bits": read(withSize(X0, 2)),
        "X0 as 128 bits": read(withSize(X0, 4)),
        "X0's upper half": read(withSize(X0, 2) + 1n),
        "64 bits across X0 and X1": read(X0 + 1n),
        "V0's second half": read(withSize(registerNamed("V0"), 3) + 2n),
        "FPSR and FPCR together": read(withSize(registerNamed("FPSR"), 3)),
        "past the last core register": read(withSize(registerNamed("FPCR"), 2) + 1n),
        "far past it": read(X0 + 0xfffen),
      });
    },
    check(answer) {
      for (const errno of Object.values(answer)) assert(errno === "EINVAL" || errno === "ENOENT", `${errno}`);
    },
  }),
  defineCase({
    name: "an id of another architecture, or of no known kind, is refused",
    source: ONE_REG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const read = (id: bigint) => () => void vcpu.getRegisterBytes(registerIdOf(id));
      return answersOf({
        zero: read(0n),
        "x86's architecture": read(0x2030_0000_0010_0000n),
        "32-bit Arm's architecture": read(0x4030_0000_0010_0000n),
        "an unknown kind": read(0x6030_0000_00ff_0000n),
        "a firmware register nobody knows": read(0x6030_0000_0014_00ffn),
        "a firmware bitmap nobody knows": read(0x6030_0000_0016_00ffn),
        "a system register nobody knows": read(registerNamed("S3_7_C15_C15_7")),
        "a system register of 32 bits": read(withSize(registerNamed("SCTLR_EL1"), 2)),
        "a system register that has op0 0": read(0x6030_0000_0013_0000n),
      });
    },
    check(answer) {
      for (const errno of Object.values(answer)) assert(errno === "EINVAL" || errno === "ENOENT", `${errno}`);
    },
  }),
  defineCase({
    name: "a register's value is read and written through the pointer",
    source: ONE_REG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const nowhere = (id: RegisterId) => kvm_one_reg.pack({ id });
      const idRegister = registerNamed("ID_AA64PFR0_EL1");
      return {
        "read X0": rawAnswer(vcpu, calls.KVM_GET_ONE_REG, nowhere(X0)),
        "write X0": rawAnswer(vcpu, calls.KVM_SET_ONE_REG, nowhere(X0)),
        "read an ID register": rawAnswer(vcpu, calls.KVM_GET_ONE_REG, nowhere(idRegister)),
        "a list of registers": rawAnswer(vcpu, calls.KVM_GET_REG_LIST, 0),
      };
    },
    expected: () => ({
      "read X0": "EFAULT",
      "write X0": "EFAULT",
      "read an ID register": "EFAULT",
      "a list of registers": "EFAULT",
    }),
  }),
  defineCase({
    name: "the list of registers says how long it is when there is too little room",
    source: 'KVM document, "4.84 KVM_GET_REG_LIST"',
    ask(bench) {
      const vcpu = bench.vcpu();
      const count = vcpu.registerList().length;
      const withRoom = (n: number) => {
        const list = new Uint8Array(new ArrayBuffer(8 * (1 + count)));
        list.set(kvm_reg_list.pack({ n: BigInt(n) }));
        const answer = rawAnswer(vcpu, calls.KVM_GET_REG_LIST, list);
        return [answer, Number(kvm_reg_list.unpack(list).n) - count];
      };
      return { 0: withRoom(0), "one too few": withRoom(count - 1), "just enough": withRoom(count) };
    },
    expected: () => ({ 0: ["E2BIG", 0], "one too few": ["E2BIG", 0], "just enough": [0, 0] }),
  }),
  defineCase({
    name: "cache sizes are read by CSSELR's value, for the caches there are",
    source: ONE_REG + ", CCSIDR",
    ask(bench) {
      const vcpu = bench.vcpu();
      const listed = vcpu.registerList().map(registerName).filter((name) => name.startsWith("CCSIDR "));
      const beside = [14, 15, 255].map((csselr) => [
        `CCSIDR ${csselr}`,
        answerOf(() => void vcpu.getRegisterBytes(ccsidr(csselr))),
      ]);
      return {
        listed: Object.fromEntries(listed.map((name) => [name, hex(vcpu.getRegister(registerNamed(name)))])),
        beside: Object.fromEntries(beside),
        "of 64 bits": answerOf(() => void vcpu.getRegisterBytes(withSize(ccsidr(0), 3))),
      };
    },
    check({ beside, "of 64 bits": wide }) {
      assertEquals(beside, { "CCSIDR 14": "ENOENT", "CCSIDR 15": "ENOENT", "CCSIDR 255": "ENOENT" });
      assertEquals(wide, "ENOENT");
    },
  }),
  defineCase({
    name: "a scalable register keeps as many bytes as the longest vector has, the rest reads as zero",
    source: "Linux 6.12",
    where: hasSve,
    ask(bench) {
      return acceptableSets(bench.offer.vectorLengths).map((lengths) => {
        const vcpu = bench.readyVcpu(sve, lengths);
        return ["Z0", "Z31", "P0", "P15", "FFR"].map((name) => bytesKept(vcpu, name));
      });
    },
    expected: ({ vectorLengths }) =>
      acceptableSets(vectorLengths).map((lengths) => {
        const z = lengths.at(-1)! / 8;
        return [z, z, z / 8, z / 8, z / 8];
      }),
  }),
  defineCase({
    name: "without SVE the V registers are there whole",
    source: ONE_REG,
    ask: (bench) => ["V0", "V31"].map((name) => readBack(bench.vcpu(psci), registerNamed(name))),
    expected: () => ["the same", "the same"],
  }),
  defineCase({
    name: "pointer authentication's keys read back what was written",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasPtrauth,
    ask(bench) {
      const vcpu = bench.vcpu(ptrauth);
      return Object.fromEntries(keyNames.map((name) => [name, readBack(vcpu, registerNamed(name))]));
    },
    expected: () => Object.fromEntries(keyNames.map((name) => [name, "the same"])),
  }),
];
