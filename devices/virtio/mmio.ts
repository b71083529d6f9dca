// A virtio device on the bus (VIRTIO 1.2, "Virtio Over MMIO", version 2; "Device Status Field").

import type { Device, InterruptLine, Misuse, Width } from "../device.ts";
import type { GuestMemory } from "../guest_memory.ts";
import { createRegisters, type RegisterTable, truncate } from "../registers.ts";
import { VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC, type VirtioDevice } from "./device.ts";
import { createNegotiation } from "./negotiation.ts";
import { createQueue, type DeviceQueue } from "./queue.ts";
import { createQueueRegisters } from "./queue_registers.ts";

export interface VirtioHost {
  readonly memory: GuestMemory;
  interrupt: InterruptLine;
  /** Runs `work` soon, on this thread, after the guest's present access is done. */
  defer(work: () => void): void;
  misuse: Misuse;
  /** The device is about to look at this queue. */
  served?(queue: number): void;
}

const SLOT_SIZE = 0x200;
const CONFIG = 0x100;
const MAGIC = 0x74726976;
const VERSION = 2;
/** "VELM", little-endian. */
const VENDOR = 0x4d4c4556;
const STATUS = { DRIVER_OK: 4, FEATURES_OK: 8, DEVICE_NEEDS_RESET: 64 };
const INTERRUPT = { USED_BUFFER: 1, CONFIG_CHANGE: 2 };
const NO_REGION = 0xffffffff;

export function createVirtioMmio(device: VirtioDevice, host: VirtioHost): Device {
  const misuse = (what: string) => host.misuse(device.name, what);
  const interrupts = createInterruptStatus(host.interrupt);
  const status = createStatus(device, misuse, reset, () => interrupts.raise(INTERRUPT.CONFIG_CHANGE));
  const queues = device.queueSizes.map((size, index) => openQueue(index, size));
  const queueRegisters = createQueueRegisters(queues, device.queueSizes, {
    features: status.queueFeatures,
    misuse,
  });

  function openQueue(index: number, size: number): DeviceQueue {
    let waiting = false;
    const continueLater = () => {
      waiting = false;
      poll(index);
    };
    return createQueue(host.memory, size, {
      interrupt: () => interrupts.raise(INTERRUPT.USED_BUFFER),
      again() {
        if (!waiting) host.defer(continueLater);
        waiting = true;
      },
      broken: (reason) => status.needsReset(`queue ${index}: ${reason}`),
    });
  }

  const handlers = queues.map((queue, index) => () => {
    host.served?.(index);
    device.handle(queue, index);
  });

  function poll(index: number): void {
    const queue = queues[index];
    const handler = handlers[index];
    if (status.live() && handler !== undefined) queue?.serve(handler);
  }

  function notify(index: number): void {
    if (queues[index] === undefined) misuse(`queue ${index} was notified, which is not there`);
    else if (!status.live()) misuse(`queue ${index} was notified while the device was not running`);
    else poll(index);
  }

  function reset(): void {
    status.reset();
    queueRegisters.reset();
    interrupts.reset();
    device.reset();
  }

  const control = createRegisters(device.name, CONFIG, {
    ...identification(device.deviceId),
    ...status.table,
    ...queueRegisters.table,
    QueueNotify: { at: 0x050, write: notify },
    ...interrupts.table,
    ...noSharedMemory,
    // No device here changes its configuration space by itself.
    ConfigGeneration: { at: 0x0fc, read: () => 0 },
  }, host.misuse);
  return { ...createWindow(device, control, misuse), reset };
}

/** A slot of the transport with no device in it: DeviceID reads as zero. */
export function createEmptySlot(misuse: Misuse): Device {
  return { ...createRegisters("virtio-mmio", SLOT_SIZE, identification(0), misuse), reset: () => {} };
}

function identification(deviceId: number): RegisterTable {
  return {
    MagicValue: { at: 0x000, read: () => MAGIC },
    Version: { at: 0x004, read: () => VERSION },
    DeviceID: { at: 0x008, read: () => deviceId },
    VendorID: { at: 0x00c, read: () => VENDOR },
  };
}

