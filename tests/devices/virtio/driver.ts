// A guest's virtio driver for tests: it lays out rings and requests in guest memory by hand, as VIRTIO 1.2
// "Split Virtqueues" draws them, and works the transport's registers.

import { assertEquals } from "@std/assert";
import type { Device } from "../../../devices/device.ts";
import type { GuestMemory } from "../../../devices/guest_memory.ts";
import type { VirtioDevice } from "../../../devices/virtio/device.ts";
import { createVirtioMmio } from "../../../devices/virtio/mmio.ts";

export const RAM_BASE = 0x4000_0000;
export const RAM_SIZE = 0x40000;
export const DESCRIPTORS = RAM_BASE + 0x1000;
export const AVAILABLE = RAM_BASE + 0x3000;
export const USED = RAM_BASE + 0x4000;
/** From here on tests put what they like. */
export const FREE = RAM_BASE + 0x6000;

export const NEXT = 1, WRITE = 2, INDIRECT = 4;
export const INDIRECT_DESC = 28, EVENT_IDX = 29, VERSION_1 = 32;

/** Offsets of the transport's registers. */
export const REG = {
  MagicValue: 0x000,
  Version: 0x004,
  DeviceID: 0x008,
  DeviceFeatures: 0x010,
  DeviceFeaturesSel: 0x014,
  DriverFeatures: 0x020,
  DriverFeaturesSel: 0x024,
  QueueSel: 0x030,
  QueueNumMax: 0x034,
  QueueNum: 0x038,
  QueueReady: 0x044,
  QueueNotify: 0x050,
  InterruptStatus: 0x060,
  InterruptACK: 0x064,
  Status: 0x070,
  QueueDescLow: 0x080,
  QueueDescHigh: 0x084,
  QueueDriverLow: 0x090,
  QueueDriverHigh: 0x094,
  QueueDeviceLow: 0x0a0,
  QueueDeviceHigh: 0x0a4,
  SHMSel: 0x0ac,
  SHMLenLow: 0x0b0,
  ConfigGeneration: 0x0fc,
  Config: 0x100,
} as const;

export const ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64;

/** RAM over one buffer; answers like the machine's. */
export function testMemory(bytes: Uint8Array): GuestMemory {
  return {
    slice(address, length) {
      const offset = address - RAM_BASE;
      if (!Number.isSafeInteger(address) || offset < 0 || offset + length > bytes.length) return undefined;
      return bytes.subarray(offset, offset + length);
    },
  };
}

export interface Descriptor {
  readonly address: number;
  readonly length: number;
  readonly flags?: number;
  readonly next?: number;
}

export interface Used {
  readonly id: number;
  readonly length: number;
}

/** The driver's side of one device with one queue. */
export interface Driver {
  readonly ram: Uint8Array;
  readonly view: DataView;
  readonly mmio: Device;
  readonly misuses: string[];
  readonly line: boolean[];
  /** What the device put off; `runDeferred` does it. */
  readonly deferred: (() => void)[];
  runDeferred(): void;
  read(register: number): number;
  write(register: number, value: number): void;
  /** Negotiates these features and VERSION_1; leaves the device at FEATURES_OK. */
  negotiate(features?: readonly number[]): void;
  setUpQueue(size: number, overrides?: Partial<Record<"descriptors" | "available" | "used", number>>): void;
  /** All of the above, then DRIVER_OK. */
  start(features?: readonly number[], size?: number): void;
  describe(index: number, descriptor: Descriptor): void;
  /** Writes a descriptor table entry at any address. */
  describeAt(address: number, descriptor: Descriptor): void;
  /** Descriptors 0, 1, … chained over these buffers. */
  chain(buffers: readonly Descriptor[], first?: number): void;
  makeAvailable(head: number): void;
  setAvailableIndex(index: number): void;
  notify(): void;
  usedIndex(): number;
  used(position: number): Used;
  put(address: number, bytes: Uint8Array | readonly number[]): void;
  get(address: number, length: number): Uint8Array;
}

