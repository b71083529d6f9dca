import { assertEquals } from "@std/assert";
import type { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { GuestException } from "../../../../vmm/interpreter/a64/guest_exception.ts";
import { type Access, privileges, translate, tryTranslate } from "../../../../vmm/interpreter/a64/mmu.ts";
import { PSTATE } from "../../../../vmm/interpreter/a64/pstate.ts";
import { setPstate } from "../../../../vmm/interpreter/a64/exceptions.ts";
import { contextChanged } from "../../../../vmm/interpreter/a64/execution_context.ts";
import { bareCpu, ram } from "./bare_cpu.ts";
import * as table from "./translation_tables.ts";

const { AF, atEl0, map, normal, poke, readOnly, tables, turnOn, usualTcr } = table;
const page = BigInt(ram.base + 0x1000);
const address = 0x12_3456_7000n;

/** The physical address, or the fault status code in words. */
function reach(cpu: Cpu, at: bigint, access: Access = "read", isEl0 = false): string {
  try {
    return translate(cpu, at, access, isEl0).physical.toString(16);
  } catch (exception) {
    if (!(exception instanceof GuestException)) throw exception;
    return "fault " + (exception.iss & 0x3f).toString(2).padStart(6, "0");
  }
}

const all: readonly Access[] = ["read", "write", "execute"];
/** What is allowed: at EL1, then at EL0. */
const rights = (cpu: Cpu): string =>
  [privileges.el1, privileges.el0].map((privilege) =>
    all.map((access) => tryTranslate(cpu, address, access, privilege) < 0 ? access[0] : "-").join("")
  ).join(" ");

Deno.test("every granule translates at every level where it can, in both halves", () => {
  const granules = [
    { granule: 12, TG0: 0n, TG1: 2n, levels: [1, 2, 3] },
    { granule: 14, TG0: 2n, TG1: 1n, levels: [2, 3] },
    { granule: 16, TG0: 1n, TG1: 3n, levels: [2, 3] },
  ];
  for (const { granule, TG0, TG1, levels } of granules) {
    for (const inputBits of [48, 42, 39, 36, 32, 30, 25]) {
      for (const lastLevel of levels) {
        const bits = BigInt(granule + (3 - lastLevel) * (granule - 3));
        if (bits >= BigInt(inputBits)) continue;
        for (const isUpper of [false, true]) {
          const { cpu } = bareCpu();
          const low = BigInt.asUintN(inputBits, 0x1234_5678_9abcn);
          const at = isUpper ? BigInt.asUintN(64, -1n << BigInt(inputBits)) | low : low;
          const physical = 0x5678_9abc_0000n >> bits << bits;
          map(cpu, { address: at, physical, attributes: AF | normal, granule, inputBits, lastLevel });
          const size = BigInt(64 - inputBits);
          turnOn(cpu, size | size << 16n | TG0 << 14n | TG1 << 30n | 5n << 32n, 0n, isUpper);
          const expected = physical | BigInt.asUintN(Number(bits), low);
          assertEquals(
            reach(cpu, at),
            expected.toString(16),
            `${granule} ${inputBits} ${lastLevel} ${isUpper}`,
          );
        }
      }
    }
  }
});

Deno.test("a walk that ends early tells its level", () => {
  for (const [level, fault] of [[1, "000101"], [2, "000110"], [3, "000111"]] as const) {
    const { cpu } = bareCpu();
    const descriptor = map(cpu, { address, physical: page, attributes: AF, lastLevel: level });
    poke(cpu, descriptor, 0n);
    turnOn(cpu);
    assertEquals(reach(cpu, address), `fault ${fault}`);
  }
  const { cpu } = bareCpu();
  turnOn(cpu);
  assertEquals(reach(cpu, address), "fault 000100");
});

Deno.test("a block at level 3, and one at level 0, are reserved", () => {
  const { cpu } = bareCpu();
  const last = map(cpu, { address, physical: page, attributes: AF });
  poke(cpu, last, page | AF | 1n);
  turnOn(cpu);
  assertEquals(reach(cpu, address), "fault 000111");
  poke(cpu, tables, page | AF | 1n);
  assertEquals(reach(cpu, address), "fault 000100");
});

Deno.test("addresses that are neither half's, and halves that are disabled, fault at level 0", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF });
  turnOn(cpu);
  assertEquals(reach(cpu, address), page.toString(16));
  assertEquals(reach(cpu, address | 1n << 48n), "fault 000100");
  assertEquals(reach(cpu, address | 1n << 60n), "fault 000100");
  turnOn(cpu, usualTcr | 1n << 7n);
  assertEquals(reach(cpu, address), "fault 000100");
});

