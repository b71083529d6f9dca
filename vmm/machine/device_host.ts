// The isolate that has the devices: it builds them on the board's bus and gives them what they need of the
// host. Nothing here waits: who runs this isolate calls `settle` after an access and `poll` when woken.

import { type Bus, createBus, type Window } from "../../devices/bus.ts";
import { createFlash, flashSize } from "../../devices/flash/flash.ts";
import { createPl011 } from "../../devices/pl011.ts";
import { createPl061 } from "../../devices/pl061.ts";
import { createVirtioBlock } from "../../devices/virtio/block.ts";
import type { VirtioDevice } from "../../devices/virtio/device.ts";
import { createVirtioEntropy } from "../../devices/virtio/entropy.ts";
import { createEmptySlot, createVirtioMmio } from "../../devices/virtio/mmio.ts";
import type { GuestMemory } from "../../guest/memory.ts";
import type { Backend } from "../kvm/backend.ts";
import type { Vm } from "../kvm/vm.ts";
import {
  type DeviceHost,
  firstSpi,
  flashBanks,
  pl011,
  pl061,
  powerButton,
  rows,
  virtioPlace,
  virtioSlots,
} from "./board.ts";
import { createAlarms } from "./alarm.ts";
import type { ByteRing } from "./byte_ring.ts";
import { consoleInput } from "./console_input.ts";
import { consoleOutput } from "./console_output.ts";
import { type ControlBlock, lifecycle } from "./control_block.ts";
import { type Counters, type DeviceNames, mostQueues } from "./counters.ts";
import { type Drive, openDrive } from "./drive.ts";
import type { Ending } from "./ending.ts";
import { type BankJob, bankKeeper, showBank } from "./flash_banks.ts";
import { createPowerButton } from "./power_button.ts";

/** Seconds after which a guest that has begun to listen is believed: long enough for one access to follow another. */
const listeningSettles = 0.005;

export interface DeviceSurroundings {
  readonly vm: Vm;
  readonly backend: Backend;
  readonly memory: GuestMemory;
  readonly control: ControlBlock;
  readonly counters: Counters;
  readonly flash: readonly BankJob[];
  readonly drives: readonly Drive[];
  readonly input: ByteRing;
  readonly output: ByteRing;
  /** There is new output in the ring. */
  onOutput(): void;
  /** Told once when a device ends the machine; the machine is stopped by then. */
  onEnding(ending: Ending): void;
  /** Milliseconds since 1970: the host's, or the guest's own. */
  now(): number;
  /** Asks that `poll` be called at that time of the same clock. */
  wakeAt(time: number): void;
  fillRandom(into: Uint8Array<ArrayBuffer>): void;
  /** The guest waits for console input, for which it is to wait: called once. */
  onSilence(): void;
  /** Told of what the guest did that it may not, and of storage that failed. */
  onMisuse(line: string): void;
}

export interface Devices {
  readonly bus: Bus;
  readonly names: DeviceNames;
  /** Does what an access left to be done. */
  settle(): void;
  /** Takes input and sees to alarms that are due. */
  poll(): void;
  close(): void;
}

