import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { seededRandom } from "../random.ts";
import * as virtio from "./driver.ts";
import { createFiller } from "./filler.ts";

const { REG, NEXT, WRITE, INDIRECT, NEEDS_RESET, FREE, RAM_BASE, RAM_SIZE } = virtio;

function sample(features: readonly number[] = [], size = 16) {
  const filler = createFiller([], [256]);
  const driver = virtio.createDriver(filler);
  driver.start(features, size);
  return { filler, driver };
}

/** The queue is stopped, the driver is told, and nothing more is taken until a reset. */
function assertBroken(driver: virtio.Driver, reason: RegExp): void {
  assert(driver.read(REG.Status) & NEEDS_RESET);
  assertEquals([driver.read(REG.InterruptStatus) & 2, driver.line.at(-1)], [2, true]);
  assertEquals(driver.read(REG.QueueReady), 0);
  assertMatch(driver.misuses.at(-1) ?? "", reason);
  const before = driver.usedIndex();
  driver.notify();
  assertEquals(driver.usedIndex(), before);
  assertWorksAfterReset(driver);
}

function assertWorksAfterReset(driver: virtio.Driver): void {
  driver.ram.fill(0);
  driver.start();
  assertEquals(driver.read(REG.Status) & NEEDS_RESET, 0);
  driver.chain([{ address: FREE, length: 4, flags: WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([driver.usedIndex(), driver.get(FREE, 5)], [1, Uint8Array.of(0xaa, 0xaa, 0xaa, 0xaa, 0)]);
}

Deno.test("a chain's readable and writable buffers reach the device, and the used element the driver", () => {
  const { driver, filler } = sample();
  driver.chain([
    { address: FREE, length: 5 },
    { address: FREE + 0x100, length: 7 },
    { address: FREE + 0x200, length: 3, flags: WRITE },
    { address: FREE + 0x300, length: 4, flags: WRITE },
  ], 2);
  driver.makeAvailable(2);
  driver.notify();
  assertEquals(filler.requests, [12]);
  assertEquals([driver.usedIndex(), driver.used(0)], [1, { id: 2, length: 7 }]);
  assertEquals(driver.get(FREE + 0x300, 5), Uint8Array.of(0xaa, 0xaa, 0xaa, 0xaa, 0));
  assertEquals([driver.read(REG.InterruptStatus), driver.line], [1, [true]]);
});

Deno.test("rings wrap around at the queue's size, and indices at 65536", () => {
  const { driver } = sample([], 4);
  driver.describe(3, { address: FREE, length: 1, flags: WRITE });
  for (let i = 0; i < 65_540; i++) {
    driver.makeAvailable(3);
    driver.notify();
  }
  assertEquals([driver.usedIndex(), driver.used(3)], [4, { id: 3, length: 1 }]);
  assertEquals(driver.read(REG.Status) & NEEDS_RESET, 0);
});

Deno.test("VIRTQ_AVAIL_F_NO_INTERRUPT keeps the line low", () => {
  const { driver } = sample();
  driver.view.setUint16(virtio.AVAILABLE - RAM_BASE, 1, true);
  driver.describe(0, { address: FREE, length: 1, flags: WRITE });
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([driver.usedIndex(), driver.line], [1, []]);
});

Deno.test("with event indices the driver is told only when used_event is passed", () => {
  const { driver } = sample([virtio.EVENT_IDX]);
  const usedEvent = virtio.AVAILABLE - RAM_BASE + 4 + 2 * 16;
  const availEvent = virtio.USED - RAM_BASE + 4 + 8 * 16;
  driver.view.setUint16(usedEvent, 2, true);
  driver.describe(0, { address: FREE, length: 1, flags: WRITE });
  for (const expected of [[], [], [true], [true]]) {
    driver.makeAvailable(0);
    driver.notify();
    assertEquals(driver.line, expected);
    assertEquals(driver.view.getUint16(availEvent, true), driver.usedIndex());
  }
});

Deno.test("an indirect table is one chain, alone or after direct descriptors", () => {
  const { driver, filler } = sample([virtio.INDIRECT_DESC]);
  const table = FREE + 0x1000;
  driver.describeAt(table, { address: FREE, length: 6, flags: NEXT, next: 2 });
  driver.describeAt(table + 32, { address: FREE + 0x100, length: 2, flags: WRITE });
  driver.describe(0, { address: table, length: 48, flags: INDIRECT });
  driver.describe(1, { address: FREE, length: 10, flags: NEXT, next: 0 });
  driver.makeAvailable(0);
  driver.makeAvailable(1);
  driver.notify();
  assertEquals(filler.requests, [6, 16]);
  assertEquals([driver.used(0), driver.used(1)], [{ id: 0, length: 2 }, { id: 1, length: 2 }]);
});

Deno.test("an empty buffer is passed over, wherever it points", () => {
  const { driver, filler } = sample();
  driver.chain([{ address: 0, length: 0 }, { address: FREE, length: 1, flags: WRITE }]);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([filler.requests, driver.usedIndex()], [[0], 1]);
});

const badChains: Record<string, [RegExp, readonly number[], (driver: virtio.Driver) => void]> = {
  "a chain that loops": [/loops/, [], (driver) => {
    driver.describe(0, { address: FREE, length: 1, flags: NEXT, next: 1 });
    driver.describe(1, { address: FREE, length: 1, flags: NEXT, next: 0 });
  }],
  "a chain that loops over empty buffers": [/loops/, [], (driver) => {
    driver.describe(0, { address: FREE, length: 0, flags: NEXT, next: 0 });
  }],
  "a buffer below RAM": [/outside RAM/, [], (driver) => driver.describe(0, { address: 0, length: 16 })],
  "a buffer that runs over the end of RAM": [
    /outside RAM/,
    [],
    (driver) => driver.describe(0, { address: RAM_BASE + RAM_SIZE - 8, length: 9, flags: WRITE }),
  ],
  "a buffer of 4 GiB": [
    /4294967295 bytes at 0x40006000 is outside RAM/,
    [],
    (driver) => driver.describe(0, { address: FREE, length: 0xffffffff, flags: WRITE }),
  ],
  "a buffer near the top of the address space": [
    /outside RAM/,
    [],
    (driver) => driver.describe(0, { address: 2 ** 64 - 4096, length: 4096 }),
  ],
  "a next descriptor beyond the table": [
    /descriptor 16 is outside its table/,
    [],
    (driver) => driver.describe(0, { address: FREE, length: 1, flags: NEXT, next: 16 }),
  ],
  "a readable buffer after a writable one": [/readable buffer after/, [], (driver) => {
    driver.chain([{ address: FREE, length: 1, flags: WRITE }, { address: FREE, length: 1 }]);
  }],
  "an indirect descriptor that was not negotiated": [
    /not negotiated/,
    [],
    (driver) => driver.describe(0, { address: FREE, length: 16, flags: INDIRECT }),
  ],
  "an indirect table inside an indirect table": [/inside/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: FREE, length: 16, flags: INDIRECT });
    driver.describeAt(FREE, { address: FREE, length: 16, flags: INDIRECT });
  }],
  "an indirect descriptor with a next one": [/not the last/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: FREE, length: 16, flags: INDIRECT | NEXT, next: 1 });
  }],
  "an indirect table of no whole descriptor": [/no whole number/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: FREE, length: 24, flags: INDIRECT });
  }],
  "an indirect table of no bytes": [/no whole number/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: FREE, length: 0, flags: INDIRECT });
  }],
  "an indirect table outside RAM": [/indirect table at 0x0/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: 0, length: 0xfffffff0, flags: INDIRECT });
  }],
  "an indirect chain that loops": [/loops/, [virtio.INDIRECT_DESC], (driver) => {
    driver.describe(0, { address: FREE, length: 16, flags: INDIRECT });
    driver.describeAt(FREE, { address: FREE, length: 1, flags: NEXT, next: 0 });
  }],
};

