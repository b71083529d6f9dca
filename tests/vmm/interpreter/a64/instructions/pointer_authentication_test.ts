// With keys that are known here; the codes themselves are compared with QEMU in ../pauth.

import { assert, assertEquals } from "@std/assert";
import { Cpu, type VirtualMemory } from "../../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import type { After } from "../../../../../vmm/interpreter/a64/definition.ts";
import { GuestException } from "../../../../../vmm/interpreter/a64/guest_exception.ts";
import { integerInstructions } from "../../../../../vmm/interpreter/a64/instructions/integer.ts";
import { fieldsOf, matches } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { addressAuthentication } from "../../../../../vmm/interpreter/a64/pauth/algorithm.ts";
import { addPac } from "../../../../../vmm/interpreter/a64/pauth/pointer.ts";
import { pointerLayout } from "../../../../../vmm/interpreter/a64/pauth/pointer_layout.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import type { CpuSurroundings } from "../../../../../vmm/interpreter/a64/surroundings.ts";
import type { HostProfile } from "../../../../../vmm/interpreter/host_profile.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";

const SCTLR = { EnIA: 1n << 31n, EnIB: 1n << 30n, EnDA: 1n << 27n, EnDB: 1n << 13n } as const;
const everyKey = SCTLR.EnIA | SCTLR.EnIB | SCTLR.EnDA | SCTLR.EnDB;
/** 48 bits of address in both halves. */
const TCR = 16n | 16n << 16n;
const pointer = 0x0000_1234_5678_9abcn;
const sp = 0x7fff_0000n;
const ISAR1 = "ID_AA64ISAR1_EL1";

function newCpu(profile: HostProfile = findHost("neoverse-v1"), sctlr = everyKey): Cpu {
  const memory = new PhysicalMemory(new ArrayBuffer(cpuBytes), []);
  const cpu = new Cpu(memory, 0, profile, {} as VirtualMemory, {} as CpuSurroundings);
  cpu.setSystem("SCTLR_EL1", sctlr);
  cpu.setSystem("TCR_EL1", TCR);
  ["IA", "IB", "DA", "DB", "GA"].forEach((key, index) => {
    cpu.setSystem(`AP${key}KEYLO_EL1`, 0x0123_4567_89ab_cdefn * BigInt(index + 1) & (1n << 64n) - 1n);
    cpu.setSystem(`AP${key}KEYHI_EL1`, 0xfedc_ba98_7654_3210n ^ BigInt(index));
  });
  for (let n = 0; n < 31; n++) cpu.writeX(n, pointer + BigInt(n) * 0x100n);
  cpu.sp = sp;
  cpu.pc = 0x4000_0000n;
  return cpu;
}

function run(cpu: Cpu, word: number): After {
  const definition = integerInstructions.find(({ pattern }) => matches(pattern, word));
  assert(definition?.run);
  return definition.run(cpu, fieldsOf(definition.pattern, word));
}

function exceptionOf(cpu: Cpu, word: number): GuestException {
  try {
    run(cpu, word);
  } catch (exception) {
    if (exception instanceof GuestException) return exception;
    throw exception;
  }
  throw new Error(`${word.toString(16)} takes no exception`);
}

function signed(cpu: Cpu, value: bigint, modifier: bigint, key: "IA" | "IB" | "DA" | "DB"): bigint {
  const { idRegisters } = cpu.profile;
  const method = addressAuthentication(idRegisters[ISAR1] ?? 0n, idRegisters.ID_AA64ISAR2_EL1 ?? 0n);
  const sizes = { smallTranslationTables: false, largeWith64k: false, largeWithDs: false };
  const layout = pointerLayout(TCR, key.startsWith("D"), sizes);
  const halves = { high: cpu.system(`AP${key}KEYHI_EL1`), low: cpu.system(`AP${key}KEYLO_EL1`) };
  return addPac(value, modifier, halves, layout, method!);
}

const words = {
  "PACIA X0, X1": 0xdac1_0020,
  "PACIB X0, X1": 0xdac1_0420,
  "PACDA X0, X1": 0xdac1_0820,
  "PACDB X0, X1": 0xdac1_0c20,
} as const;
/** The bits by which the instruction that checks differs, and the one whose modifier is zero. */
const check = 0x1000, zero = 0x2000;
const Rn = 0x3e0;

Deno.test("each instruction signs with its key and modifier, and the one that checks gives the pointer back", () => {
  for (const [name, word] of Object.entries(words)) {
    const key = name.slice(3, 5) as "IA";
    const variants = [[word, newCpu().readX(1)], [word | Rn, sp], [word | zero | Rn, 0n]] as const;
    for (const [variant, modifier] of variants) {
      const cpu = newCpu();
      run(cpu, variant);
      assertEquals(cpu.readX(0), signed(cpu, pointer, modifier, key), name);
      run(cpu, variant | check);
      assertEquals(cpu.readX(0), pointer, name);
    }
  }
});

