// Our virtio block against QEMU's: the same requests in the same guest memory, which must end up the same.

import { assert, assertEquals } from "@std/assert";
import { qemuTest, withQemu } from "../qtest.ts";
import * as disks from "./disk.ts";
import * as virtio from "./driver.ts";

const { createBlockDriver, createDisk } = disks;
const { IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES, OK, SECTORS, DATA } = disks;
const { REG, WRITE } = virtio;
const F_FLUSH = 9, F_DISCARD = 13, F_WRITE_ZEROES = 14;

interface Step {
  readonly name: string;
  readonly prepare: (driver: virtio.Driver) => void;
}

const plain = (name: string, ...rest: [number, number | bigint, (Uint8Array | number)?]): Step => (
  { name, prepare: (driver) => disks.prepare(driver, ...rest) }
);

const steps: readonly Step[] = [
  plain("read two sectors", IN, 3, 1024),
  plain("write three sectors", OUT, 10, new Uint8Array(1536).fill(0x5a)),
  plain("flush", FLUSH, 0),
  plain("identify", GET_ID, 0, 20),
  plain("read beyond the end", IN, SECTORS, 512),
  plain("read over the end", IN, SECTORS - 1, 1024),
  plain("read from a huge sector", IN, 2n ** 63n, 512),
  plain("read half a sector", IN, 0, 256),
  plain("write beyond the end", OUT, SECTORS, new Uint8Array(512)),
  plain("an unknown type", 99, 0),
  plain("write zeroes", WRITE_ZEROES, 0, disks.eraseRange(20, 4, 0)),
  plain("write zeroes beyond the end", WRITE_ZEROES, 0, disks.eraseRange(SECTORS - 1, 2, 0)),
  plain("write zeroes with unknown flags", WRITE_ZEROES, 0, disks.eraseRange(0, 1, 2)),
  plain("discard with a flag", DISCARD, 0, disks.eraseRange(0, 1, 1)),
  plain("discard beyond the end", DISCARD, 0, disks.eraseRange(SECTORS, 1, 0)),
  {
    name: "read through split descriptors",
    prepare(driver) {
      driver.put(disks.HEADER, disks.header(IN, 11));
      driver.chain([
        { address: disks.HEADER, length: 3 },
        { address: disks.HEADER + 3, length: 13 },
        { address: DATA, length: 100, flags: WRITE },
        { address: DATA + 200, length: 413, flags: WRITE },
      ]);
      driver.makeAvailable(0);
    },
  },
  {
    name: "read through an indirect table",
    prepare(driver) {
      const table = DATA + 0x2000;
      driver.put(disks.HEADER, disks.header(IN, 20));
      driver.describeAt(table, { address: disks.HEADER, length: 16, flags: virtio.NEXT, next: 2 });
      driver.describeAt(table + 32, { address: DATA, length: 512, flags: virtio.NEXT | WRITE, next: 1 });
      driver.describeAt(table + 16, { address: disks.STATUS, length: 1, flags: WRITE });
      driver.describe(7, { address: table, length: 48, flags: virtio.INDIRECT });
      driver.makeAvailable(7);
    },
  },
];

/** QEMU's virtio-mmio slot that gets the first device. */
const SLOT = 0x0a00_3e00;
/** The part of RAM that the steps use, after which both memories are compared. */
const COMPARED = 0xa000;

qemuTest("rings, data, status and disk agree with QEMU's virtio-blk, request by request", async () => {
  const commands: string[] = [];
  const driver = createBlockDriver(createDisk(), (register, value) => {
    if (register !== REG.QueueNotify) commands.push(`writel ${SLOT + register} ${value}`);
  });
  const file = await Deno.makeTempFile({ prefix: "velum-disk-" });
  try {
    await Deno.writeFile(file, driver.disk.bytes);
    const args = [
      "-global",
      "virtio-mmio.force-legacy=false",
      "-drive",
      `file=${file},format=raw,if=none,id=disk`,
    ];
    await withQemu(
      [...args, "-device", "virtio-blk-device,drive=disk,serial=velum-test-disk"],
      async ({ run }) => {
        driver.start([F_FLUSH, F_DISCARD, F_WRITE_ZEROES, virtio.INDIRECT_DESC, virtio.EVENT_IDX], 8);
        for (const step of steps) {
          driver.ram.fill(0, DATA - virtio.RAM_BASE, COMPARED);
          step.prepare(driver);
          commands.push(
            `write ${virtio.RAM_BASE} ${COMPARED} 0x${hex(driver)}`,
            `writel ${SLOT + REG.QueueNotify} 0`,
          );
          await run(commands.splice(0));
          driver.notify();
          await reachUsedIndex(run, driver.usedIndex());
          const [memory] = await run([`read ${virtio.RAM_BASE} ${COMPARED}`]);
          const theirs = parseHex(memory ?? "");
          forgetLengthOfFailure(driver, theirs);
          for (let at = 0; at < COMPARED; at++) {
            assert(
              theirs[at] === driver.ram[at],
              `${step.name}: byte 0x${at.toString(16)}: QEMU ${theirs[at]}, here ${driver.ram[at]}`,
            );
          }
        }
      },
    );
    assertEquals(await Deno.readFile(file), driver.disk.bytes);
  } finally {
    await Deno.remove(file);
  }
});

async function reachUsedIndex(run: (commands: string[]) => Promise<string[]>, index: number): Promise<void> {
  for (let tries = 0; tries < 100_000; tries++) {
    const [answer] = await run([`readw ${virtio.USED + 2}`]);
    if (Number(answer) === index) return;
  }
  throw new Error(`QEMU did not come to used index ${index}`);
}

/** After a failed request QEMU counts bytes it did not write; here they are not counted. */
function forgetLengthOfFailure(driver: virtio.Driver, theirs: Uint8Array): void {
  const element = virtio.USED - virtio.RAM_BASE + 4 + 8 * ((driver.usedIndex() - 1) % 8);
  if (driver.get(disks.STATUS, 1)[0] !== OK) {
    theirs.set(driver.ram.subarray(element + 4, element + 8), element + 4);
  }
}

function hex(driver: virtio.Driver): string {
  return driver.ram.subarray(0, COMPARED).toHex();
}

function parseHex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.slice(2));
}
