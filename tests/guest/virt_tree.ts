// A machine like QEMU's virt, described for the device tree writer. Bindings: Linux
// Documentation/devicetree/bindings, files named by each `compatible`.

import { type NodeDescription, ref, u64 } from "../../guest/device_tree.ts";

const GIC_SPI = 0;
const GIC_PPI = 1;
const IRQ_TYPE_LEVEL_HIGH = 4;

export function virtTree(cpus: number, virtioSlots: number): NodeDescription {
  return {
    compatible: "linux,dummy-virt",
    model: "linux,dummy-virt",
    "#address-cells": 2,
    "#size-cells": 2,
    "interrupt-parent": ref("gic"),
    chosen: { bootargs: "console=ttyAMA0", "stdout-path": "/pl011@9000000" },
    "memory@40000000": { device_type: "memory", reg: u64(0x4000_0000, 0x1_0000_0000) },
    cpus: { "#address-cells": 1, "#size-cells": 0, ...repeat(cpus, cpu) },
    psci: { compatible: ["arm,psci-1.0", "arm,psci-0.2"], method: "hvc" },
    timer: {
      compatible: "arm,armv8-timer",
      interrupts: [13, 14, 11, 10].flatMap((ppi) => [GIC_PPI, ppi, IRQ_TYPE_LEVEL_HIGH]),
      "always-on": true,
    },
    "gic: interrupt-controller@8000000": {
      compatible: "arm,gic-v3",
      "#interrupt-cells": 3,
      "interrupt-controller": true,
      reg: u64(0x800_0000, 0x1_0000, 0x80a_0000, cpus * 0x2_0000),
      "#address-cells": 2,
      "#size-cells": 2,
      ranges: true,
    },
    "apb_pclk: apb-pclk": {
      compatible: "fixed-clock",
      "#clock-cells": 0,
      "clock-frequency": 24_000_000,
      "clock-output-names": "clk24mhz",
    },
    "pl011@9000000": primecell("arm,pl011", 0x900_0000, 1, ["uartclk", "apb_pclk"]),
    "pl031@9010000": primecell("arm,pl031", 0x901_0000, 2, ["apb_pclk"]),
    "exit@90f0000": { compatible: "velum,exit", reg: u64(0x90f_0000, 0x1000) },
    ...repeat(virtioSlots, virtioSlot),
  };
}

function cpu(n: number): NodeDescription {
  return {
    [`cpu@${n.toString(16)}`]: {
      device_type: "cpu",
      compatible: "arm,armv8",
      reg: n,
      "enable-method": "psci",
    },
  };
}

function virtioSlot(n: number): NodeDescription {
  const at = 0xa00_0000 + n * 0x200;
  return {
    [`virtio_mmio@${at.toString(16)}`]: {
      compatible: "virtio,mmio",
      reg: u64(at, 0x200),
      interrupts: [GIC_SPI, 16 + n, IRQ_TYPE_LEVEL_HIGH],
      "dma-coherent": true,
    },
  };
}

function primecell(compatible: string, at: number, spi: number, clocks: readonly string[]): NodeDescription {
  return {
    compatible: [compatible, "arm,primecell"],
    reg: u64(at, 0x1000),
    interrupts: [GIC_SPI, spi, IRQ_TYPE_LEVEL_HIGH],
    clocks: clocks.map(() => ref("apb_pclk")),
    "clock-names": clocks,
  };
}

function repeat(count: number, node: (n: number) => NodeDescription): NodeDescription {
  return Object.assign({}, ...Array.from({ length: count }, (_, n) => node(n)));
}
