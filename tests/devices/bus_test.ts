import { assertEquals, assertThrows } from "@std/assert";
import { createBus } from "../../devices/bus.ts";
import type { Device } from "../../devices/device.ts";
import { createRegisters } from "../../devices/registers.ts";
import { Tally } from "../../devices/tally.ts";

function recorder(name: string, size: number) {
  const log: string[] = [];
  const device: Device = {
    name,
    size,
    read(offset, width) {
      log.push(`read ${offset} ${width}`);
      return 0xff;
    },
    write: (offset, width, value) => void log.push(`write ${offset} ${width} ${value}`),
    reset: () => void log.push("reset"),
  };
  return { device, log };
}

function sample() {
  const strays: string[] = [];
  const uart = recorder("uart", 0x1000);
  const slot = recorder("slot", 0x200);
  const next = recorder("next", 0x200);
  const bus = createBus([
    { base: 0x0a00_0000, device: slot.device },
    { base: 0x0900_0000, device: uart.device },
    { base: 0x0a00_0200, device: next.device },
  ], (address, width, write) => strays.push(`${write ? "write" : "read"} ${address.toString(16)} ${width}`));
  return { bus, uart, slot, next, strays };
}

Deno.test("an access reaches the device whose window holds it, with its offset", () => {
  const { bus, uart, slot, next, strays } = sample();
  assertEquals(bus.read(0x0900_0000, 4), 0xff);
  assertEquals(bus.read(0x0900_0ffc, 4), 0xff);
  bus.write(0x0a00_01fc, 4, 7);
  bus.write(0x0a00_0200, 1, 8);
  assertEquals(uart.log, ["read 0 4", `read ${0xffc} 4`]);
  assertEquals(slot.log, [`write ${0x1fc} 4 7`]);
  assertEquals(next.log, ["write 0 1 8"]);
  assertEquals(strays, []);
});

Deno.test("where nothing is, reads are zero, writes are ignored, and both are told", () => {
  const { bus, strays } = sample();
  for (const address of [0, 0x08ff_ffff, 0x0900_1000, 0x0a00_0400, 2 ** 52]) {
    assertEquals(bus.read(address, 1), 0);
    bus.write(address, 4, 1);
  }
  assertEquals(strays.length, 10);
  assertEquals(strays.slice(0, 2), ["read 0 1", "write 0 4"]);
});

Deno.test("an access that reaches over the end of a window is a stray", () => {
  const { bus, slot, next, strays } = sample();
  assertEquals(bus.read(0x0a00_01fe, 4), 0);
  bus.write(0x0a00_03ff, 2, 1);
  assertEquals([slot.log, next.log], [[], []]);
  assertEquals(strays, ["read a0001fe 4", "write a0003ff 2"]);
});

Deno.test("a register that is read again and again is read each time, and counted", () => {
  let value = 0;
  const registers = createRegisters("counter", 0x10, {
    COUNT: { at: 4, read: () => ++value },
    SIGN: { at: 8, read: () => -1 },
  }, () => {});
  const accesses = new Tally(1);
  const bus = createBus([{ base: 0x1000, device: { ...registers, reset() {} } }], () => {}, accesses);
  assertEquals([1, 2, 3].map(() => bus.read(0x1004, 4)), [1, 2, 3]);
  assertEquals([bus.read(0x1008, 4), bus.read(0x1008, 4)], [0xffff_ffff, 0xffff_ffff]);
  value = 0x1ff;
  assertEquals([bus.read(0x1004, 1), bus.read(0x1004, 4), bus.read(0x1004, 2)], [0, 0x201, 0x202]);
  assertEquals(accesses.get(0), 8);
});

Deno.test("a narrow read does not let a wide one reach over the end of its window", () => {
  const registers = createRegisters("narrow", 2, { ONLY: { at: 0, read: () => 5 } }, () => {});
  const strays: number[] = [];
  const bus = createBus([{ base: 0x1000, device: { ...registers, reset() {} } }], (at) => strays.push(at));
  assertEquals([bus.read(0x1000, 1), bus.read(0x1000, 4)], [5, 0]);
  assertEquals(strays, [0x1000]);
});

Deno.test("a bus without devices answers everything as a stray", () => {
  let strays = 0;
  const bus = createBus([], () => strays++);
  assertEquals(bus.read(0x1000, 4), 0);
  bus.write(0x1000, 4, 1);
  assertEquals(strays, 2);
});

Deno.test("the windows are listed by address, and a reset reaches each device", () => {
  const { bus, uart, slot, next } = sample();
  assertEquals(bus.windows.map(({ device }) => device.name), ["uart", "slot", "next"]);
  bus.reset();
  assertEquals([uart.log, slot.log, next.log], [["reset"], ["reset"], ["reset"]]);
});

Deno.test("windows that overlap are refused at construction", () => {
  const windows = [
    { base: 0x1000, device: recorder("a", 0x1000).device },
    { base: 0x1fff, device: recorder("b", 0x10).device },
  ];
  assertThrows(() => createBus(windows, () => {}), RangeError, "b at 0x1fff overlaps a at 0x1000");
});