const noSharedMemory: RegisterTable = {
  SHMSel: { at: 0x0ac, write: () => {} },
  SHMLenLow: { at: 0x0b0, read: () => NO_REGION },
  SHMLenHigh: { at: 0x0b4, read: () => NO_REGION },
  SHMBaseLow: { at: 0x0b8, read: () => NO_REGION },
  SHMBaseHigh: { at: 0x0bc, read: () => NO_REGION },
};

/** InterruptStatus and InterruptACK; the line is high while any bit is set. */
function createInterruptStatus(line: InterruptLine) {
  let pending = 0;
  function set(bits: number): void {
    const changed = (bits === 0) !== (pending === 0);
    pending = bits;
    if (changed) line(bits !== 0);
  }
  const table: RegisterTable = {
    InterruptStatus: { at: 0x060, read: () => pending },
    InterruptACK: { at: 0x064, write: (bits) => set(pending & ~bits) },
  };
  return { table, raise: (bits: number) => set(pending | bits), reset: () => set(0) };
}

/** The Status register, and the features that FEATURES_OK settles. */
function createStatus(
  device: VirtioDevice,
  misuse: (what: string) => void,
  resetAll: () => void,
  tellDriver: () => void,
) {
  const negotiation = createNegotiation(
    device.features,
    () => misuse("DriverFeatures was written after FEATURES_OK"),
  );
  let status = 0;
  let features: ReadonlySet<number> = new Set();

  function settleFeatures(): number {
    const outcome = negotiation.conclude();
    if (typeof outcome === "string") {
      misuse(`FEATURES_OK is refused: ${outcome}`);
      return 0;
    }
    features = outcome;
    device.negotiated(features);
    return STATUS.FEATURES_OK;
  }

  function write(value: number): void {
    if (value === 0) return resetAll();
    if (status & ~value & ~STATUS.DEVICE_NEEDS_RESET) misuse("Status bits are cleared only by a reset");
    const added = value & 0xff & ~status;
    if (added & STATUS.FEATURES_OK) status |= settleFeatures();
    status |= added & ~(STATUS.FEATURES_OK | STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET);
    if (!(added & STATUS.DRIVER_OK)) return;
    if (status & STATUS.FEATURES_OK) status |= STATUS.DRIVER_OK;
    else misuse("DRIVER_OK is refused: it comes after FEATURES_OK");
  }

  return {
    table: { ...negotiation.table, Status: { at: 0x070, read: () => status, write } },
    live: () => (status & (STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET)) === STATUS.DRIVER_OK,
    queueFeatures: () => ({
      indirect: features.has(VIRTIO_F_INDIRECT_DESC),
      eventIndex: features.has(VIRTIO_F_EVENT_IDX),
    }),
    needsReset(reason: string) {
      misuse(`the device needs a reset: ${reason}`);
      status |= STATUS.DEVICE_NEEDS_RESET;
      if (status & STATUS.DRIVER_OK) tellDriver();
    },
    reset() {
      status = 0;
      features = new Set();
      negotiation.reset();
    },
  };
}

/** The whole window: control registers, which take 32-bit accesses only, then the configuration space. */
function createWindow(
  device: VirtioDevice,
  control: Pick<Device, "read" | "write">,
  misuse: (what: string) => void,
): Pick<Device, "name" | "size" | "read" | "write"> {
  function allowed(offset: number, width: Width): boolean {
    const inside = offset < CONFIG ? width === 4 : offset - CONFIG + width <= device.config.length;
    if (inside && offset % width === 0) return true;
    misuse(`a ${8 * width}-bit access at 0x${offset.toString(16)} is ignored`);
    return false;
  }

  return {
    name: device.name,
    size: SLOT_SIZE,
    read(offset, width) {
      if (!allowed(offset, width)) return 0;
      if (offset < CONFIG) return control.read(offset, width);
      let value = 0;
      for (let i = width - 1; i >= 0; i--) value = value << 8 | (device.config[offset - CONFIG + i] ?? 0);
      return value >>> 0;
    },
    write(offset, width, value) {
      if (!allowed(offset, width)) return;
      if (offset < CONFIG) control.write(offset, width, value);
      else if (!device.writeConfig?.(offset - CONFIG, width, truncate(value, width))) {
        misuse(`configuration at 0x${(offset - CONFIG).toString(16)} is read-only`);
      }
    },
  };
}
