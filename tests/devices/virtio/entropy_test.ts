import { assertEquals } from "@std/assert";
import { createVirtioEntropy } from "../../../devices/virtio/entropy.ts";
import * as virtio from "./driver.ts";

function sample() {
  let next = 0;
  const driver = virtio.createDriver(createVirtioEntropy((into) => {
    for (let i = 0; i < into.length; i++) into[i] = ++next;
  }));
  driver.start();
  return driver;
}

Deno.test("the entropy device is device 4, with one queue and no features of its own", () => {
  const driver = sample();
  driver.write(virtio.REG.DeviceFeaturesSel, 0);
  assertEquals(driver.read(virtio.REG.DeviceID), 4);
  assertEquals(driver.read(virtio.REG.DeviceFeatures), (1 << 28 | 1 << 29) >>> 0);
});

Deno.test("every writable buffer is filled from the random source", () => {
  const driver = sample();
  driver.chain([
    { address: virtio.FREE, length: 3, flags: virtio.WRITE },
    { address: virtio.FREE + 0x10, length: 2, flags: virtio.WRITE },
  ]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.used(0), { id: 0, length: 5 });
  assertEquals(driver.get(virtio.FREE, 4), Uint8Array.of(1, 2, 3, 0));
  assertEquals(driver.get(virtio.FREE + 0x10, 3), Uint8Array.of(4, 5, 0));
});

Deno.test("a request gets 64 KiB at most, however much it asks for", () => {
  const driver = sample();
  driver.chain([
    { address: virtio.FREE, length: 70_000, flags: virtio.WRITE },
    { address: virtio.FREE, length: 70_000, flags: virtio.WRITE },
  ]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.used(0), { id: 0, length: 65_536 });
});

Deno.test("a request with nothing to write to is given back with nothing", () => {
  const driver = sample();
  driver.chain([{ address: virtio.FREE, length: 8 }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([driver.usedIndex(), driver.used(0)], [1, { id: 0, length: 0 }]);
});

Deno.test("crypto.getRandomValues serves as random source", () => {
  const driver = virtio.createDriver(createVirtioEntropy((into) => crypto.getRandomValues(into)));
  driver.start();
  driver.chain([{ address: virtio.FREE, length: 10_000, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.used(0), { id: 0, length: 10_000 });
  assertEquals(new Set(driver.get(virtio.FREE, 10_000)).size, 256);
});
