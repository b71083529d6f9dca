// Syndromes in words; the values are those that Arm DDI 0487 gives for the cases that the texts name.

import { assertEquals } from "@std/assert";
import {
  describeException,
  faultStatusName,
  syndrome,
  type TakenException,
} from "../../../vmm/kvm/syndrome.ts";

const words = (esr: number) => {
  const { className, details } = syndrome(esr);
  return details ? `${className}: ${details}` : className;
};

Deno.test("a syndrome is its class and what the class adds, in words", () => {
  assertEquals(
    [0x0200_0000, 0x5600_0005, 0x9600_0044, 0x9200_0007, 0x8600_000f, 0xf200_0001, 0x8a00_0000, 0x1fe0_0000]
      .map(words),
    [
      "undefined instruction",
      "SVC: immediate 0x5",
      "Data Abort: translation fault, level 0 on a write",
      "Data Abort: translation fault, level 3 on a read",
      "Instruction Abort: permission fault, level 3",
      "BRK: immediate 0x1",
      "PC alignment fault",
      "trapped FP, AdvSIMD or SVE instruction",
    ],
  );
  assertEquals(words(0xfc00_0000), "exception class 0x3f");
});

Deno.test("a trapped system register is named, and the register that it moves", () => {
  const move = (encoding: readonly number[], Rt: number, isRead: number) => {
    const [op0, op1, crn, crm, op2] = encoding as [number, number, number, number, number];
    return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | Rt << 5 | crm << 1 | isRead;
  };
  const trapped = (iss: number) => syndrome((0x18 << 26 | 1 << 25 | iss) >>> 0).details;
  assertEquals(trapped(move([3, 3, 14, 0, 2], 3, 1)), "read of CNTVCT_EL0 to X3");
  assertEquals(trapped(move([3, 0, 1, 0, 0], 31, 0)), "write of SCTLR_EL1 from XZR");
  assertEquals(trapped(move([3, 7, 15, 15, 7], 0, 0)), "write of S3_7_C15_C15_7 from X0");
});

Deno.test("a fault's level is told, also where it is level -1", () => {
  assertEquals(
    [0b000110, 0b001011, 0b010111, 0b101011, 0b100001, 0b010000].map(faultStatusName),
    [
      "translation fault, level 2",
      "access flag fault, level 3",
      "external abort on a table walk, level 3",
      "translation fault, level -1",
      "alignment fault",
      "external abort",
    ],
  );
});

const taken: TakenException = {
  kind: "synchronous",
  esr: 0x9600_0010,
  far: 0xdead_0000n,
  pc: 0x4008_0004n,
  returnAddress: 0x4008_0004n,
  spsr: 0x3c0,
  vector: 0x4000_0400n,
  times: 1,
};

Deno.test("an exception is told with where, what, the address, the levels, the vector and how often", () => {
  assertEquals(
    describeException(taken),
    "at 0x40080004: Data Abort: external abort on a read, ESR_EL1 0x96000010, FAR_EL1 0xdead0000, " +
      "from EL0 to EL1, vector 0x40000400 (VBAR_EL1+0x400)",
  );
  assertEquals(
    describeException({ ...taken, kind: "irq", vector: 0x4000_0280n, times: 3, spsr: 5 }),
    "at 0x40080004: IRQ, from EL1 to EL1, vector 0x40000280 (VBAR_EL1+0x280) (3 times)",
  );
});