for (const [name, [reason, features, prepare]] of Object.entries(badChains)) {
  Deno.test(`${name} breaks the queue until a reset`, () => {
    const { driver, filler } = sample(features);
    prepare(driver);
    driver.makeAvailable(0);
    driver.notify();
    assertEquals([filler.requests, driver.usedIndex()], [[], 0]);
    assertBroken(driver, reason);
  });
}

Deno.test("a head beyond the table breaks the queue", () => {
  const { driver } = sample();
  driver.makeAvailable(16);
  driver.notify();
  assertBroken(driver, /descriptor 16 is outside its table/);
});

Deno.test("an available index that jumps by more than the queue's size breaks the queue", () => {
  const { driver } = sample();
  driver.setAvailableIndex(17);
  driver.notify();
  assertBroken(driver, /17 chains are available in a queue of 16/);
});

Deno.test("requests before a bad one are served, and their used elements stay", () => {
  const { driver, filler } = sample();
  driver.describe(0, { address: FREE, length: 1, flags: WRITE });
  driver.describe(1, { address: 0, length: 1, flags: WRITE });
  driver.makeAvailable(0);
  driver.makeAvailable(1);
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([filler.requests, driver.usedIndex()], [[0], 1]);
  assertBroken(driver, /outside RAM/);
});

