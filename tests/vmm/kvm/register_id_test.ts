// Register ids and names: the tables of the KVM document's "4.68 KVM_SET_ONE_REG", and both ways between them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ccsidr,
  KVM_REG_ARM64_SVE_VLS,
  registerByName,
  type RegisterId,
  registerIdOf,
  registerName,
  registerNamed,
  registerSize,
  sveFfr,
  sveP,
  sveZ,
  sysreg,
} from "../../../vmm/kvm/register_id.ts";
import { systemRegisters, timerRegisters } from "../../../vmm/kvm/system_registers.ts";
import { seededRandom } from "../../devices/random.ts";

/**
 * The document's core register table: encoding, name, bits. The document prints SPSR_FIQ's size as 0x606,
 * 512 bits; its column "Bits" says 64, and that is what kernels take.
 */
const documented: readonly (readonly [id: bigint, name: string, bits: number])[] = [
  [0x6030_0000_0010_0000n, "X0", 64],
  [0x6030_0000_0010_0002n, "X1", 64],
  [0x6030_0000_0010_003cn, "X30", 64],
  [0x6030_0000_0010_003en, "SP", 64],
  [0x6030_0000_0010_0040n, "PC", 64],
  [0x6030_0000_0010_0042n, "PSTATE", 64],
  [0x6030_0000_0010_0044n, "SP_EL1", 64],
  [0x6030_0000_0010_0046n, "ELR_EL1", 64],
  [0x6030_0000_0010_0048n, "SPSR_EL1", 64],
  [0x6030_0000_0010_004an, "SPSR_ABT", 64],
  [0x6030_0000_0010_004cn, "SPSR_UND", 64],
  [0x6030_0000_0010_004en, "SPSR_IRQ", 64],
  [0x6030_0000_0010_0050n, "SPSR_FIQ", 64],
  [0x6040_0000_0010_0054n, "V0", 128],
  [0x6040_0000_0010_0058n, "V1", 128],
  [0x6040_0000_0010_00d0n, "V31", 128],
  [0x6020_0000_0010_00d4n, "FPSR", 32],
  [0x6020_0000_0010_00d5n, "FPCR", 32],
  [0x6060_0000_0015_ffffn, "KVM_REG_ARM64_SVE_VLS", 512],
];

for (const [id, name, bits] of documented) {
  Deno.test(`${name} has the id 0x${id.toString(16)} and ${bits} bits`, () => {
    assertEquals(registerNamed(name), registerIdOf(id));
    assertEquals(registerName(registerIdOf(id)), name);
    assertEquals(registerSize(registerIdOf(id)) * 8, bits);
  });
}

Deno.test("the id that the document misprints for SPSR_FIQ is no register's name", () => {
  const misprint = registerIdOf(0x6060_0000_0010_0050n);
  assertEquals(registerName(misprint), "0x6060000000100050");
});

Deno.test("the ids of the SVE registers follow the document's bit patterns", () => {
  assertEquals(sveZ(0), registerIdOf(0x6080_0000_0015_0000n));
  assertEquals(sveZ(3, 1), registerIdOf(0x6080_0000_0015_0061n));
  assertEquals(sveZ(31, 31), registerIdOf(0x6080_0000_0015_03ffn));
  assertEquals(sveP(0), registerIdOf(0x6050_0000_0015_0400n));
  assertEquals(sveP(15, 31), registerIdOf(0x6050_0000_0015_05ffn));
  assertEquals(sveFfr(), registerIdOf(0x6050_0000_0015_0600n));
  assertEquals(sveFfr(31), registerIdOf(0x6050_0000_0015_061fn));
  assertEquals(registerSize(sveZ(0)), 256);
  assertEquals(registerSize(sveP(0)), 32);
  assertEquals(registerSize(sveFfr()), 32);
  assertEquals(registerSize(KVM_REG_ARM64_SVE_VLS), 64);
});

