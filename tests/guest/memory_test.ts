import { assert, assertEquals, assertThrows } from "@std/assert";
import type { GuestMemory as DeviceMemory } from "../../devices/guest_memory.ts";
import { GuestMemory } from "../../guest/memory.ts";

const BASE = 0x4000_0000;
const SIZE = 0x1_0000;
const END = BASE + SIZE;

function memory(): { memory: GuestMemory; bytes: Uint8Array } {
  const buffer = new SharedArrayBuffer(SIZE);
  return { memory: new GuestMemory(new Uint8Array(buffer), BASE), bytes: new Uint8Array(buffer) };
}

Deno.test("a slice is the guest's own memory", () => {
  const { memory: ram, bytes } = memory();
  const slice = ram.slice(BASE + 16, 4);
  bytes[17] = 0xaa;
  assertEquals([...slice ?? []], [0, 0xaa, 0, 0]);
});

Deno.test("a slice that leaves memory by one byte is refused, one that ends with it is not", () => {
  const { memory: ram } = memory();
  assertEquals(ram.slice(BASE, SIZE)?.length, SIZE);
  assertEquals(ram.slice(END, 0)?.length, 0);
  assertEquals(ram.slice(BASE - 1, 2), undefined);
  assertEquals(ram.slice(END - 1, 2), undefined);
  assertEquals(ram.slice(END + 1, 0), undefined);
  assertEquals(ram.slice(BASE, SIZE + 1), undefined);
});

Deno.test("an address or length that is no safe integer is outside memory", () => {
  const { memory: ram } = memory();
  for (const odd of [NaN, Infinity, -Infinity, -1, BASE + 0.5, 2 ** 53, 2 ** 64, -(2 ** 53)]) {
    assertEquals(ram.slice(odd, 4), undefined, `address ${odd}`);
    assertEquals(ram.write(odd, new Uint8Array(4)), false, `address ${odd}`);
  }
  for (const odd of [NaN, Infinity, -1, 0.5, 2 ** 32, 2 ** 53]) {
    assertEquals(ram.slice(BASE, odd), undefined, `length ${odd}`);
  }
});

Deno.test("a write that would leave memory writes nothing", () => {
  const { memory: ram, bytes } = memory();
  assertEquals(ram.write(END - 2, new Uint8Array([1, 2, 3])), false);
  assertEquals(ram.clear(END - 2, 3), false);
  assert(bytes.every((byte) => byte === 0));
  assertEquals(ram.write(END - 3, new Uint8Array([1, 2, 3])), true);
  assertEquals(ram.clear(END - 3, 2), true);
  assertEquals([...bytes.slice(-3)], [0, 0, 3]);
});

Deno.test("a slice is aligned in its buffer as its address is, which virtqueues rely on", () => {
  const forDevices: DeviceMemory = memory().memory;
  for (const address of [BASE, BASE + 16, BASE + 0x30, BASE + 0x1002]) {
    assertEquals(forDevices.slice(address, 4)?.byteOffset, address - BASE);
  }
});

Deno.test("memory beyond 4 GiB is reached", () => {
  const size = 4 * 2 ** 30 + 0x2000;
  const ram = new GuestMemory(new Uint8Array(size), BASE);
  const address = BASE + size - 4;
  ram.write(address, new Uint8Array([1, 2, 3, 4]));
  assertEquals([...ram.slice(address, 4) ?? []], [1, 2, 3, 4]);
  assertEquals([...ram.slice(address - 2 ** 32, 4) ?? []], [0, 0, 0, 0]);
  ram.clear(address + 1, 2);
  assertEquals([...ram.slice(address, 4) ?? []], [1, 0, 0, 4]);
});

Deno.test("memory is whole pages", () => {
  assertThrows(() => new GuestMemory(new Uint8Array(4096), BASE + 1), RangeError, "whole pages");
  assertThrows(() => new GuestMemory(new Uint8Array(4097), BASE), RangeError, "whole pages");
});