export function createDevices(around: DeviceSurroundings): Devices {
  const deferred: (() => void)[] = [];
  const interruptLine = (spi: number) => (level: boolean) => around.vm.setSpi(firstSpi + spi, level);
  const alarms = createAlarms(around.wakeAt, around.now);
  const inputAlarm = alarms.create();
  const end = (ending: Ending) => {
    around.control.state = lifecycle.stopped;
    around.onEnding(ending);
  };
  const host: DeviceHost = {
    now: () => around.now() / 1000,
    schedule: alarms.create().schedule,
    report: (event) =>
      event === "panicked" && end({ kind: "panic", reason: "the guest reports that it panicked" }),
    exit: (status) => end({ kind: "exit", status }),
    misuse: (device, what) => around.onMisuse(`${device}: ${what}`),
  };
  const output = consoleOutput(around.output, around.control, around.onOutput);
  const uart = createPl011({
    transmit: output.transmit,
    onRoom: () => input.emptied(),
    onListening: () => inputAlarm.schedule(listeningSettles, input.feed),
    interrupt: interruptLine(pl011.spi!),
    misuse: host.misuse,
  });
  const input = consoleInput(around.input, around.control, uart, {
    ignoredInterrupt: () => end({ kind: "stopped" }),
    silence: around.onSilence,
  });
  const gpio = createPl061({
    onEnabled: (lines) => around.control.isButtonWatched = (lines >> powerButton.line & 1) !== 0,
    interrupt: interruptLine(pl061.spi!),
    misuse: host.misuse,
  });
  const button = createPowerButton({
    takePresses: () => around.control.takePresses(),
    hold: (isHeld) => gpio.drive(powerButton.line, isHeld),
    alarm: alarms.create(),
  });
  const storages = around.drives.map((drive, index) => openDrive(drive, index, around.backend.openPuncher));
  const virtio: VirtioDevice[] = [
    ...storages.map((storage) =>
      createVirtioBlock({ storage, storageFailed: (error) => around.onMisuse(`virtio-blk: ${error}`) })
    ),
    createVirtioEntropy(around.fillRandom),
  ];
  const flash = around.flash.map((bank, index) => openBank(around, bank, index));
  const windows: Window[] = [
    ...flash.map(({ device }, bank) => ({ base: flashBanks[bank]!.base, device })),
    { base: pl011.base, device: uart },
    { base: pl061.base, device: gpio },
    ...Object.values(rows).map((row) => ({
      base: row.base,
      device: row.create(host, row.spi === undefined ? () => {} : interruptLine(row.spi)),
    })),
    ...Array.from({ length: virtioSlots.count }, (_, n) => {
      const { base, spi } = virtioPlace(n);
      const device = virtio[n];
      if (!device) return { base, device: createEmptySlot(host.misuse) };
      const surroundings = {
        memory: around.memory,
        interrupt: interruptLine(spi),
        defer: (work: () => void) => void deferred.push(work),
        misuse: host.misuse,
        served: (queue: number) => around.counters.served.count(n * mostQueues + queue),
      };
      return { base, device: createVirtioMmio(device, surroundings) };
    }),
  ];
  const stray = (address: number, width: number, isWrite: boolean) =>
    around.onMisuse(
      `bus: ${8 * width}-bit ${isWrite ? "write" : "read"} at 0x${address.toString(16)}: nothing is there`,
    );
  const bus = createBus(windows, stray, around.counters.accesses);
  return {
    bus,
    names: namesOf(bus, virtio),
    settle() {
      while (deferred.length > 0) deferred.shift()!();
    },
    poll() {
      output.flush();
      input.feed();
      button.feed();
      alarms.ring(around.now());
    },
    close: () => [...storages, ...flash].forEach((file) => file.close()),
  };
}

const nameAt = (name: string, base: number) => `${name}@${base.toString(16)}`;

/** As the device tree names them: what it is, and where. */
const namesOf = ({ windows }: Bus, virtio: readonly VirtioDevice[]): DeviceNames => ({
  windows: windows.map(({ base, device }) => nameAt(device.name, base)),
  virtio: virtio.map(({ name, queueSizes }, n) => ({
    name: nameAt(name, virtioPlace(n).base),
    queues: queueSizes.length,
  })),
});

function openBank(around: DeviceSurroundings, { address, file }: BankJob, bank: number) {
  const name = `flash${bank}`;
  const bytes = around.backend.memoryAt(address, flashSize);
  const { keep, close } = bankKeeper(bytes, file, (why) => around.onMisuse(`${name}: ${why}`));
  const device = createFlash(name, {
    bytes,
    keep,
    show: (isShown) => showBank(around.vm, bank, address, isShown),
    misuse: (device, what) => around.onMisuse(`${device}: ${what}`),
  });
  return { device, close };
}
