import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Width } from "../../../devices/device.ts";
import { createEmptySlot } from "../../../devices/virtio/mmio.ts";
import { qemuTest, withQemu } from "../qtest.ts";
import { seededRandom } from "../random.ts";
import * as virtio from "./driver.ts";
import { createFiller } from "./filler.ts";

const { REG, ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET } = virtio;

function sample(features: readonly number[] = [3, 40], queueSizes: readonly number[] = [16]) {
  const filler = createFiller(features, queueSizes);
  return { filler, driver: virtio.createDriver(filler) };
}

/** Makes available a chain that cannot be, on a running device; it needs a reset then, and says so. */
function breakQueue(driver: virtio.Driver) {
  driver.makeAvailable(0xffff);
  driver.notify();
}

Deno.test("the transport identifies itself and its device; an empty slot has device 0", () => {
  const { driver } = sample();
  assertEquals([REG.MagicValue, REG.Version, REG.DeviceID].map(driver.read), [0x74726976, 2, 42]);
  const slot = createEmptySlot(() => {});
  assertEquals([0, 4, 8].map((offset) => slot.read(offset, 4)), [0x74726976, 2, 0]);
  assertEquals(slot.size, 0x200);
});

Deno.test("features are offered 32 at a time, with those of queue and transport", () => {
  const { driver } = sample();
  const words = [0, 1, 2, 0xffffffff].map((word) => {
    driver.write(REG.DeviceFeaturesSel, word);
    return driver.read(REG.DeviceFeatures);
  });
  assertEquals(words, [1 << 3 | 1 << 28 | 1 << 29, 1 << 0 | 1 << 8, 0, 0]);
});

Deno.test("features that were offered are accepted and told to the device", () => {
  const { driver, filler } = sample();
  driver.negotiate([3]);
  assertEquals(filler.agreed, [3, virtio.VERSION_1]);
});

