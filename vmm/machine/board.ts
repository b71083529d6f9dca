// The board, whole: QEMU's virt machine as far as Velum has it, so that what boots there boots here (QEMU,
// "'virt' generic virtual platform"). Each device's address and interrupt stand here once; the bus and the
// device tree are both made from these rows.

import type { Device } from "../../devices/device.ts";
import { createExitDevice } from "../../devices/exit_device.ts";
import { flashSize } from "../../devices/flash/flash.ts";
import { createPl031 } from "../../devices/pl031.ts";
import { createPvpanic } from "../../devices/pvpanic.ts";
import { type NodeDescription, ref, u64 } from "../../guest/device_tree.ts";

export const ramBase = 0x4000_0000;

/** Interrupt numbers of the GIC: a shared peripheral interrupt's INTID is its number here plus this. */
export const firstSpi = 32;

export const gic = {
  distributor: { base: 0x0800_0000, size: 0x1_0000 },
  cpuInterfaceV2: { base: 0x0801_0000, size: 0x1_0000 },
  /** Two frames of 64 KiB for each vcpu; the next device's address bounds their number. */
  redistributors: { base: 0x080a_0000, size: 0x00f6_0000, perVcpu: 0x2_0000 },
  /** INTIDs the distributor has, private ones included. */
  interrupts: 128,
  /** GICv2 knows its CPUs by eight bits. */
  mostVcpusV2: 8,
};

/** Private peripheral interrupts, by INTID, as Arm's Base System Architecture (DEN 0094) assigns them. */
export const ppi = {
  timerSecure: 29,
  timerNonSecure: 30,
  timerVirtual: 27,
  timerHypervisor: 26,
  pmu: 23,
};

/** A device's place. `spi` counts from INTID 32. */
export interface Place {
  readonly base: number;
  readonly size: number;
  readonly spi?: number;
}

/** What the devices below are given of the host. */
export interface DeviceHost {
  /** Seconds since 1970, with their fraction. */
  now(): number;
  schedule(secondsFromNow: number | undefined, callback: () => void): void;
  report(event: string): void;
  exit(status: number): void;
  misuse(device: string, what: string): void;
}

/** A device that stands on its own: where, what, and how the device tree describes it. */
interface Row extends Place {
  create(host: DeviceHost, interrupt: (level: boolean) => void): Device;
  readonly node: NodeDescription;
}

const primecellClock = { clocks: [ref("apb_pclk")], "clock-names": "apb_pclk" };

/** The console. It stands apart from the rows because the monitor talks to it too. */
export const pl011: Place & { node: NodeDescription } = {
  base: 0x0900_0000,
  size: 0x1000,
  spi: 1,
  node: {
    compatible: ["arm,pl011", "arm,primecell"],
    clocks: [ref("apb_pclk"), ref("apb_pclk")],
    "clock-names": ["uartclk", "apb_pclk"],
  },
};

/** General purpose I/O. It stands apart from the rows because the machine's power button is on one of its lines. */
export const pl061: Place & { node: NodeDescription } = {
  base: 0x0903_0000,
  size: 0x1000,
  spi: 7,
  node: {
    compatible: ["arm,pl061", "arm,primecell"],
    "gpio-controller": true,
    "#gpio-cells": 2,
    ...primecellClock,
  },
};

/** Linux, include/uapi/linux/input-event-codes.h: KEY_POWER. */
const keyPower = 116;
/** The kernel's gpio binding: the line is high while it is active. */
const activeHigh = 0;

const powerButtonLine = 3;

/** The line of `pl061` that is high while the power button is held, and the button's node. */
export const powerButton: { line: number; node: NodeDescription } = {
  line: powerButtonLine,
  node: {
    label: "power button",
    "linux,code": keyPower,
    gpios: [ref("pl061"), powerButtonLine, activeHigh],
  },
};

export const rows: Readonly<Record<string, Row>> = {
  pl031: {
    base: 0x0901_0000,
    size: 0x1000,
    spi: 2,
    create: (host, interrupt) => createPl031({ ...host, interrupt }),
    node: { compatible: ["arm,pl031", "arm,primecell"], ...primecellClock },
  },
  pvpanic: {
    base: 0x0906_0000,
    size: 2,
    create: (host) => createPvpanic(host),
    node: { compatible: "qemu,pvpanic-mmio" },
  },
  exit: {
    base: 0x090f_0000,
    size: 0x1000,
    create: (host) => createExitDevice(host),
    node: { compatible: "velum,exit" },
  },
};

/** Where a machine's first instruction is that firmware starts: the first bank of its flash. */
export const firmwareEntry = 0;

/** The firmware's flash, where there is firmware: its program, then its variables. */
export const flashBanks: readonly Place[] = [
  { base: firmwareEntry, size: flashSize },
  { base: firmwareEntry + flashSize, size: flashSize },
];

export const flashNode: NodeDescription = { compatible: "cfi-flash", "bank-width": 4 };

/** Those without a device answer too, as empty: a guest that knows the board may look at each. */
export const virtioSlots = { base: 0x0a00_0000, size: 0x200, count: 32, firstSpi: 16 };

/** Virtio slots that have a device: the drives', and the entropy source's. */
export const occupiedSlots = (drives: number) => drives + 1;

export const mostDrives = virtioSlots.count - occupiedSlots(0);

/** The place of virtio-mmio slot `n`: drives first, in their order, then the entropy source. */
export function virtioPlace(n: number): Place & { spi: number } {
  return {
    base: virtioSlots.base + n * virtioSlots.size,
    size: virtioSlots.size,
    spi: virtioSlots.firstSpi + n,
  };
}

export const virtioNode: NodeDescription = { compatible: "virtio,mmio", "dma-coherent": true };

/** Most vcpus this board has room for, by the version of its interrupt controller. */
export function mostVcpus(version: "v2" | "v3"): number {
  const { redistributors } = gic;
  return version === "v2" ? gic.mostVcpusV2 : Math.floor(redistributors.size / redistributors.perVcpu);
}

/** The reg property of a place. */
export const reg = (...places: Place[]): number[] => places.flatMap(({ base, size }) => u64(base, size));
