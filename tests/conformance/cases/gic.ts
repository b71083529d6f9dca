// Cases about the in-kernel interrupt controllers as devices: making, sizing, initialising and running them.

import { assertEquals } from "@std/assert";
import { type DeviceType, deviceTypes, gicAttributes as gic } from "../../../vmm/kvm/device_types.ts";
import type { KvmDevice } from "../../../vmm/kvm/kvm_device.ts";
import type { Vm } from "../../../vmm/kvm/vm.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { kvm_create_device } from "../../../vmm/kvm/structs.ts";
import {
  type Bench,
  gicMap,
  hasGicV2,
  hasGicV3,
  KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
  placeGic,
  psci,
  rawAnswer,
  redistRegion,
  setGicAddress,
  u32Bytes,
  u64Bytes,
} from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";
import { Guest, tell } from "../guest.ts";

const V3 = 'kernel document "ARM Virtual Generic Interrupt Controller v3 and later (VGICv3)"';
const V2 = 'kernel document "ARM Virtual Generic Interrupt Controller v2 (VGICv2)"';
const types = Object.keys(deviceTypes) as DeviceType[];

/** The document's KVM_DEV_ARM_VGIC_GRP_DIST_REGS: GICD registers by their offset. */
const DISTRIBUTOR_REGISTERS = 1;
const GICD_TYPER = 4;
const noGroup = 99;
const initialise = (device: KvmDevice) => () =>
  device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_CTRL, gic.KVM_DEV_ARM_VGIC_CTRL_INIT);

const setLines = (device: KvmDevice, lines: number) => () =>
  device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, u32Bytes(lines));

/** A guest whose VM has a GIC that is placed by `place` and, if so wanted, initialised. */
function runWithGic(bench: Bench, place: (device: KvmDevice) => void, isInitialised: boolean): Answer {
  const guest = new Guest(bench, tell(0));
  const device = bench.gic(guest.vm);
  place(device);
  if (isInitialised) initialise(device)();
  return guest.next();
}