/** `recordWrite` sees each 32-bit register write the driver makes. */
export function createDriver(
  device: VirtioDevice,
  recordWrite: (register: number, value: number) => void = () => {},
): Driver {
  const ram = new Uint8Array(new SharedArrayBuffer(RAM_SIZE));
  const view = new DataView(ram.buffer);
  const misuses: string[] = [];
  const line: boolean[] = [];
  const deferred: (() => void)[] = [];
  let size = 0;
  let available = 0;
  const transport = createVirtioMmio(device, {
    memory: testMemory(ram),
    interrupt: (level) => line.push(level),
    defer: (work) => deferred.push(work),
    misuse: (_, what) => misuses.push(what),
  });
  const mmio: Device = {
    ...transport,
    write(offset, width, value) {
      if (width === 4) recordWrite(offset, value);
      transport.write(offset, width, value);
    },
  };
  const read = (register: number) => mmio.read(register, 4);
  const write = (register: number, value: number) => mmio.write(register, 4, value);
  const at = (address: number) => address - RAM_BASE;

  const driver: Driver = {
    ram,
    view,
    mmio,
    misuses,
    line,
    deferred,
    runDeferred: () => deferred.splice(0).forEach((work) => work()),
    read,
    write,
    negotiate: (features = []) => negotiate(mmio, features),
    setUpQueue(entries, overrides = {}) {
      size = entries;
      available = 0;
      write(REG.QueueSel, 0);
      write(REG.QueueNum, entries);
      for (
        const [register, address] of [
          [REG.QueueDescLow, overrides.descriptors ?? DESCRIPTORS],
          [REG.QueueDriverLow, overrides.available ?? AVAILABLE],
          [REG.QueueDeviceLow, overrides.used ?? USED],
        ] as const
      ) {
        write(register, address >>> 0);
        write(register + 4, Math.floor(address / 2 ** 32));
      }
      write(REG.QueueReady, 1);
    },
    start(features = [], entries = 16) {
      driver.negotiate(features);
      driver.setUpQueue(entries);
      write(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    },
    describe: (index, descriptor) => driver.describeAt(DESCRIPTORS + 16 * index, descriptor),
    describeAt(address, descriptor) {
      view.setBigUint64(at(address), BigInt(descriptor.address), true);
      view.setUint32(at(address) + 8, descriptor.length, true);
      view.setUint16(at(address) + 12, descriptor.flags ?? 0, true);
      view.setUint16(at(address) + 14, descriptor.next ?? 0, true);
    },
    chain(buffers, first = 0) {
      buffers.forEach((buffer, index) => {
        const last = index === buffers.length - 1;
        const flags = (buffer.flags ?? 0) | (last ? 0 : NEXT);
        driver.describe(first + index, { ...buffer, flags, next: last ? 0 : first + index + 1 });
      });
    },
    makeAvailable(head) {
      view.setUint16(at(AVAILABLE) + 4 + 2 * (available % size), head, true);
      available = (available + 1) & 0xffff;
      driver.setAvailableIndex(available);
    },
    setAvailableIndex: (index) => view.setUint16(at(AVAILABLE) + 2, index, true),
    notify: () => write(REG.QueueNotify, 0),
    usedIndex: () => view.getUint16(at(USED) + 2, true),
    used(position) {
      const element = at(USED) + 4 + 8 * (position % size);
      return { id: view.getUint32(element, true), length: view.getUint32(element + 4, true) };
    },
    put: (address, bytes) => ram.set(bytes, at(address)),
    get: (address, length) => ram.slice(at(address), at(address) + length),
  };
  return driver;
}

/** Reset, then the initialization sequence up to FEATURES_OK, which has to hold. */
export function negotiate(mmio: Device, features: readonly number[]): void {
  const write = (register: number, value: number) => mmio.write(register, 4, value);
  write(REG.Status, 0);
  write(REG.Status, ACKNOWLEDGE);
  write(REG.Status, ACKNOWLEDGE | DRIVER);
  const taken = [...features, VERSION_1];
  for (const word of [0, 1]) {
    const bits = taken.filter((bit) => bit >> 5 === word).reduce((sum, bit) => sum | 1 << (bit & 31), 0);
    write(REG.DriverFeaturesSel, word);
    write(REG.DriverFeatures, bits >>> 0);
  }
  write(REG.Status, ACKNOWLEDGE | DRIVER | FEATURES_OK);
  assertEquals(mmio.read(REG.Status, 4), ACKNOWLEDGE | DRIVER | FEATURES_OK);
}
