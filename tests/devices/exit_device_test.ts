import { assertEquals } from "@std/assert";
import { createExitDevice } from "../../devices/exit_device.ts";

Deno.test("writing the exit register ends the VM with the low eight bits of the value", () => {
  const statuses: number[] = [];
  const device = createExitDevice({ exit: (status) => statuses.push(status), misuse: () => {} });
  for (const value of [0, 42, 0x1ff, 0xffffff00]) device.write(0, 4, value);
  device.write(0, 1, 3);
  assertEquals(statuses, [0, 42, 0xff, 0, 3]);
});

Deno.test("the exit register reads as zero, and nothing else in its window does anything", () => {
  const statuses: number[] = [];
  const misuses: string[] = [];
  const device = createExitDevice({
    exit: (status) => statuses.push(status),
    misuse: (_, what) => misuses.push(what),
  });
  assertEquals([device.read(0, 4), device.read(4, 4)], [0, 0]);
  device.write(4, 4, 1);
  device.write(1, 1, 1);
  assertEquals(statuses, []);
  assertEquals(misuses.length, 3);
});