export const gicCases: Case[] = [
  defineCase({
    name: "interrupt controllers are made as the host offers, once each; a GICv3 may have more than one ITS",
    source: 'KVM document, "4.79 KVM_CREATE_DEVICE"',
    ask(bench) {
      const create = (vm: Vm, type: DeviceType) => answerOf(() => void bench.keep(vm.createDevice(type)));
      return Object.fromEntries(types.map((type) => {
        const vm = bench.vm();
        return [type, {
          offered: vm.canCreateDevice(type),
          first: create(vm, type),
          second: create(vm, type),
        }];
      }));
    },
    check(answer, offer) {
      const made = (type: DeviceType) => answer[type]?.first === 0;
      assertEquals(made("KVM_DEV_TYPE_ARM_VGIC_V2"), hasGicV2(offer));
      assertEquals(made("KVM_DEV_TYPE_ARM_VGIC_V3"), hasGicV3(offer));
      for (const { offered, first } of Object.values(answer)) {
        assertEquals(first, offered ? 0 : "ENODEV");
      }
      assertEquals(answer.KVM_DEV_TYPE_ARM_VGIC_V2?.second === 0, false);
      assertEquals(answer.KVM_DEV_TYPE_ARM_VGIC_V3?.second === 0, false);
    },
  }),
  defineCase({
    name: "a device of a type nobody knows is ENODEV",
    source: 'KVM document, "4.79 KVM_CREATE_DEVICE"',
    ask: (bench) => rawAnswer(bench.vm(), calls.KVM_CREATE_DEVICE, kvm_create_device.pack({ type: 99 })),
    expected: () => "ENODEV",
  }),
  defineCase({
    name: "an interrupt controller cannot be made once a vcpu has run",
    source: V3,
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      guest.next();
      return answerOf(() => void bench.gic(guest.vm));
    },
    expected: () => "EBUSY",
  }),
  defineCase({
    name: "a controller has 64 to 992 interrupts, in thirty-twos, said once",
    source: V3 + ", KVM_DEV_ARM_VGIC_GRP_NR_IRQS",
    differs:
      "The document lets a controller have 1024 interrupts; the kernel takes at most 992, as the INTIDs from " +
      "1020 on are reserved.",
    ask(bench) {
      const of = (lines: number) => answerOf(setLines(bench.gic(bench.vm()), lines));
      const device = bench.gic(bench.vm());
      return {
        ...Object.fromEntries([0, 32, 63, 64, 65, 96, 992, 1023, 1024].map((lines) => [lines, of(lines)])),
        twice: [answerOf(setLines(device, 128)), answerOf(setLines(device, 128))],
      };
    },
    expected: () => ({
      0: "EINVAL",
      32: "EINVAL",
      63: "EINVAL",
      64: 0,
      65: "EINVAL",
      96: 0,
      992: 0,
      1023: "EINVAL",
      1024: "EINVAL",
      twice: [0, "EBUSY"],
    }),
  }),
  defineCase({
    name: "a controller has the attributes its document gives, and no others",
    source: V3,
    ask(bench) {
      const device = bench.gic(bench.vm());
      const attributes = (group: number) =>
        Array.from({ length: 6 }, (_, attr) => answerOf(() => device.hasAttribute(group, attr)));
      return {
        groups: Array.from({ length: 10 }, (_, group) => attributes(group)),
        "an unknown group": device.hasAttribute(noGroup, 0),
        "setting it": answerOf(() => device.setAttribute(noGroup, 0, u64Bytes(0n))),
        "reading it": answerOf(() => void device.getAttribute(noGroup, 0, 8)),
      };
    },
    check(answer, offer) {
      const { groups } = answer;
      const own = hasGicV3(offer) ? [2, 3, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION] : [0, 1];
      assertEquals(
        groups[gic.KVM_DEV_ARM_VGIC_GRP_ADDR],
        [0, 1, 2, 3, 4, 5].map((attr) => own.includes(attr)),
      );
      assertEquals(groups[gic.KVM_DEV_ARM_VGIC_GRP_CTRL]?.[gic.KVM_DEV_ARM_VGIC_CTRL_INIT], true);
      assertEquals(answer["an unknown group"], false);
      assertEquals([answer["setting it"], answer["reading it"]], ["ENXIO", "ENXIO"]);
    },
  }),
  defineCase({
    name:
      "a controller can be initialised at any time, and again; from then on vcpus and interrupts stay as many as they are",
    source: V3 + ", KVM_DEV_ARM_VGIC_CTRL_INIT",
    ask(bench) {
      const vm = bench.vm();
      bench.vcpu(psci, vm);
      const device = bench.gic(vm);
      const unplaced = answerOf(initialise(bench.gic(bench.vm())));
      placeGic(device, bench.offer.gics[0]!);
      return {
        "without vcpus, unplaced": unplaced,
        ...answersOf({
          initialised: initialise(device),
          again: initialise(device),
          "a further vcpu": () => void bench.blankVcpu(vm, 1),
          "the number of interrupts": setLines(device, 128),
        }),
      };
    },
    expected: () => ({
      "without vcpus, unplaced": 0,
      initialised: 0,
      again: 0,
      "a further vcpu": "EBUSY",
      "the number of interrupts": "EBUSY",
    }),
  }),
  defineCase({
    name:
      "KVM_RUN needs a controller that is there to be initialised and to have a redistributor for each vcpu",
    source: V3,
    where: hasGicV3,
    ask(bench) {
      const distributor = (device: KvmDevice) =>
        setGicAddress(device, gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor);
      const whole = (device: KvmDevice) => placeGic(device, "v3");
      return {
        "not initialised": runWithGic(bench, whole, false),
        "no redistributors": runWithGic(bench, distributor, true),
        "neither placed": runWithGic(bench, () => {}, true),
        whole: runWithGic(bench, whole, true),
      };
    },
    expected: () => ({
      "not initialised": "EBUSY",
      "no redistributors": "ENXIO",
      "neither placed": "ENXIO",
      whole: { tells: "0x0" },
    }),
  }),
  defineCase({
    name: "KVM_RUN with a region of too few redistributors is ENXIO",
    source: V3,
    where: hasGicV3,
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      bench.vcpu(psci, guest.vm, 1);
      const device = bench.gic(guest.vm);
      setGicAddress(device, gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor);
      setGicAddress(device, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, redistRegion(gicMap.redistributors, 0n, 1n));
      initialise(device)();
      return guest.next();
    },
    expected: () => "ENXIO",
  }),
  defineCase({
    name: "KVM_RUN initialises a GICv2 that was only placed",
    source: V2,
    where: hasGicV2,
    ask: (bench) => ({
      placed: runWithGic(bench, (device) => placeGic(device, "v2"), false),
      "and initialised": runWithGic(bench, (device) => placeGic(device, "v2"), true),
      "not placed": runWithGic(bench, () => {}, false),
    }),
    check({ placed, "and initialised": initialised, "not placed": unplaced }) {
      assertEquals([placed, initialised], [{ tells: "0x0" }, { tells: "0x0" }]);
      assertEquals(unplaced, "ENXIO");
    },
  }),
  defineCase({
    name: "GICD_TYPER tells the interrupts and vcpus there are",
    source: 'Arm IHI 0069, "GICD_TYPER, Interrupt Controller Type Register"',
    ask(bench) {
      const vm = bench.vm();
      bench.vcpu(psci, vm);
      const device = bench.gic(vm);
      setLines(device, 96)();
      const read = () => {
        const bytes = device.getAttribute(DISTRIBUTOR_REGISTERS, GICD_TYPER, 4);
        return hex(BigInt(new Uint32Array(bytes.buffer)[0]!));
      };
      const before = answerOf(read);
      placeGic(device, bench.offer.gics[0]!);
      initialise(device)();
      return { before, after: answerOf(read) };
    },
    check({ after }) {
      assertEquals(BigInt(String(after)) & 0x1fn, 96n / 32n - 1n);
    },
  }),
];