Deno.test("the ids of CCSIDR, system and firmware registers follow the document's bit patterns", () => {
  assertEquals(ccsidr(2), registerIdOf(0x6020_0000_0011_0002n));
  assertEquals(sysreg(3, 0, 0, 0, 5), registerIdOf(0x6030_0000_0013_c005n));
  assertEquals(registerNamed("KVM_REG_ARM_PSCI_VERSION"), registerIdOf(0x6030_0000_0014_0000n));
});

Deno.test("every name of the tables leads to an id and back", () => {
  const names = [...systemRegisters.keys(), ...timerRegisters.keys(), ...documented.map(([, name]) => name)];
  for (let n = 0; n < 31; n++) names.push(`X${n}`);
  for (let n = 0; n < 32; n++) names.push(`V${n}`);
  for (const name of names) assertEquals(registerName(registerNamed(name)), name);
});

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

Deno.test("every SVE and CCSIDR id leads to a name of its own and back", () => {
  const ids = [
    ...upTo(32).flatMap((slice) => [
      ...upTo(32).map((n) => sveZ(n, slice)),
      ...upTo(16).map((n) => sveP(n, slice)),
      sveFfr(slice),
    ]),
    ...upTo(256).map(ccsidr),
  ];
  const names = ids.map(registerName);
  assertEquals(names.map(registerByName), ids);
  assertEquals(new Set(names).size, ids.length);
  assert(names.every((name) => !name.startsWith("0x")));
});

Deno.test("every system register encoding leads to a name of its own and back", () => {
  const names = new Set<string>();
  for (let rest = 2 << 14; rest < 4 << 14; rest++) {
    const id = sysreg(rest >> 14 as 2 | 3, rest >> 11 & 7, rest >> 7 & 15, rest >> 3 & 15, rest & 7);
    const name = registerName(id);
    assert(!name.startsWith("0x"), name);
    assertEquals(registerByName(name), id);
    names.add(name);
  }
  assertEquals(names.size, 2 << 14);
});

Deno.test("whatever the id, its name leads back to it", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 20_000; round++) {
    const id = randomId(random);
    assertEquals(registerByName(registerName(id)), id);
  }
});

/** An arm64 id: mostly of a known family and size, sometimes of neither. */
function randomId({ word, below, of }: ReturnType<typeof seededRandom>): RegisterId {
  const family = of([0x10, 0x11, 0x13, 0x14, 0x15, 0x16, below(0x10000)]);
  const size = of([2, 3, 4, 5, 6, 8, below(16)]);
  const rest = of([below(0x100), below(0x700), word() & 0xffff, 0xffff]);
  const reserved = of([0, 0, 0, word()]);
  return registerIdOf(
    0x6000_0000_0000_0000n | BigInt(size) << 52n | BigInt(reserved) << 20n & 0x000f_ffff_0000_0000n |
      BigInt(family) << 16n | BigInt(rest),
  );
}

Deno.test("slice 0 is meant where a name has none", () => {
  assertEquals(registerByName("Z3"), sveZ(3, 0));
  assertEquals(registerByName("P15"), sveP(15, 0));
  assertEquals(registerByName("FFR"), sveFfr(0));
});

Deno.test("the architecture's generic name finds a register that has one of its own", () => {
  assertEquals(registerByName("S3_0_C0_C0_5"), registerNamed("MPIDR_EL1"));
});

const strangers = [
  "",
  "X31",
  "x0",
  "V32",
  "Z32",
  "P16",
  "Z0 slice 32",
  "Z0 slice",
  "Z-1",
  "FFR slice 32",
  "CCSIDR 256",
  "CCSIDR",
  "S1_0_C0_C0_0",
  "S3_8_C0_C0_0",
  "S3_0_C16_C0_0",
  "S3_0_C0_C16_0",
  "S3_0_C0_C0_8",
  "0x60300000001000",
  "0x7030000000100000",
  "constructor",
  "__proto__",
];

for (const name of strangers) {
  Deno.test(`"${name}" is no register`, () => {
    assertEquals(registerByName(name), undefined);
    assertThrows(() => registerNamed(name), Error, `no register is called ${name}`);
  });
}
