import { assertEquals, assertStringIncludes } from "@std/assert";
import { kvm_irq_level } from "../../../vmm/kvm/structs.ts";
import { pl011, rows } from "../../../vmm/machine/board.ts";
import { lifecycle } from "../../../vmm/machine/control_block.ts";
import { createTestDevices } from "./test_devices.ts";

const UART = { DR: pl011.base, FR: pl011.base + 0x18, CR: pl011.base + 0x30, IMSC: pl011.base + 0x38 };
const rowBase = (name: string) => rows[name]!.base;

Deno.test("what the guest sends is in the output ring, in order", () => {
  const { devices, output } = createTestDevices();
  for (const byte of [104, 105, 10]) devices.bus.write(UART.DR, 4, byte);
  const said = new Uint8Array(3);
  assertEquals([output.take(said), ...said], [3, 104, 105, 10]);
});

Deno.test("a guest that sends more than anybody reads does not hang a machine that is being stopped", () => {
  const { devices, output, control } = createTestDevices();
  control.state = lifecycle.stopped;
  for (let n = 0; n < 100; n++) devices.bus.write(UART.DR, 1, n);
  assertEquals(output.room, 0);
  assertEquals(output.length, 16);
});

Deno.test("input interrupts a guest that listens, on the line that the board gives the UART", () => {
  const { devices, input, calls } = createTestDevices();
  devices.bus.write(UART.CR, 4, 0x301);
  devices.bus.write(UART.IMSC, 4, 0x10);
  calls.length = 0;
  input.push(0x61);
  devices.poll();
  const levels = calls.map(({ argument }) => kvm_irq_level.unpack(argument as Uint8Array<ArrayBuffer>));
  assertEquals(levels, [{ irq: 1 << 24 | 33, level: 1 }]);
  assertEquals(devices.bus.read(UART.DR, 4), 0x61);
});

Deno.test("the exit device ends the machine with the low byte of what is written, once it is stopped", () => {
  const { devices, control, endings } = createTestDevices();
  devices.bus.write(rowBase("exit"), 4, 0x1_07);
  assertEquals(endings, [{ kind: "exit", status: 7 }]);
  assertEquals(control.state, lifecycle.stopped);
});

Deno.test("a panic that the guest reports ends the machine as one", () => {
  const { devices, control, endings } = createTestDevices();
  devices.bus.write(rowBase("pvpanic"), 1, 1);
  assertEquals(endings.map(({ kind }) => kind), ["panic"]);
  assertEquals(control.state, lifecycle.stopped);
});

Deno.test("where nothing is, reads give zero, writes are ignored, and both are told of", () => {
  const { devices, misuses, endings } = createTestDevices();
  assertEquals(devices.bus.read(0xb00_0000, 4), 0);
  devices.bus.write(0xb00_0000, 2, 1);
  assertEquals([misuses.length, endings.length], [2, 0]);
  for (const line of misuses) assertStringIncludes(line, "0xb000000");
});