Deno.test("the top byte is a tag with TBI; with TBID only that of data", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF });
  const tagged = address | 0xa5n << 56n;
  turnOn(cpu, usualTcr | 1n << 37n);
  assertEquals(all.map((access) => reach(cpu, tagged, access)), all.map(() => page.toString(16)));
  turnOn(cpu, usualTcr | 1n << 37n | 1n << 51n);
  const here = page.toString(16);
  assertEquals(all.map((access) => reach(cpu, tagged, access)), [here, here, "fault 000100"]);
});

Deno.test("AP, UXN and PXN give the rights that the manual's table has", () => {
  const cases: readonly (readonly [attributes: bigint, expected: string])[] = [
    [0n, "rwe --e"],
    [atEl0, "rw- rwe"],
    [readOnly, "r-e --e"],
    [readOnly | atEl0, "r-e r-e"],
    [atEl0 | table.UXN, "rw- rw-"],
    [readOnly | table.PXN, "r-- --e"],
    [readOnly | atEl0 | table.UXN | table.PXN, "r-- r--"],
  ];
  for (const [attributes, expected] of cases) {
    const { cpu } = bareCpu();
    map(cpu, { address, physical: page, attributes: attributes | AF });
    turnOn(cpu);
    assertEquals(rights(cpu), expected);
  }
});

Deno.test("tables take rights away unless HPD is set", () => {
  const cases: readonly (readonly [tableAttributes: bigint, expected: string])[] = [
    [table.APTable0, "rwe --e"],
    [table.APTable1, "r-e r-e"],
    [table.XNTable, "rw- rw-"],
    [table.PXNTable | table.APTable1, "r-- r-e"],
  ];
  for (const [tableAttributes, expected] of cases) {
    const { cpu } = bareCpu();
    map(cpu, { address, physical: page, attributes: AF | atEl0, tableAttributes });
    turnOn(cpu);
    assertEquals(rights(cpu), expected);
    turnOn(cpu, usualTcr | 1n << 41n);
    assertEquals(rights(cpu), "rw- rwe");
  }
});

Deno.test("WXN: what may be written is not executed", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | atEl0 });
  turnOn(cpu, usualTcr, 1n << 19n);
  assertEquals(rights(cpu), "rw- rw-");
});

Deno.test("PAN keeps EL1 out of EL0's pages; EPAN also out of those it may only execute", () => {
  const { cpu } = bareCpu({ changes: { ID_AA64MMFR1_EL1: 0x1031_1122n } });
  map(cpu, { address, physical: page, attributes: AF | atEl0 });
  turnOn(cpu);
  setPstate(cpu, cpu.pstate | PSTATE.PAN);
  assertEquals(reach(cpu, address), "fault 001111");
  assertEquals(reach(cpu, address, "read", true), page.toString(16));
  map(cpu, { address, physical: page, attributes: AF });
  assertEquals(reach(cpu, address), page.toString(16));
  turnOn(cpu, usualTcr, 1n << 57n);
  assertEquals(reach(cpu, address), "fault 001111");
});

Deno.test("E0PD keeps EL0 out of a half without a walk", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | atEl0 });
  turnOn(cpu, usualTcr | 1n << 55n);
  assertEquals(reach(cpu, address, "read", true), "fault 000100");
  assertEquals(reach(cpu, address), page.toString(16));
});

Deno.test("a page without AF faults, or gets AF where hardware manages it", () => {
  const { cpu } = bareCpu();
  const descriptor = map(cpu, { address, physical: page, attributes: 0n });
  turnOn(cpu);
  assertEquals(reach(cpu, address), "fault 001011");
  turnOn(cpu, usualTcr | 1n << 39n);
  assertEquals(reach(cpu, address), page.toString(16));
  assertEquals(table.peek(cpu, descriptor) & AF, AF);
});

Deno.test("a clean page becomes dirty with its first write, not with a read", () => {
  const { cpu } = bareCpu();
  const descriptor = map(cpu, { address, physical: page, attributes: AF | readOnly | table.DBM });
  turnOn(cpu);
  assertEquals(reach(cpu, address, "write"), "fault 001111");
  turnOn(cpu, usualTcr | 1n << 39n | 1n << 40n);
  assertEquals(reach(cpu, address), page.toString(16));
  assertEquals(table.peek(cpu, descriptor) & readOnly, readOnly);
  assertEquals(reach(cpu, address, "write"), page.toString(16));
  assertEquals(table.peek(cpu, descriptor) & readOnly, 0n);
});