Deno.test("a key that is not enabled changes nothing, and neither does its check", () => {
  const enabled = Object.values(SCTLR);
  Object.values(words).forEach((word, index) => {
    const cpu = newCpu(undefined, everyKey & ~enabled[index]!);
    run(cpu, word);
    assertEquals(cpu.readX(0), pointer);
    cpu.writeX(0, pointer | 1n << 60n);
    run(cpu, word | check);
    assertEquals(cpu.readX(0), pointer | 1n << 60n);
  });
});

Deno.test("hints sign and check the registers that their names say", () => {
  const cpu = newCpu();
  const hints = [
    [0xd503_211f, 17, cpu.readX(16), "IA"], // PACIA1716
    [0xd503_215f, 17, cpu.readX(16), "IB"],
    [0xd503_231f, 30, 0n, "IA"], // PACIAZ
    [0xd503_235f, 30, 0n, "IB"],
    [0xd503_233f, 30, sp, "IA"], // PACIASP
    [0xd503_237f, 30, sp, "IB"],
  ] as const;
  for (const [word, register, modifier, key] of hints) {
    const before = cpu.readX(register);
    run(cpu, word);
    assertEquals(cpu.readX(register), signed(cpu, before, modifier, key));
    run(cpu, word | 0x80);
    assertEquals(cpu.readX(register), before);
  }
});

Deno.test("codes are removed unchecked", () => {
  const cpu = newCpu();
  for (const [word, register] of [[0xdac1_43e3, 3], [0xdac1_47e3, 3], [0xd503_20ff, 30]] as const) {
    const before = cpu.readX(register);
    cpu.writeX(register, before | 0x5a7fn << 48n);
    run(cpu, word);
    assertEquals(cpu.readX(register), before);
  }
});

Deno.test("branches check their pointer, and link after they have read it", () => {
  const branches = [
    [0xd71f_0820, 1, (cpu: Cpu) => cpu.readX(0), false], // BRAA X1, X0
    [0xd61f_083f, 1, () => 0n, false], // BRAAZ X1
    [0xd73f_0bc0, 30, (cpu: Cpu) => cpu.readX(0), true], // BLRAA X30, X0
    [0xd63f_083f, 1, () => 0n, true], // BLRAAZ X1
    [0xd73f_083e, 1, (cpu: Cpu) => cpu.readX(30), true], // BLRAA X1, X30
    [0xd65f_0bff, 30, () => sp, false], // RETAA
  ] as const;
  for (const [word, register, modifier, links] of branches) {
    for (const key of ["IA", "IB"] as const) {
      const cpu = newCpu();
      const target = cpu.readX(register), link = cpu.readX(30);
      const code = signed(cpu, target, modifier(cpu), key);
      cpu.writeX(register, code);
      assertEquals(run(cpu, key === "IA" ? word : word | 0x400), "jump");
      assertEquals(cpu.pc, target);
      assertEquals(cpu.readX(30), links ? 0x4000_0004n : register === 30 ? code : link);
    }
  }
});

const undefinedWords = [0xdac1_0020, 0xdac1_43e3, 0x9ac2_3020, 0xd71f_0820, 0xd65f_0bff];

Deno.test("without pointer authentication the instructions are undefined and the hints do nothing", () => {
  const cpu = newCpu(findHost("neoverse-n1"));
  for (const word of undefinedWords) {
    const exception = exceptionOf(cpu, word);
    assertEquals([exception.ec, exception.iss], [0, 0]);
  }
  const before = cpu.readX(30);
  cpu.writeX(30, before | 1n << 60n);
  for (const word of [0xd503_233f, 0xd503_23bf, 0xd503_20ff]) run(cpu, word);
  assertEquals(cpu.readX(30), before | 1n << 60n);
});

Deno.test("with FEAT_FPAC a wrong code is a fault that tells the key", () => {
  const host = findHost("neoverse-v1");
  const levels = host.idRegisters[ISAR1]! & ~0xf0n | 0x40n;
  const cpu = newCpu({ ...host, idRegisters: { ...host.idRegisters, [ISAR1]: levels } });
  Object.values(words).forEach((word, key) => {
    cpu.writeX(0, pointer | 1n << 60n);
    const exception = exceptionOf(cpu, word | check);
    assertEquals([exception.ec, exception.iss], [0x1c, key]);
    assertEquals(cpu.readX(0), pointer | 1n << 60n);
  });
});

Deno.test("PACGA gives the upper half of a code of the generic key", () => {
  const cpu = newCpu();
  run(cpu, 0x9ac2_3020);
  const first = cpu.readX(0);
  assertEquals(first & 0xffff_ffffn, 0n);
  assert(first !== 0n);
  cpu.setSystem("APGAKEYLO_EL1", 0n);
  run(cpu, 0x9ac2_3020);
  assert(cpu.readX(0) !== first);
});
