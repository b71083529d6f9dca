// A disk in memory, and block requests laid out in guest memory, for tests of virtio block.

import type { BlockStorage } from "../../../devices/virtio/block.ts";
import { createVirtioBlock } from "../../../devices/virtio/block.ts";
import { createDriver, type Driver, FREE, WRITE } from "./driver.ts";

export const IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13;
export const OK = 0, IOERR = 1, UNSUPP = 2;
export const SECTORS = 64;

/** Where `request` puts its parts. */
export const HEADER = FREE, STATUS = FREE + 0x100, DATA = FREE + 0x200;

export interface Disk {
  readonly bytes: Uint8Array;
  /** What was asked of the storage, but for reads. */
  readonly log: string[];
  readonly storage: BlockStorage;
}

export function createDisk(overrides: Partial<BlockStorage> = {}): Disk {
  const bytes = Uint8Array.from({ length: SECTORS * 512 }, (_, index) => (index >> 9) * 3 + index);
  const log: string[] = [];
  const storage: BlockStorage = {
    size: bytes.length,
    readOnly: false,
    id: "velum-test-disk",
    readAt: (offset, into) => into.set(bytes.subarray(offset, offset + into.length)),
    writeAt(offset, from) {
      log.push(`write ${offset} ${from.length}`);
      bytes.set(from, offset);
    },
    flush: () => void log.push("flush"),
    writeZeroes(offset, length, discard) {
      log.push(`zero ${offset} ${length} ${discard}`);
      bytes.fill(0, offset, offset + length);
    },
    discard: (offset, length) => void log.push(`discard ${offset} ${length}`),
    ...overrides,
  };
  return { bytes, log, storage };
}

export interface BlockDriver extends Driver {
  readonly disk: Disk;
  readonly failures: unknown[];
}

export function createBlockDriver(
  disk: Disk = createDisk(),
  recordWrite: (register: number, value: number) => void = () => {},
): BlockDriver {
  const failures: unknown[] = [];
  const device = createVirtioBlock({ storage: disk.storage, storageFailed: (error) => failures.push(error) });
  return { ...createDriver(device, recordWrite), disk, failures };
}

export function header(type: number, sector: number | bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

export function eraseRange(sector: number | bigint, count: number, flags: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt(sector), true);
  view.setUint32(8, count, true);
  view.setUint32(12, flags, true);
  return new Uint8Array(view.buffer);
}

/** Puts one request in descriptors 0 to 2 and makes it available; a number as data is a buffer to read into. */
export function prepare(
  driver: Driver,
  type: number,
  sector: number | bigint,
  data: Uint8Array | number = 0,
): void {
  const length = typeof data === "number" ? data : data.length;
  driver.put(HEADER, header(type, sector));
  driver.put(STATUS, [0xee]);
  if (typeof data !== "number") driver.put(DATA, data);
  driver.chain([
    { address: HEADER, length: 16 },
    ...(length ? [{ address: DATA, length, flags: typeof data === "number" ? WRITE : 0 }] : []),
    { address: STATUS, length: 1, flags: WRITE },
  ]);
  driver.makeAvailable(0);
}

/** Does one request; returns its status. */
export function request(
  driver: Driver,
  type: number,
  sector: number | bigint,
  data: Uint8Array | number = 0,
): number {
  prepare(driver, type, sector, data);
  driver.notify();
  return driver.get(STATUS, 1)[0] ?? NaN;
}