Deno.test("without HA, HD does nothing", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | readOnly | table.DBM });
  turnOn(cpu, usualTcr | 1n << 40n);
  assertEquals(reach(cpu, address, "write"), "fault 001111");
});

Deno.test("shareability is the descriptor's, or TCR_EL1's with FEAT_LPA2, but for memory not cached", () => {
  const shareability = (attributes: bigint, tcr: bigint, mair = 0xff44_00n) => {
    const { cpu } = bareCpu();
    map(cpu, { address, physical: page, attributes: AF | attributes });
    turnOn(cpu, tcr);
    cpu.setSystem("MAIR_EL1", mair);
    contextChanged(cpu);
    return translate(cpu, address, "read", false).shareability;
  };
  const inner = 3n << 8n, DS = 1n << 59n, [device, nonCacheable, cached] = [0n, 1n << 2n, 2n << 2n];
  assertEquals([device, nonCacheable, cached].map((index) => shareability(index | inner, usualTcr)), [
    2,
    2,
    3,
  ]);
  assertEquals(shareability(cached, usualTcr), 0);
  assertEquals(shareability(cached, usualTcr | DS | inner << 4n), 3);
  assertEquals(shareability(cached, usualTcr | DS), 0);
});

Deno.test("addresses beyond TCR_EL1.IPS, and tables outside memory, fault with their level", () => {
  const { cpu } = bareCpu();
  const descriptor = map(cpu, { address, physical: 1n << 40n, attributes: AF });
  turnOn(cpu, usualTcr & ~(7n << 32n));
  assertEquals(reach(cpu, address), "fault 000011");
  poke(cpu, tables + 0x2_0000n + 8n * (address >> 21n & 0x1ffn), 0x1000n | 3n);
  turnOn(cpu);
  assertEquals(reach(cpu, address), "fault 010111");
  assertEquals(descriptor > 0n, true);
});

Deno.test("with 64 KiB granules addresses have 52 bits both ways", () => {
  const { cpu } = bareCpu();
  const wide = 0xf_1234_5678_0000n;
  // Bits 51 to 48 of the address are bits 15 to 12 of the descriptor.
  map(cpu, {
    address: wide,
    physical: 0x2345_6789_0000n | 0xan << 12n,
    attributes: AF,
    granule: 16,
    inputBits: 52,
  });
  turnOn(cpu, 12n | 1n << 14n | 12n << 16n | 2n << 30n | 6n << 32n);
  assertEquals(reach(cpu, wide | 0x42n), "a234567890042");
});

Deno.test("FEAT_LPA2 gives 4 KiB granules 52 bits and a level -1", () => {
  const { cpu } = bareCpu();
  const wide = 0xf_1234_5678_9000n;
  const DS = 1n << 59n;
  const tcr = 12n | 12n << 16n | 2n << 30n | 6n << 32n | DS;
  map(cpu, {
    address: wide,
    physical: 0x2345_6789_a000n | 1n << 48n | 2n << 8n,
    attributes: AF,
    inputBits: 52,
  });
  turnOn(cpu, tcr);
  assertEquals(reach(cpu, wide | 0x42n), "923456789a042");
  poke(cpu, tables + 8n * (wide >> 48n), 0n);
  assertEquals(reach(cpu, wide), "fault 101011");
});

Deno.test("with translation off addresses are physical, as far as there are any", () => {
  const { cpu } = bareCpu({ host: "neoverse-n1" });
  assertEquals(reach(cpu, 0x4000_1234n), "40001234");
  assertEquals(reach(cpu, 1n << 48n), "fault 000000");
});

Deno.test("an abort says which level it comes from and what was tried", () => {
  const { cpu } = bareCpu();
  turnOn(cpu);
  const taken = (access: Access) => {
    try {
      return [translate(cpu, address, access, false).physical];
    } catch (exception) {
      const { ec, iss, faultAddress } = exception as GuestException;
      return [ec, iss, faultAddress];
    }
  };
  assertEquals(taken("read"), [0x25, 0x04, address]);
  assertEquals(taken("write"), [0x25, 0x44, address]);
  assertEquals(taken("execute"), [0x21, 0x04, address]);
  setPstate(cpu, 0);
  assertEquals(taken("write"), [0x24, 0x44, address]);
  assertEquals(taken("execute"), [0x20, 0x04, address]);
});
