import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../random.ts";
import * as disks from "./disk.ts";
import * as virtio from "./driver.ts";

const { createBlockDriver, createDisk, request } = disks;
const { IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES, OK, IOERR, UNSUPP, SECTORS, DATA } = disks;
const { REG, WRITE } = virtio;
const F_RO = 5, F_FLUSH = 9, F_CONFIG_WCE = 11, F_DISCARD = 13, F_WRITE_ZEROES = 14;
const WRITEBACK = REG.Config + 32;

function sample(overrides = {}, features: readonly number[] = [F_FLUSH]) {
  const driver = createBlockDriver(createDisk(overrides));
  driver.start(features);
  return driver;
}

function lastUsedLength(driver: virtio.Driver): number {
  return driver.used(driver.usedIndex() - 1).length;
}

function features(driver: virtio.Driver): number {
  driver.write(REG.DeviceFeaturesSel, 0);
  return driver.read(REG.DeviceFeatures);
}

Deno.test("the configuration space tells capacity, limits and the cache mode", () => {
  const driver = sample();
  const config = (offset: number) => driver.read(REG.Config + offset);
  assertEquals([config(0), config(4)], [SECTORS, 0]);
  assertEquals([config(8), config(12), config(20)], [1 << 20, 254, 512]);
  assertEquals([config(36), config(40), config(44)], [1 << 21, 1, 1]);
  assertEquals([config(48), config(52), driver.mmio.read(REG.Config + 56, 1)], [1 << 15, 1, 1]);
  assertEquals(driver.mmio.read(WRITEBACK, 1), 1);
});

Deno.test("a disk of more than 2 TiB has all its sectors, and an odd end is cut off", () => {
  const driver = sample({ size: 2 ** 42 + 100 });
  assertEquals([driver.read(REG.Config), driver.read(REG.Config + 4)], [0, 2]);
});

Deno.test("discarding is offered only where the storage can, and no erasing of read-only drives", () => {
  const bit = (driver: virtio.Driver, feature: number) => features(driver) >>> feature & 1;
  const plain = createBlockDriver(createDisk({ discard: undefined }));
  const readOnly = createBlockDriver(createDisk({ readOnly: true }));
  const full = createBlockDriver();
  assertEquals([F_RO, F_DISCARD, F_WRITE_ZEROES].map((feature) => bit(full, feature)), [0, 1, 1]);
  assertEquals([F_RO, F_DISCARD, F_WRITE_ZEROES].map((feature) => bit(plain, feature)), [0, 0, 1]);
  assertEquals([F_RO, F_DISCARD, F_WRITE_ZEROES].map((feature) => bit(readOnly, feature)), [1, 0, 0]);
});

Deno.test("sectors are read, and written where the driver says", () => {
  const driver = sample();
  assertEquals(request(driver, IN, 3, 1024), OK);
  assertEquals(driver.get(DATA, 1024), driver.disk.bytes.slice(3 * 512, 5 * 512));
  assertEquals(lastUsedLength(driver), 1025);
  const data = new Uint8Array(512).fill(7);
  assertEquals(request(driver, OUT, SECTORS - 1, data), OK);
  assertEquals(driver.disk.bytes.slice(-512), data);
  assertEquals(lastUsedLength(driver), 1);
});

Deno.test("a request may be cut into descriptors anywhere, header and status included", () => {
  const driver = sample();
  driver.put(virtio.FREE, disks.header(IN, 5));
  driver.put(virtio.FREE + 0x800, [0xee]);
  driver.chain([
    { address: virtio.FREE, length: 3 },
    { address: virtio.FREE + 3, length: 13 },
    { address: DATA, length: 100, flags: WRITE },
    { address: DATA + 100, length: 411, flags: WRITE },
    { address: DATA + 511, length: 2, flags: WRITE },
  ]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.get(DATA, 512), driver.disk.bytes.slice(5 * 512, 6 * 512));
  assertEquals(driver.get(DATA + 512, 1), Uint8Array.of(OK));

  driver.put(virtio.FREE, disks.header(OUT, 6));
  driver.put(virtio.FREE + 16, new Uint8Array(512).fill(9));
  driver.chain([
    { address: virtio.FREE, length: 40 },
    { address: virtio.FREE + 40, length: 488 },
    { address: DATA + 0x400, length: 1, flags: WRITE },
  ]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.get(DATA + 0x400, 1), Uint8Array.of(OK));
  assertEquals(driver.disk.bytes.slice(6 * 512, 7 * 512), new Uint8Array(512).fill(9));
});