for (const size of [0, 3, 12, 257, 512, 65_536, 0x8000_0000]) {
  Deno.test(`a queue of ${size} entries is refused and the device needs a reset`, () => {
    const driver = virtio.createDriver(createFiller([], [256]));
    driver.start([], size);
    assertEquals([driver.read(REG.Status) & NEEDS_RESET, driver.read(REG.QueueReady)], [NEEDS_RESET, 0]);
    assertStringIncludes(driver.misuses[0] ?? "", `a queue of ${size} entries`);
    assertWorksAfterReset(driver);
  });
}

const badRings = {
  "a misaligned descriptor table": { descriptors: virtio.DESCRIPTORS + 8 },
  "a misaligned available ring": { available: virtio.AVAILABLE + 1 },
  "a misaligned used ring": { used: virtio.USED + 2 },
  "a descriptor table over the end of RAM": { descriptors: RAM_BASE + RAM_SIZE - 16 },
  "an available ring outside RAM": { available: 0 },
  "a used ring beyond 2^53": { used: 2 ** 60 },
};

for (const [name, addresses] of Object.entries(badRings)) {
  Deno.test(`${name} is refused and the device needs a reset`, () => {
    const driver = virtio.createDriver(createFiller());
    driver.negotiate();
    driver.write(REG.Status, 15);
    driver.setUpQueue(16, addresses);
    assertBroken(driver, /is outside RAM or no multiple of/);
  });
}

Deno.test("one notification serves at most a queue's worth; the rest is put off, not forgotten", () => {
  const filler = createFiller();
  const driver = virtio.createDriver({
    ...filler,
    handle(queue) {
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
        queue.push(chain, 0);
        if (driver.usedIndex() < 40) driver.makeAvailable(0);
      }
    },
  });
  driver.start([virtio.EVENT_IDX], 16);
  driver.describe(0, { address: FREE, length: 1, flags: WRITE });
  driver.makeAvailable(0);
  driver.notify();
  assertEquals([driver.usedIndex(), driver.deferred.length], [16, 1]);
  driver.runDeferred();
  assertEquals([driver.usedIndex(), driver.deferred.length], [32, 1]);
  driver.runDeferred();
  assertEquals([driver.usedIndex(), driver.deferred.length], [40, 0]);
});

Deno.test("work put off before a reset does nothing after it", () => {
  const filler = createFiller();
  const driver = virtio.createDriver({
    ...filler,
    handle(queue) {
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
        queue.push(chain, 0);
        driver.makeAvailable(0);
      }
    },
  });
  driver.start([], 16);
  driver.describe(0, { address: FREE, length: 1, flags: WRITE });
  driver.makeAvailable(0);
  driver.notify();
  driver.write(REG.Status, 0);
  driver.runDeferred();
  assertEquals([driver.usedIndex(), driver.deferred.length, driver.line.at(-1)], [16, 0, false]);
});

Deno.test("no contents of the queue's memory make the device throw or hang", () => {
  const random = seededRandom(1024);
  const { driver } = sample();
  const addresses = [
    0,
    FREE,
    FREE + 0x800,
    virtio.DESCRIPTORS,
    virtio.USED,
    RAM_BASE + RAM_SIZE - 16,
    2 ** 40,
  ];
  let broken = 0;
  let served = 0;
  for (let round = 0; round < 3000; round++) {
    const size = random.of([1, 2, 16, 64]);
    driver.ram.fill(0);
    driver.start([[], [virtio.EVENT_IDX], [virtio.INDIRECT_DESC, virtio.EVENT_IDX]][random.below(3)], size);
    for (let entry = 0; entry < 64; entry++) {
      const descriptor = {
        address: random.of(addresses),
        length: random.below(20) ? random.below(64) * random.of([1, 16]) : random.word(),
        flags: random.below(30) ? random.of([0, NEXT, WRITE, NEXT | WRITE, INDIRECT]) : random.below(65_536),
        next: random.below(30) ? random.below(size) : random.below(65_536),
      };
      driver.describe(entry, descriptor);
      driver.describeAt(FREE + 16 * entry, descriptor);
    }
    for (let request = random.below(size + 1); request > 0; request--) {
      driver.makeAvailable(random.below(30) ? random.below(size) : random.below(65_536));
    }
    if (random.below(30) === 0) driver.setAvailableIndex(random.below(65_536));
    driver.notify();
    driver.runDeferred();
    served += driver.usedIndex();
    broken += driver.read(REG.Status) & NEEDS_RESET ? 1 : 0;
  }
  assert(broken > 300 && served > 300, `${broken} queues broke, ${served} requests were served`);
});
