// Cases about where the parts of an in-kernel interrupt controller are placed.

import { assertEquals } from "@std/assert";
import { gicAttributes as gic } from "../../../vmm/kvm/device_types.ts";
import type { Vm } from "../../../vmm/kvm/vm.ts";
import {
  type Bench,
  gicMap,
  hasGicV2,
  hasGicV3,
  KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
  redistRegion,
  setGicAddress,
} from "../bench.ts";
import { answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";

const V3 = 'kernel document "ARM Virtual Generic Interrupt Controller v3 and later (VGICv3)"';
const V2 = 'kernel document "ARM Virtual Generic Interrupt Controller v2 (VGICv2)"';
const noAddress = 99;
/** What setting each of these addresses, in turn, answers on a new device. */
function place(bench: Bench, vm: Vm, addresses: Record<string, [type: number, address: bigint]>) {
  const device = bench.gic(vm);
  const calls = Object.entries(addresses).map(([name, [type, address]]): [string, () => void] => [
    name,
    () => setGicAddress(device, type, address),
  ]);
  return answersOf(Object.fromEntries(calls));
}

export const gicMapCases: Case[] = [
  defineCase({
    name: "a GICv3's parts are placed once, at 64 KiB, within the address bits",
    source: V3,
    where: hasGicV3,
    ask: (bench) =>
      place(bench, bench.vm(), {
        "distributor within a page": [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor + 0x1000n],
        "distributor beyond the address bits": [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, 1n << 40n],
        "distributor across their end": [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, (1n << 40n) - 0x1000n],
        distributor: [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor],
        "distributor again": [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor + 0x1_0000n],
        "redistributors within 64 KiB": [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, gicMap.redistributors + 0x1000n],
        "redistributors beyond the address bits": [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, 1n << 40n],
        redistributors: [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, gicMap.redistributors],
        "redistributors again": [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, gicMap.redistributors + 0x10_0000n],
        "a part of a GICv2": [gic.KVM_VGIC_V2_ADDR_TYPE_DIST, gicMap.distributor],
        "an unknown part": [noAddress, gicMap.distributor],
      }),
    check(answer) {
      assertEquals(answer["distributor within a page"], "EINVAL");
      assertEquals(answer["distributor beyond the address bits"], "E2BIG");
      assertEquals([answer.distributor, answer["distributor again"]], [0, "EEXIST"]);
      assertEquals(answer["redistributors within 64 KiB"], "EINVAL");
      assertEquals(answer["redistributors beyond the address bits"], "E2BIG");
      assertEquals(answer.redistributors, 0);
      assertEquals(answer["an unknown part"], "ENXIO");
    },
  }),
  defineCase({
    name: "regions of redistributors are given in order, and not beside the single one",
    source: V3,
    where: hasGicV3,
    ask(bench) {
      const vm = bench.vm();
      return {
        regions: place(bench, vm, {
          "the second first": [KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(0x0900_0000n, 1n, 1n)],
          "the first": [KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(0x080a_0000n, 0n, 2n)],
          "the second, over the first": [
            KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
            redistRegion(0x080c_0000n, 1n, 1n),
          ],
          "the second": [KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(0x0900_0000n, 1n, 1n)],
          "of no redistributor": [KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(0x0a00_0000n, 2n, 0n)],
          "the single one": [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, 0x0b00_0000n],
        }),
        "after the single one": place(bench, bench.vm(), {
          "the single one": [gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, 0x080a_0000n],
          "the first": [KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(0x0900_0000n, 0n, 2n)],
        }),
      };
    },
    check(answer) {
      assertEquals(answer.regions["the second first"], "EINVAL");
      assertEquals([answer.regions["the first"], answer.regions["the second"]], [0, 0]);
      assertEquals(answer.regions["of no redistributor"], "EINVAL");
      assertEquals(answer.regions["the single one"] === 0, false);
      assertEquals(answer["after the single one"]["the first"] === 0, false);
    },
  }),
  defineCase({
    name: "a GICv2's parts are placed once, at 4 KiB, within the address bits",
    source: V2,
    where: hasGicV2,
    ask: (bench) =>
      place(bench, bench.vm(), {
        "distributor within a page": [gic.KVM_VGIC_V2_ADDR_TYPE_DIST, gicMap.distributor + 0x100n],
        "distributor beyond the address bits": [gic.KVM_VGIC_V2_ADDR_TYPE_DIST, 1n << 40n],
        distributor: [gic.KVM_VGIC_V2_ADDR_TYPE_DIST, gicMap.distributor],
        "distributor again": [gic.KVM_VGIC_V2_ADDR_TYPE_DIST, gicMap.distributor],
        "CPU interface within a page": [gic.KVM_VGIC_V2_ADDR_TYPE_CPU, gicMap.cpuInterface + 0x100n],
        "CPU interface": [gic.KVM_VGIC_V2_ADDR_TYPE_CPU, gicMap.cpuInterface],
        "a part of a GICv3": [gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor],
        "an unknown part": [noAddress, gicMap.distributor],
      }),
    check(answer) {
      assertEquals(answer["distributor within a page"], "EINVAL");
      assertEquals(answer["distributor beyond the address bits"], "E2BIG");
      assertEquals([answer.distributor, answer["distributor again"]], [0, "EEXIST"]);
      assertEquals(answer["CPU interface"], 0);
      assertEquals(answer["an unknown part"], "ENXIO");
    },
  }),
  defineCase({
    name: "an address that was set reads back; one that was not reads as all ones",
    source: V3,
    ask(bench) {
      const device = bench.gic(bench.vm());
      const type = hasGicV3(bench.offer) ? gic.KVM_VGIC_V3_ADDR_TYPE_DIST : gic.KVM_VGIC_V2_ADDR_TYPE_DIST;
      const read = () => {
        const bytes = device.getAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, type, 8);
        return hex(new BigUint64Array(bytes.buffer)[0]!);
      };
      const before = answerOf(read);
      setGicAddress(device, type, gicMap.distributor);
      return { before, after: answerOf(read) };
    },
    expected: () => ({ before: "0xffffffffffffffff", after: hex(gicMap.distributor) }),
  }),
];
