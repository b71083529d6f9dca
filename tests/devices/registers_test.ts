import { assertEquals, assertThrows } from "@std/assert";
import { createRegisters } from "../../devices/registers.ts";

function sample() {
  const misuses: string[] = [];
  const written: number[] = [];
  const device = createRegisters("sample", 0x10, {
    BOTH: { at: 0x0, read: () => 0x89abcdef, write: (value) => written.push(value) },
    STATUS: { at: 0x4, read: () => -1 },
    COMMAND: { at: 0x8, write: (value) => written.push(value) },
  }, (name, what) => misuses.push(`${name}: ${what}`));
  return { device, misuses, written };
}

Deno.test("a register reads its low bytes at every width, as unsigned numbers", () => {
  const { device, misuses } = sample();
  assertEquals([device.read(0, 1), device.read(0, 2), device.read(0, 4)], [0xef, 0xcdef, 0x89abcdef]);
  assertEquals(device.read(4, 4), 0xffffffff);
  assertEquals(misuses, []);
});

Deno.test("a narrow write arrives zero-extended", () => {
  const { device, written } = sample();
  device.write(0, 1, 0xfff);
  device.write(0, 2, 0x12345678);
  device.write(0, 4, 0xffffffff);
  assertEquals(written, [0xff, 0x5678, 0xffffffff]);
});

Deno.test("writes to a read-only register and reads of a write-only one do nothing and are told", () => {
  const { device, misuses, written } = sample();
  device.write(4, 4, 1);
  assertEquals(device.read(8, 4), 0);
  assertEquals(written, []);
  assertEquals(misuses, [
    "sample: 32-bit write at 0x4: STATUS is read-only",
    "sample: 32-bit read at 0x8: COMMAND is write-only",
  ]);
});

Deno.test("unaligned accesses and holes read as zero, are ignored and are told", () => {
  const { device, misuses, written } = sample();
  assertEquals([device.read(1, 1), device.read(2, 2), device.read(3, 4), device.read(0xc, 4)], [0, 0, 0, 0]);
  device.write(9, 1, 1);
  device.write(0xc, 4, 1);
  assertEquals(written, []);
  assertEquals(misuses.length, 6);
  assertEquals(misuses[0], "sample: 8-bit read at 0x1: it does not start at BOTH's first byte");
  assertEquals(misuses[5], "sample: 32-bit write at 0xc: no register is there");
});

Deno.test("two registers at one offset, or one outside the window, are refused at construction", () => {
  const make = (second: number) => () =>
    createRegisters("bad", 0x10, { A: { at: 0 }, B: { at: second } }, () => {});
  assertThrows(make(0), RangeError, "B and A are both at 0");
  assertThrows(make(0x10), RangeError, "not a word of its window");
  assertThrows(make(2), RangeError, "not a word of its window");
});
