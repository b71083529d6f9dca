// The machine's device tree (Devicetree Specification v0.4 and the kernel's bindings for arm,gic-v3,
// arm,armv8-timer, arm,psci-1.0, arm,pl011, arm,pl061, gpio-keys and virtio,mmio), made from the board's rows.

import { buildDeviceTree, type NodeDescription, ref, u64 } from "../../guest/device_tree.ts";
import type { Gic } from "../kvm/host_offer.ts";
import {
  flashBanks,
  flashNode,
  gic,
  pl011,
  pl061,
  type Place,
  powerButton,
  ppi,
  ramBase,
  reg,
  rows,
  virtioNode,
  virtioPlace,
} from "./board.ts";

/** The interrupts binding's cells: kind (0: shared, 1: private), number, and 4 for active-high level. */
const kind = { spi: 0, ppi: 1 };
const levelHigh = 4;
const firstPpi = 16;

export interface TreeContents {
  readonly memorySize: number;
  readonly gic: Gic;
  /** MPIDR_EL1's affinity fields of each vcpu. */
  readonly mpidrs: readonly bigint[];
  readonly hasPmu: boolean;
  readonly virtioSlots: number;
  readonly hasFlash: boolean;
  readonly commandLine: string;
  /** Guest-physical; `end` is exclusive. */
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

export function machineTree(contents: TreeContents): Uint8Array<ArrayBuffer> {
  const timers = [ppi.timerSecure, ppi.timerNonSecure, ppi.timerVirtual, ppi.timerHypervisor];
  return buildDeviceTree({
    compatible: "linux,dummy-virt",
    model: "velum",
    "#address-cells": 2,
    "#size-cells": 2,
    "interrupt-parent": ref("gic"),
    chosen: {
      bootargs: contents.commandLine || undefined,
      "stdout-path": `/${nodeName("pl011", pl011)}`,
      ...initrdProperties(contents.initrd),
    },
    [`memory@${ramBase.toString(16)}`]: { device_type: "memory", reg: u64(ramBase, contents.memorySize) },
    cpus: cpuNodes(contents.mpidrs),
    psci: { compatible: ["arm,psci-1.0", "arm,psci-0.2"], method: "hvc" },
    timer: {
      compatible: "arm,armv8-timer",
      interrupts: timers.flatMap((intid) => privateInterrupt(intid)),
      "always-on": true,
    },
    pmu: contents.hasPmu
      ? { compatible: "arm,armv8-pmuv3", interrupts: privateInterrupt(ppi.pmu) }
      : undefined,
    "apb_pclk: apb-pclk": {
      compatible: "fixed-clock",
      "#clock-cells": 0,
      "clock-frequency": 24_000_000,
      "clock-output-names": "clk24mhz",
    },
    [`gic: interrupt-controller@${gic.distributor.base.toString(16)}`]: gicNode(contents.gic),
    [nodeName("flash", flashBanks[0]!)]: contents.hasFlash
      ? { ...flashNode, reg: reg(...flashBanks) }
      : undefined,
    [nodeName("pl011", pl011)]: deviceNode(pl011, pl011.node),
    [`pl061: ${nodeName("pl061", pl061)}`]: deviceNode(pl061, pl061.node),
    "gpio-keys": { compatible: "gpio-keys", "power-button": powerButton.node },
    ...Object.fromEntries(
      Object.entries(rows).map(([name, row]) => [nodeName(name, row), deviceNode(row, row.node)]),
    ),
    ...Object.fromEntries(
      Array.from({ length: contents.virtioSlots }, (_, n) => virtioPlace(n))
        .map((place) => [nodeName("virtio_mmio", place), deviceNode(place, virtioNode)]),
    ),
  });
}

const nodeName = (name: string, { base }: Place) => `${name}@${base.toString(16)}`;

function deviceNode(place: Place, node: NodeDescription): NodeDescription {
  const interrupts = place.spi === undefined ? undefined : [kind.spi, place.spi, levelHigh];
  return { ...node, reg: reg(place), interrupts };
}

const privateInterrupt = (intid: number) => [kind.ppi, intid - firstPpi, levelHigh];

function initrdProperties(initrd: TreeContents["initrd"]): NodeDescription {
  return initrd ? { "linux,initrd-start": u64(initrd.start), "linux,initrd-end": u64(initrd.end) } : {};
}

function cpuNodes(mpidrs: readonly bigint[]): NodeDescription {
  const node = (mpidr: bigint): [string, NodeDescription] => [
    `cpu@${mpidr.toString(16)}`,
    { device_type: "cpu", compatible: "arm,armv8", reg: u64(mpidr), "enable-method": "psci" },
  ];
  return { "#address-cells": 2, "#size-cells": 0, ...Object.fromEntries(mpidrs.map(node)) };
}

function gicNode(version: Gic): NodeDescription {
  const common = { "interrupt-controller": true, "#interrupt-cells": 3, "#address-cells": 0 } as const;
  return version === "v3"
    ? { ...common, compatible: "arm,gic-v3", reg: reg(gic.distributor, gic.redistributors) }
    : { ...common, compatible: "arm,cortex-a15-gic", reg: reg(gic.distributor, gic.cpuInterfaceV2) };
}