Deno.test("sectors beyond the end, and parts of sectors, are IOERR and touch nothing", () => {
  const driver = sample();
  const before = driver.disk.bytes.slice();
  const end: (number | bigint)[] = [SECTORS, SECTORS - 1, 2 ** 32, 2n ** 63n, 2n ** 64n - 1n];
  for (const sector of end) {
    assertEquals(request(driver, IN, sector, 1024), IOERR);
    assertEquals(lastUsedLength(driver), 0);
    assertEquals(request(driver, OUT, sector, new Uint8Array(1024)), IOERR);
  }
  assertEquals(request(driver, IN, 0, 511), IOERR);
  assertEquals(request(driver, OUT, 0, new Uint8Array(513)), IOERR);
  assertEquals([driver.disk.bytes, driver.disk.log], [before, []]);
  assertEquals(request(driver, IN, 0, 512), OK);
});

Deno.test("a read-only drive refuses writes, discards and zeroes with IOERR", () => {
  const driver = sample({ readOnly: true });
  assertEquals(request(driver, OUT, 0, new Uint8Array(512)), IOERR);
  assertEquals(request(driver, DISCARD, 0, disks.eraseRange(0, 1, 0)), IOERR);
  assertEquals(request(driver, WRITE_ZEROES, 0, disks.eraseRange(0, 1, 0)), IOERR);
  assertEquals(driver.disk.log, []);
  assertEquals(request(driver, IN, 0, 512), OK);
});

Deno.test("FLUSH flushes, and writes do not by themselves once it was negotiated", () => {
  const driver = sample();
  request(driver, OUT, 0, new Uint8Array(512));
  assertEquals(request(driver, FLUSH, 0), OK);
  assertEquals(driver.disk.log, ["write 0 512", "flush"]);
});

Deno.test("without FLUSH, or with writeback off, every write is flushed before it is answered", () => {
  const without = sample({}, []);
  request(without, OUT, 0, new Uint8Array(512));
  assertEquals(without.disk.log, ["write 0 512", "flush"]);

  const driver = sample({}, [F_FLUSH, F_CONFIG_WCE]);
  driver.mmio.write(WRITEBACK, 1, 0);
  assertEquals(driver.mmio.read(WRITEBACK, 1), 0);
  request(driver, WRITE_ZEROES, 0, disks.eraseRange(1, 2, 0));
  driver.mmio.write(WRITEBACK, 1, 1);
  request(driver, OUT, 0, new Uint8Array(512));
  assertEquals(driver.disk.log, ["zero 512 1024 false", "flush", "write 0 512"]);
  driver.mmio.write(WRITEBACK, 1, 0);
  driver.write(REG.Status, 0);
  assertEquals(driver.mmio.read(WRITEBACK, 1), 1);
});

Deno.test("GET_ID answers the storage's name, padded with zeroes and cut at 20 bytes", () => {
  const driver = sample();
  assertEquals(request(driver, GET_ID, 0, 20), OK);
  assertEquals(new TextDecoder().decode(driver.get(DATA, 20)), "velum-test-disk\0\0\0\0\0");
  assertEquals(lastUsedLength(driver), 21);
  const long = sample({ id: "a name of more than twenty bytes" });
  assertEquals(request(long, GET_ID, 0, 20), OK);
  assertEquals(new TextDecoder().decode(long.get(DATA, 21)), "a name of more than \0");
});

Deno.test("discards and zeroes reach the storage with their range", () => {
  const driver = sample();
  assertEquals(request(driver, DISCARD, 0, disks.eraseRange(4, 3, 0)), OK);
  assertEquals(request(driver, WRITE_ZEROES, 0, disks.eraseRange(1, 2, 0)), OK);
  assertEquals(request(driver, WRITE_ZEROES, 0, disks.eraseRange(5, 1, 1)), OK);
  assertEquals(driver.disk.log, ["discard 2048 1536", "zero 512 1024 false", "zero 2560 512 true"]);
  assertEquals(driver.disk.bytes.slice(512, 1536), new Uint8Array(1024));
});

