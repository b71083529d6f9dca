// The registers of a GICv3 as they read and what they keep: those of a reset are what Linux 6.12's KVM showed
// in the test bed; widths and fields are Arm IHI 0069's.

import { assertEquals, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import { gicAttributes } from "../../../../vmm/kvm/device_types.ts";
import type { KvmDevice } from "../../../../vmm/kvm/kvm_device.ts";
import { KvmError } from "../../../../vmm/kvm/kvm_error.ts";
import { Kvm } from "../../../../vmm/kvm/system.ts";
import { u32Bytes, u64Bytes } from "../../../conformance/bench.ts";
import { GicDriver } from "./gic_driver.ts";

const DIST_REGS = 1, REDIST_REGS = 5, CPU_SYSREGS = 6, LEVEL_INFO = 7;
const ICC_PMR = 0xc230n, ICC_AP0R1 = 0xc645n, ICC_AP1R0 = 0xc648n, ICC_CTLR = 0xc664n, ICC_SRE = 0xc665n;
const ICC_IGRPEN1 = 0xc667n;
const sgiFrame = 0x1_0000n;

function open(vcpus: number): { vm: ReturnType<Kvm["createVm"]>; device: KvmDevice } {
  const vm = Kvm.open(interpreterBackend(findHost("max"))).createVm();
  for (let n = 0; n < vcpus; n++) vm.createVcpu(n).init(5, ["KVM_ARM_VCPU_PSCI_0_2"]);
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  device.setAttribute(gicAttributes.KVM_DEV_ARM_VGIC_GRP_CTRL, gicAttributes.KVM_DEV_ARM_VGIC_CTRL_INIT);
  return { vm, device };
}

const u32 = (device: KvmDevice, group: number, attr: bigint) =>
  new Uint32Array(device.getAttribute(group, attr, 4).buffer)[0]!;
const u64 = (device: KvmDevice, attr: bigint) =>
  Number(new BigUint64Array(device.getAttribute(CPU_SYSREGS, attr, 8).buffer)[0]!);

Deno.test("after a reset a monitor reads what it reads of KVM's", () => {
  const { device } = open(2);
  const distributor = [0x0n, 0x4n, 0x8n, 0xcn, 0x80n, 0x84n].map((at) => u32(device, DIST_REGS, at));
  assertEquals(distributor, [0x50, 0x48_0007, 0x4b00_343b, 0, 0, 0xffff_ffff]);
  const rd = [0x0n, 0x4n, 0x8n, 0xcn, 0x14n].map((at) => u32(device, REDIST_REGS, at));
  assertEquals(rd, [6, 0x4b00_043b, 0, 0, 0]);
  const sgi = [0x80n, 0x100n, 0x180n, 0x200n, 0x280n].map((at) => u32(device, REDIST_REGS, sgiFrame + at));
  assertEquals(sgi, [0xffff_ffff, 0xffff, 0xffff, 0, 0]);
  assertEquals([ICC_PMR, ICC_CTLR, ICC_SRE, ICC_IGRPEN1].map((at) => u64(device, at)), [0, 0x8c00, 7, 0]);
  assertEquals(assertThrows(() => u64(device, ICC_AP0R1), KvmError).errno, "EINVAL");
  assertEquals(assertThrows(() => u64(device, 0xc000n), KvmError).errno, "ENXIO");
  assertEquals(u32(device, REDIST_REGS, 1n << 32n | 8n), 1 << 8 | 1 << 4);
});

Deno.test("a controller's identification and features can be put back, others' cannot", () => {
  const { device } = open(1);
  const setWord = (at: bigint, value: number) => () => device.setAttribute(DIST_REGS, at, u32Bytes(value));
  setWord(8n, 0x4b00_243b)();
  assertEquals(u32(device, DIST_REGS, 8n), 0x4b00_243b);
  assertEquals(assertThrows(setWord(8n, 0x4b00_143b), KvmError).errno, "EINVAL");
  assertEquals(assertThrows(setWord(8n, 0x4c00_343b), KvmError).errno, "EINVAL");
  const set = (at: bigint, value: bigint) => () => device.setAttribute(CPU_SYSREGS, at, u64Bytes(value));
  set(ICC_CTLR, 0x8c02n)();
  assertEquals(u64(device, ICC_CTLR), 0x8c02);
  for (const value of [0x0c00n, 0x8f00n, 0xcc00n]) {
    assertEquals(assertThrows(set(ICC_CTLR, value), KvmError).errno, "EINVAL");
  }
  assertEquals(assertThrows(set(ICC_SRE, 0n), KvmError).errno, "EINVAL");
});

/** Attributes in the order that a monitor puts them back: what sets a state after what clears it. */
function everyAttribute(vcpus: bigint): [group: number, attr: bigint, size: 4 | 8][] {
  const range = (first: bigint, words: number) =>
    Array.from({ length: words }, (_, n) => first + 4n * BigInt(n));
  const bits = (clear: bigint, set: bigint, words: number) => [clear, set].flatMap((at) => range(at, words));
  const frame = (words: number) => [
    ...range(0x80n, words),
    ...bits(0x180n, 0x100n, words),
    ...range(0x400n, 8 * words),
    ...range(0xc00n, 2 * words),
    ...bits(0x280n, 0x200n, words),
    ...bits(0x380n, 0x300n, words),
  ];
  const spis = range(0x6100n, 64 * 2);
  const own = Array.from({ length: Number(vcpus) }, (_, n) => BigInt(n) << 32n).flatMap((vcpu) => [
    ...frame(1).map((at): [number, bigint, 4] => [REDIST_REGS, vcpu | sgiFrame + at, 4]),
    ...[ICC_SRE, ICC_CTLR, ICC_PMR, 0xc643n, 0xc663n, 0xc644n, ICC_AP1R0, 0xc666n, ICC_IGRPEN1]
      .map((at): [number, bigint, 8] => [CPU_SYSREGS, vcpu | at, 8]),
    [LEVEL_INFO, vcpu, 4] as [number, bigint, 4],
  ]);
  const shared = [0n, 8n, ...frame(3), ...spis].map((at): [number, bigint, 4] => [DIST_REGS, at, 4]);
  return [...shared, ...own, [LEVEL_INFO, 32n, 4], [LEVEL_INFO, 64n, 4]];
}

Deno.test("a controller saved by its attributes and put back into another goes on as it was", () => {
  const { vm, device } = open(2);
  const write = (at: bigint, value: number) => device.setAttribute(DIST_REGS, at, u32Bytes(value));
  write(0n, 2);
  write(0x104n, 0xff00);
  write(0x428n, 0x4080_c0a0);
  write(0x6100n + 8n * 9n, 1);
  write(0xc08n, 2 << 2 * 10);
  for (const vcpu of [0n, 1n << 32n]) {
    device.setAttribute(CPU_SYSREGS, vcpu | ICC_PMR, u64Bytes(0xf0n));
    device.setAttribute(CPU_SYSREGS, vcpu | ICC_IGRPEN1, u64Bytes(1n));
  }
  device.setAttribute(CPU_SYSREGS, ICC_AP1R0, u64Bytes(1n << 20n));
  [40, 41, 42].forEach((intid) => vm.setSpi(intid, true));
  vm.setSpi(42, false);
  vm.setPpi(1, 27, true);
  const attributes = everyAttribute(2n);
  const save = (from: KvmDevice) =>
    attributes.map(([group, attr, size]) => [...from.getAttribute(group, attr, size)]);
  const saved = save(device);
  const twin = open(2).device;
  attributes.forEach(([group, attr], n) => {
    // Zero written to a register that clears leaves the twin's reset state, in which nothing is to be cleared
    // but what the SGIs' enables are.
    twin.setAttribute(group, attr, new Uint8Array(saved[n]!));
  });
  assertEquals(save(twin), saved);
  assertEquals(u32(twin, DIST_REGS, 0x204n), 1 << 10);
  assertEquals(u32(twin, LEVEL_INFO, 32n), 0b11 << 8);
});

Deno.test("bytes and words of priorities, words of all else: other widths read as zero and change nothing", () => {
  const { model } = new GicDriver().start();
  model.distributorWrite(0x420, 4, 0xffff_ffff);
  assertEquals(model.distributorRead(0x420, 4), 0xf8f8_f8f8);
  model.distributorWrite(0x421, 1, 0x47);
  assertEquals([model.distributorRead(0x421, 1), model.distributorRead(0x420, 4)], [0x40, 0xf8f8_40f8]);
  model.distributorWrite(0x422, 2, 0);
  assertEquals([model.distributorRead(0x422, 2), model.distributorRead(0x420, 4)], [0, 0xf8f8_40f8]);
  model.distributorWrite(0x104, 1, 0xff);
  assertEquals([model.distributorRead(0x104, 4), model.distributorRead(0x104, 8)], [0, 0]);
});

Deno.test("the distributor has no private interrupts, and a redistributor no SPIs", () => {
  const { model } = new GicDriver().start();
  for (const offset of [0x80, 0x100, 0x200, 0x300, 0x400, 0xc00]) {
    model.distributorWrite(offset, 4, 0xffff_ffff);
    assertEquals(model.distributorRead(offset, 4), 0);
  }
  model.redistributorWrite(0, 0x1_0104, 4, 0xffff_ffff);
  assertEquals(model.redistributorRead(0, 0x1_0104, 4), 0);
});

Deno.test("SGIs are edges and PPIs levels for good; an SPI is what it is made", () => {
  const { model } = new GicDriver().start();
  for (const offset of [0x1_0c00, 0x1_0c04]) model.redistributorWrite(0, offset, 4, 0x5555_5555);
  assertEquals([0x1_0c00, 0x1_0c04].map((at) => model.redistributorRead(0, at, 4)), [0xaaaa_aaaa, 0]);
  model.distributorWrite(0xc0c, 4, 0xc000_0003);
  assertEquals(model.distributorRead(0xc0c, 4), 0x8000_0002);
});

Deno.test("GICR_TYPER is read whole or by halves; a route keeps its affinity and mode", () => {
  const { model } = new GicDriver(18).start();
  assertEquals([model.redistributorRead(17, 8, 8), model.high], [17 << 8 | 1 << 4, 0x101]);
  assertEquals([model.redistributorRead(17, 8, 4), model.high], [17 << 8 | 1 << 4, 0]);
  assertEquals([model.redistributorRead(1, 0xc, 4), model.redistributorRead(1, 8, 4)], [1, 1 << 8]);
  model.distributorWrite(0x6140, 8, 0xffff_ffff);
  assertEquals([model.distributorRead(0x6140, 8), model.high], [0x80ff_ffff, 0]);
  assertEquals(model.distributorRead(0x6144, 4), 0);
});

Deno.test("binary points have a least value, and the common one gives group 1 its own plus one", () => {
  const gic = new GicDriver().start();
  gic.icc("ICC_BPR0_EL1", 0);
  gic.icc("ICC_BPR1_EL1", 0);
  assertEquals([gic.readIcc("ICC_BPR0_EL1"), gic.readIcc("ICC_BPR1_EL1")], [2, 3]);
  gic.icc("ICC_BPR0_EL1", 5);
  gic.icc("ICC_CTLR_EL1", 1);
  assertEquals(gic.readIcc("ICC_BPR1_EL1"), 6);
  gic.icc("ICC_BPR1_EL1", 7);
  gic.icc("ICC_CTLR_EL1", 0);
  assertEquals(gic.readIcc("ICC_BPR1_EL1"), 3);
});