Deno.test("FEATURES_OK stays clear for a feature not offered, in any word, and without VERSION_1", () => {
  for (const [word, bits] of [[0, 1 << 4], [1, 1 << 5 | 1], [7, 1], [1, 0]] as const) {
    const { driver, filler } = sample();
    driver.write(REG.Status, ACKNOWLEDGE | DRIVER);
    if (word !== 1) {
      driver.write(REG.DriverFeaturesSel, 1);
      driver.write(REG.DriverFeatures, 1);
    }
    driver.write(REG.DriverFeaturesSel, word);
    driver.write(REG.DriverFeatures, bits);
    driver.write(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    assertEquals(driver.read(REG.Status), ACKNOWLEDGE | DRIVER);
    driver.write(REG.Status, ACKNOWLEDGE | DRIVER | DRIVER_OK);
    assertEquals(driver.read(REG.Status), ACKNOWLEDGE | DRIVER);
    assertEquals(filler.agreed, []);
    assertStringIncludes(driver.misuses[0] ?? "", "FEATURES_OK is refused");
  }
});

Deno.test("status bits are kept until a reset, and a driver cannot set DEVICE_NEEDS_RESET", () => {
  const { driver } = sample();
  driver.write(REG.Status, ACKNOWLEDGE | NEEDS_RESET);
  driver.write(REG.Status, DRIVER);
  assertEquals(driver.read(REG.Status), ACKNOWLEDGE | DRIVER);
  driver.write(REG.Status, 0);
  assertEquals(driver.read(REG.Status), 0);
});

Deno.test("features and queues cannot be changed once they are settled", () => {
  const { driver } = sample();
  driver.start([3], 8);
  driver.write(REG.DriverFeatures, 0);
  driver.write(REG.QueueNum, 4);
  driver.write(REG.QueueDescLow, 0);
  driver.write(REG.QueueReady, 1);
  assertEquals(driver.misuses.length, 4);
  driver.chain([{ address: virtio.FREE, length: 4, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.usedIndex(), 1);
});

Deno.test("a queue that is not there has no size and cannot be set up or notified", () => {
  const { driver } = sample();
  driver.start();
  assertEquals(driver.read(REG.QueueNumMax), 16);
  for (const queue of [1, 0xffffffff]) {
    driver.write(REG.QueueSel, queue);
    assertEquals([driver.read(REG.QueueNumMax), driver.read(REG.QueueReady)], [0, 0]);
    driver.write(REG.QueueNum, 8);
    driver.write(REG.QueueReady, 1);
    driver.write(REG.QueueReady, 0);
    driver.write(REG.QueueNotify, queue);
  }
  assertEquals(driver.misuses.length, 6);
  assertEquals(driver.read(REG.Status) & NEEDS_RESET, 0);
});

Deno.test("nothing is taken from a queue before DRIVER_OK", () => {
  const { driver, filler } = sample();
  driver.negotiate();
  driver.setUpQueue(8);
  driver.chain([{ address: virtio.FREE, length: 4, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([filler.requests, driver.usedIndex()], [[], 0]);
  driver.write(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  driver.notify();
  assertEquals([filler.requests, driver.usedIndex()], [[0], 1]);
});

Deno.test("a stopped queue takes nothing, and starts from the beginning when it is ready again", () => {
  const { driver } = sample();
  driver.start([], 8);
  driver.chain([{ address: virtio.FREE, length: 4, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.write(REG.QueueReady, 0);
  assertEquals(driver.read(REG.QueueReady), 0);
  driver.notify();
  assertEquals(driver.usedIndex(), 0);
  driver.write(REG.QueueReady, 1);
  driver.notify();
  assertEquals(driver.usedIndex(), 1);
});

Deno.test("the interrupt line is high while InterruptStatus has a bit that was not acknowledged", () => {
  const { driver } = sample();
  driver.start();
  driver.chain([{ address: virtio.FREE, length: 4, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  breakQueue(driver);
  assertEquals([driver.read(REG.InterruptStatus), driver.line], [3, [true]]);
  driver.write(REG.InterruptACK, 1);
  assertEquals([driver.read(REG.InterruptStatus), driver.line], [2, [true]]);
  driver.write(REG.InterruptACK, 0xffffffff);
  assertEquals([driver.read(REG.InterruptStatus), driver.line], [0, [true, false]]);
});

Deno.test("the configuration space is read and written at every width, within its bounds", () => {
  const { driver } = sample();
  const { mmio, misuses } = driver;
  assertEquals([mmio.read(0x101, 1), mmio.read(0x102, 2), mmio.read(0x104, 4)], [2, 0x0403, 0x08070605]);
  mmio.write(0x104, 1, 0x1ff);
  assertEquals(mmio.read(0x104, 1), 0xff);
  assertEquals(misuses, []);
  assertEquals([mmio.read(0x101, 2), mmio.read(0x108, 1), mmio.read(0x1fc, 4)], [0, 0, 0]);
  mmio.write(0x100, 4, 1);
  mmio.write(0x108, 4, 1);
  assertEquals(misuses.length, 5);
});

Deno.test("the control registers take aligned 32-bit accesses only", () => {
  const { driver } = sample();
  const { mmio, misuses } = driver;
  assertEquals([mmio.read(0, 1), mmio.read(0, 2), mmio.read(2, 4), mmio.read(REG.Status + 1, 4)], [
    0,
    0,
    0,
    0,
  ]);
  mmio.write(REG.Status, 1, ACKNOWLEDGE);
  assertEquals(driver.read(REG.Status), 0);
  mmio.write(REG.DeviceID, 4, 1);
  assertEquals([driver.read(REG.DeviceID), driver.read(REG.QueueNotify), driver.read(0x0f0)], [42, 0, 0]);
  assertEquals(misuses.length, 8);
});

Deno.test("there are no shared memory regions", () => {
  const { driver } = sample();
  driver.write(REG.SHMSel, 0);
  assertEquals([0, 4, 8, 12].map((offset) => driver.read(REG.SHMLenLow + offset)), Array(4).fill(0xffffffff));
});

Deno.test("writing zero to Status restores everything but the configuration's generation", () => {
  const { driver, filler } = sample();
  const readAll = () =>
    Object.values(REG).filter((at) => at < REG.Config && at !== REG.ConfigGeneration).map(driver.read);
  const fresh = readAll();
  driver.start([3], 8);
  driver.chain([{ address: virtio.FREE, length: 4, flags: virtio.WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  driver.write(REG.Status, 0);
  assertEquals(readAll(), fresh);
  assertEquals([filler.resets, driver.line], [2, [true, false]]);
  driver.put(virtio.USED, new Uint8Array(64));
  driver.start([3], 8);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.usedIndex(), 1);
});

Deno.test("a reset of the machine does what a reset by the driver does", () => {
  const { driver, filler } = sample();
  driver.start();
  breakQueue(driver);
  driver.mmio.reset();
  assertEquals([driver.read(REG.Status), driver.read(REG.QueueReady), driver.line], [0, 0, [true, false]]);
  assertEquals(filler.resets, 2);
});

Deno.test("no sequence of register accesses makes the transport throw or hang", () => {
  const { driver } = sample([3, 40], [16, 256]);
  const random = seededRandom(4000);
  const registers = Object.values(REG);
  const near = [
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    11,
    15,
    16,
    64,
    256,
    0x80,
    virtio.RAM_BASE,
    virtio.DESCRIPTORS,
    virtio.USED,
  ];
  for (let i = 0; i < 30_000; i++) {
    const offset = random.below(8) ? random.of(registers) : random.below(0x200);
    const width = random.below(8) ? 4 : random.of<Width>([1, 2, 4]);
    const value = random.below(4) ? random.of(near) : random.word();
    if (random.below(3)) driver.mmio.write(offset, width, value);
    else assert(driver.mmio.read(offset, width) < 2 ** (8 * width));
    if (i % 500 === 0) driver.start(random.below(2) ? [virtio.EVENT_IDX] : [], random.of([1, 4, 16]));
    driver.runDeferred();
  }
});

// QEMU 7.2 also takes FEATURES_OK from a driver without VERSION_1; here that is refused.
qemuTest("identification, queue and status registers agree with QEMU's virtio-mmio", async () => {
  const { driver } = sample();
  const slot = createEmptySlot(() => {});
  const EMPTY = 0x0a00_0000, FULL = 0x0a00_3e00;
  const commands: string[] = [];
  const ours: (number | undefined)[] = [];
  const readBoth = (offset: number) => {
    commands.push(`readl ${FULL + offset}`);
    ours.push(driver.read(offset));
  };
  const writeBoth = (offset: number, value: number) => {
    commands.push(`writel ${FULL + offset} ${value}`);
    ours.push(undefined);
    driver.write(offset, value);
    for (const register of [REG.Status, REG.QueueReady, REG.InterruptStatus]) readBoth(register);
  };
  for (const offset of [REG.MagicValue, REG.Version, REG.DeviceID]) {
    commands.push(`readl ${EMPTY + offset}`);
    ours.push(slot.read(offset, 4));
  }
  for (const offset of [REG.MagicValue, REG.Version, REG.SHMLenLow, REG.ConfigGeneration]) readBoth(offset);
  writeBoth(REG.Status, ACKNOWLEDGE);
  writeBoth(REG.Status, ACKNOWLEDGE | DRIVER);
  writeBoth(REG.Status, 0);
  writeBoth(REG.Status, ACKNOWLEDGE | DRIVER);
  writeBoth(REG.DriverFeaturesSel, 1);
  writeBoth(REG.DriverFeatures, 1);
  writeBoth(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK);
  writeBoth(REG.QueueSel, 1000);
  readBoth(REG.QueueNumMax);
  writeBoth(REG.QueueSel, 0);
  for (const [register, value] of [[REG.QueueNum, 8], [REG.QueueDescLow, virtio.DESCRIPTORS]] as const) {
    writeBoth(register, value);
  }
  writeBoth(REG.QueueDriverLow, virtio.AVAILABLE);
  writeBoth(REG.QueueDeviceLow, virtio.USED);
  writeBoth(REG.QueueReady, 1);
  writeBoth(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
  writeBoth(REG.Status, 0);
  const args = ["-global", "virtio-mmio.force-legacy=false", "-device", "virtio-rng-device"];
  await withQemu(args, async ({ run }) => {
    (await run(commands)).forEach((answer, index) => {
      const expected = ours[index];
      if (expected !== undefined) {
        assertEquals(expected, Number(answer), `${commands[index]} (number ${index})`);
      }
    });
  });
});