Deno.test("discards and zeroes out of range, too large or with unknown flags are refused", () => {
  const driver = sample();
  for (const type of [DISCARD, WRITE_ZEROES]) {
    assertEquals(request(driver, type, 0, disks.eraseRange(SECTORS, 1, 0)), IOERR);
    assertEquals(request(driver, type, 0, disks.eraseRange(2n ** 64n - 1n, 1, 0)), IOERR);
    assertEquals(request(driver, type, 0, disks.eraseRange(0, 0xffffffff, 0)), IOERR);
    assertEquals(request(driver, type, 0, disks.eraseRange(0, 1, 0).subarray(1)), IOERR);
    assertEquals(request(driver, type, 0, new Uint8Array(32)), IOERR);
    assertEquals(request(driver, type, 0, disks.eraseRange(0, 1, 2)), UNSUPP);
  }
  assertEquals(request(driver, DISCARD, 0, disks.eraseRange(0, 1, 1)), UNSUPP);
  assertEquals(driver.disk.log, []);
});

Deno.test("unknown requests, and discards the storage cannot do, are UNSUPP", () => {
  const driver = sample({ discard: undefined });
  for (const type of [2, 3, 99, 0xffffffff]) assertEquals(request(driver, type, 0), UNSUPP);
  assertEquals(request(driver, DISCARD, 0, disks.eraseRange(0, 1, 0)), UNSUPP);
});

Deno.test("an error of the storage is IOERR to the guest and is told to the host", () => {
  const failure = new Error("the disk is on fire");
  const fail = () => {
    throw failure;
  };
  const driver = sample({ readAt: fail, writeAt: fail, flush: fail, writeZeroes: fail, discard: fail });
  assertEquals(request(driver, IN, 0, 512), IOERR);
  assertEquals(request(driver, OUT, 0, new Uint8Array(512)), IOERR);
  assertEquals(request(driver, FLUSH, 0), IOERR);
  assertEquals(request(driver, WRITE_ZEROES, 0, disks.eraseRange(0, 1, 0)), IOERR);
  assertEquals(request(driver, DISCARD, 0, disks.eraseRange(0, 1, 0)), IOERR);
  assertEquals(driver.failures, Array(5).fill(failure));
});

Deno.test("a request shorter than its header is IOERR; one without room for a status needs a reset", () => {
  const driver = sample();
  driver.chain([{ address: virtio.FREE, length: 15 }, { address: disks.STATUS, length: 1, flags: WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.get(disks.STATUS, 1), Uint8Array.of(IOERR));
  driver.chain([{ address: virtio.FREE, length: 16 }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals(driver.usedIndex(), 1);
  assert(driver.read(REG.Status) & virtio.NEEDS_RESET);
});

Deno.test("no contents of requests make the disk throw, hang or reach outside its storage", () => {
  const random = seededRandom(512);
  const reach = (offset: number, length: number) => assert(offset >= 0 && offset + length <= SECTORS * 512);
  const driver = createBlockDriver(createDisk({
    readAt: (offset: number, into: Uint8Array) => reach(offset, into.length),
    writeAt: (offset: number, from: Uint8Array) => reach(offset, from.length),
    writeZeroes: reach,
    discard: reach,
  }));
  driver.start();
  const statuses = new Set<number>();
  for (let i = 0; i < 5000; i++) {
    const type = random.of([IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES, random.below(20), random.word()]);
    const sector = random.of([
      0,
      random.below(SECTORS),
      SECTORS,
      random.word(),
      2n ** 64n - BigInt(random.below(9)),
    ]);
    const length = random.of([0, 16, 20, 512, random.below(5000), 512 * random.below(9)]);
    const range = disks.eraseRange(
      sector,
      random.of([1, random.below(SECTORS), random.word()]),
      random.below(3),
    );
    const data = random.of<Uint8Array | number>([length, new Uint8Array(length), range]);
    statuses.add(request(driver, type, sector, data));
  }
  assertEquals([...statuses].sort(), [OK, IOERR, UNSUPP]);
  assertEquals(driver.failures, []);
});
