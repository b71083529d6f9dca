import { assertEquals } from "@std/assert";
import type { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { noTag, tlbAt, tlbEntries, tlbEntry, tlbKinds } from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import { flushAddressSpace, flushTlbPages, forgetWritable } from "../../../../vmm/interpreter/a64/tlb.ts";
import { codePage } from "../../../../vmm/interpreter/a64/mmu_fetch.ts";
import { bareCpu, faultOf, ram } from "./bare_cpu.ts";
import { AF, map, normal, turnOn, usualTcr } from "./translation_tables.ts";

const page = BigInt(ram.base + 0x1000);
const address = 0x12_3456_7000n;

/** Tags and the byte that a hit would reach, of the entry for an address. */
function entry(cpu: Cpu, at: bigint, kind: number = tlbKinds.el1) {
  const offset = tlbAt(kind) + Number(at >> 12n & BigInt(tlbEntries - 1)) * tlbEntry.size;
  const word = (field: number) => cpu.view.getBigInt64(offset + field, true);
  return {
    read: word(tlbEntry.readTag),
    write: word(tlbEntry.writeTag),
    reaches: Number(BigInt.asUintN(64, word(tlbEntry.addend) + at)),
  };
}

Deno.test("what is written is read again, across pages too, and the TLB knows the way", () => {
  const { cpu, ramAt } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | normal });
  map(cpu, { address: address + 0x1000n, physical: page + 0x5000n, attributes: AF | normal });
  turnOn(cpu);
  cpu.write(address + 0xffcn, 8, 0x1122_3344_5566_7788n);
  assertEquals(cpu.read(address + 0xffcn, 8), 0x1122_3344_5566_7788n);
  assertEquals(cpu.memory.view.getUint32(ramAt + 0x1ffc, true), 0x5566_7788);
  assertEquals(cpu.memory.view.getUint32(ramAt + 0x6000, true), 0x1122_3344);
  assertEquals(entry(cpu, address), { read: address, write: address, reaches: ramAt + 0x1000 });
  assertEquals([1, 2, 4, 8].map((bytes) => cpu.read(address + 0xff8n, bytes as 1 | 2 | 4 | 8)), [
    0n,
    0n,
    0n,
    0x5566_7788_0000_0000n,
  ]);
});

Deno.test("nothing is written of a store into a page that is not there", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | normal });
  turnOn(cpu);
  const fault = faultOf(() => cpu.write(address + 0xffcn, 8, -1n));
  assertEquals([fault.faultAddress, fault.iss], [address + 0x1000n, 0x47]);
  assertEquals(cpu.read(address + 0xff8n, 8), 0n);
});

Deno.test("a read of a clean page lets no store pass by the tables", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | normal | 1n << 7n | 1n << 51n });
  turnOn(cpu, usualTcr | 3n << 39n);
  cpu.read(address, 8);
  assertEquals([entry(cpu, address).read, entry(cpu, address).write], [address, noTag]);
  cpu.write(address, 8, 1n);
  assertEquals(entry(cpu, address).write, address);
});

Deno.test("stores to a watched page are told of, every one", () => {
  const { cpu, asked } = bareCpu({ surroundings: { watchesPage: (_, at) => BigInt(at) === page } });
  map(cpu, { address, physical: page, attributes: AF | normal });
  turnOn(cpu);
  cpu.write(address + 0x10n, 4, 1n);
  cpu.write(address + 0x20n, 4, 1n);
  assertEquals(asked, ["wrote 40001000", "wrote 40001000"]);
  assertEquals([entry(cpu, address).read, entry(cpu, address).write], [address, noTag]);
});

Deno.test("what is no memory is a device, and no instructions come from it", () => {
  const { cpu, asked } = bareCpu();
  assertEquals(cpu.read(0x900_0018n, 4), 5n);
  cpu.write(0x900_0000n, 1, 0x41n);
  assertEquals(asked, ["read 9000018 4", "write 9000000 1 65"]);
  cpu.pc = 0x900_0000n;
  const fault = faultOf(() => codePage(cpu));
  assertEquals([fault.ec, fault.iss, fault.faultAddress], [0x21, 0x10, 0x900_0000n]);
});

Deno.test("misaligned accesses fault on Device memory and with SCTLR_EL1.A", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF });
  turnOn(cpu);
  const fault = faultOf(() => cpu.read(address + 1n, 4));
  assertEquals([fault.ec, fault.iss, fault.faultAddress], [0x25, 0x21, address + 1n]);
  map(cpu, { address, physical: page, attributes: AF | normal });
  turnOn(cpu);
  assertEquals(cpu.read(address + 1n, 4), 0n);
  turnOn(cpu, usualTcr, 2n);
  faultOf(() => cpu.read(address + 1n, 4));
  // So that the generated code does not pass by the check.
  cpu.read(address, 4);
  assertEquals(entry(cpu, address).read, noTag);
});

Deno.test("a page is forgotten by any address of the block that maps it", () => {
  const { cpu } = bareCpu();
  const blockAt = 0x12_3440_0000n;
  map(cpu, { address: blockAt, physical: BigInt(ram.base), attributes: AF | normal, lastLevel: 2 });
  turnOn(cpu);
  cpu.read(blockAt + 0x7_0000n, 8);
  flushTlbPages(cpu, blockAt + 0x20_0000n, 1);
  assertEquals(entry(cpu, blockAt + 0x7_0000n).read, blockAt + 0x7_0000n);
  flushTlbPages(cpu, blockAt, 1);
  assertEquals(entry(cpu, blockAt + 0x7_0000n).read, noTag);
});

Deno.test("pages that begin to be watched are not written past the watch", () => {
  const { cpu } = bareCpu();
  map(cpu, { address, physical: page, attributes: AF | normal });
  turnOn(cpu);
  cpu.write(address, 8, 1n);
  forgetWritable(cpu);
  assertEquals([entry(cpu, address).read, entry(cpu, address).write], [address, noTag]);
});

Deno.test("of another address space what is global of the upper half stays known", () => {
  const upper = 0xffff_8000_1234_5000n;
  for (const [nG, stays] of [[0n, true], [1n << 11n, false]] as const) {
    const { cpu } = bareCpu();
    map(cpu, { address, physical: page, attributes: AF | normal });
    map(cpu, { address: upper, physical: page, attributes: AF | normal | nG });
    turnOn(cpu);
    turnOn(cpu, usualTcr, 0n, true);
    cpu.read(upper, 8);
    map(cpu, { address, physical: page, attributes: AF | normal });
    cpu.read(address, 8);
    flushAddressSpace(cpu);
    assertEquals(entry(cpu, address).read, noTag);
    assertEquals(entry(cpu, upper).read === BigInt.asIntN(64, upper), stays);
  }
});
