// A GICv2 of several vcpus as its guests and its monitor see it (Arm IHI 0048; kernel document "ARM Virtual Generic
// Interrupt Controller v2").

import { assertEquals, assertThrows } from "@std/assert";
import { interpreterBackend } from "../../../../vmm/interpreter/backend.ts";
import { GicV2Model } from "../../../../vmm/interpreter/gic/v2_model.ts";
import { gicStateBytes } from "../../../../vmm/interpreter/gic/gic_state.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import type { KvmDevice } from "../../../../vmm/kvm/kvm_device.ts";
import { KvmError } from "../../../../vmm/kvm/kvm_error.ts";
import { Kvm } from "../../../../vmm/kvm/system.ts";
import { placeGic, u32Bytes } from "../../../conformance/bench.ts";

const CTLR = 0, PMR = 4, BPR = 8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, ABPR = 0x1c, APR0 = 0xd0, IDENT = 0xfc;
const IGROUPR = 0x80,
  ISENABLER = 0x100,
  ISPENDR = 0x200,
  ICPENDR = 0x280,
  ISACTIVER = 0x300,
  IPRIORITYR = 0x400;
const ITARGETSR = 0x800, ICFGR = 0xc00, SGIR = 0xf00, CPENDSGIR = 0xf10;
const GICD_IIDR = 8, DIST_REGS = 1, CPU_REGS = 2;
const FIQEn = 8, spi = 40;

function started(vcpus = 3): GicV2Model {
  const gic = new GicV2Model(new Int32Array(gicStateBytes(vcpus, 96) / 4), vcpus, 96, () => {});
  gic.reset();
  gic.distributorWrite(0, CTLR, 4, 1);
  for (let vcpu = 0; vcpu < vcpus; vcpu++) {
    gic.interfaceWrite(vcpu, PMR, 4, 0xf8);
    gic.interfaceWrite(vcpu, CTLR, 4, 1);
  }
  return gic;
}

Deno.test("an SGI is taken once for each vcpu that sent it, and says whose it is", () => {
  const gic = started();
  gic.distributorWrite(2, SGIR, 4, 1 << 16 | 5);
  gic.distributorWrite(1, SGIR, 4, 1 << 24 | 5);
  assertEquals(gic.distributorRead(0, CPENDSGIR + 4, 4), 0b110 << 8);
  const taken = [0, 1, 2].map(() => {
    const value = gic.interfaceRead(0, IAR, 4);
    gic.interfaceWrite(0, EOIR, 4, value);
    return value;
  });
  assertEquals(taken, [1 << 10 | 5, 2 << 10 | 5, 1023]);
  assertEquals([gic.isPending(1), gic.interfaceRead(2, IAR, 4)], [false, 1 << 10 | 5]);
});

Deno.test("an SPI goes to the first of its targets, and an interrupt of group 0 is an IRQ unless FIQEn is set", () => {
  const gic = started();
  gic.distributorWrite(0, ITARGETSR + spi, 1, 0b110);
  assertEquals(gic.distributorRead(0, ITARGETSR + spi, 1), 0b110);
  gic.distributorWrite(0, ISENABLER + 4, 4, 1 << spi - 32);
  gic.setLine(0, spi, true);
  assertEquals([0, 1, 2].map((vcpu) => gic.signal(vcpu)), [0, 1, 0]);
  gic.interfaceWrite(1, CTLR, 4, 1 | FIQEn);
  assertEquals(gic.signal(1), 2);
  assertEquals([0, 1, 2].map((vcpu) => gic.distributorRead(vcpu, ITARGETSR, 4)), [
    0x01010101,
    0x02020202,
    0x04040404,
  ]);
});

/** A GICv2 that a monitor made, with two vcpus. */
function made() {
  const vm = Kvm.open(interpreterBackend(findHost("gicv2"))).createVm();
  for (const index of [0, 1]) vm.createVcpu(index).init(5, ["KVM_ARM_VCPU_PSCI_0_2"]);
  const device = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V2");
  placeGic(device, "v2");
  const at = (offset: number, vcpu: number) => BigInt(vcpu) << 32n | BigInt(offset);
  return {
    vm,
    get: (group: number, offset: number, vcpu = 0) =>
      new Uint32Array(device.getAttribute(group, at(offset, vcpu), 4).buffer)[0]!,
    set: (group: number, offset: number, value: number, vcpu = 0) =>
      device.setAttribute(group, at(offset, vcpu), u32Bytes(value)),
    device: device as KvmDevice,
  };
}

const saved: readonly (readonly [group: number, offset: number, value: number, vcpu: number])[] = [
  [DIST_REGS, GICD_IIDR, 0x4b00_243b, 0],
  [DIST_REGS, IGROUPR, 0x0f, 1],
  [DIST_REGS, ISENABLER + 4, 0x300, 0],
  [DIST_REGS, ISPENDR + 4, 0x100, 0],
  [DIST_REGS, ISACTIVER, 1 << 27, 1],
  [DIST_REGS, IPRIORITYR + spi, 0xa0, 0],
  [DIST_REGS, ITARGETSR + spi, 0x02, 0],
  [DIST_REGS, ICFGR + 8, 2 << 2 * (spi - 32), 0],
  [DIST_REGS, CPENDSGIR + 0x10, 0x0200, 0],
  [DIST_REGS, CTLR, 1, 0],
  [CPU_REGS, PMR, 0xf0 >> 3, 1],
  [CPU_REGS, BPR, 4, 1],
  [CPU_REGS, ABPR, 5, 1],
  [CPU_REGS, APR0, 1 << 20, 1],
  [CPU_REGS, CTLR, 1 << 9 | 0x1b, 1],
];

Deno.test("what a monitor restores of a GICv2 it reads back, and the guest finds it", () => {
  const { get, set, vm } = made();
  for (const [group, offset, value, vcpu] of saved) set(group, offset, value, vcpu);
  for (const [group, offset, value, vcpu] of saved) {
    assertEquals(get(group, offset, vcpu), value, `${offset}`);
  }
  assertEquals(get(CPU_REGS, IDENT), 0x04b2_043b);
  // The line of a level-triggered interrupt reads as pending too.
  vm.setSpi(50, true);
  assertEquals(get(DIST_REGS, ISPENDR + 4), 0x100 | 1 << 50 - 32);
  // Of SGIs put back by ISPENDR, each becomes the vcpu's own, and ICPENDR forgets every sender.
  set(DIST_REGS, ISPENDR, 1 << 7, 1);
  assertEquals(get(DIST_REGS, CPENDSGIR + 4, 1), 0x02 << 24);
  set(DIST_REGS, ICPENDR, 1 << 7, 1);
  assertEquals(get(DIST_REGS, CPENDSGIR + 4, 1), 0);
});

Deno.test("groups are restored only by a monitor that says which revision it saved", () => {
  const { get, set } = made();
  set(DIST_REGS, IGROUPR, 0xffff_ffff);
  assertEquals(get(DIST_REGS, IGROUPR), 0);
  assertEquals(assertThrows(() => set(DIST_REGS, GICD_IIDR, 0x4b00_143b), KvmError).errno, "EINVAL");
  set(DIST_REGS, GICD_IIDR, 0x4b00_343b);
  set(DIST_REGS, IGROUPR, 0xffff_ffff);
  assertEquals(get(DIST_REGS, IGROUPR), 0xffff_ffff);
});

Deno.test("a GICv2 has the registers its document names, in whole words", () => {
  const { device, get } = made();
  const has = (group: number, offset: number, vcpu = 0) =>
    device.hasAttribute(group, BigInt(vcpu) << 32n | BigInt(offset));
  assertEquals(
    [CTLR, PMR, BPR, ABPR, APR0, IDENT].map((offset) => has(CPU_REGS, offset)),
    Array(6).fill(true),
  );
  assertEquals(
    [IAR, EOIR, RPR, 0xf0, 0x1000, 2].map((offset) => has(CPU_REGS, offset)),
    Array(6).fill(false),
  );
  assertEquals([ITARGETSR, SGIR, CPENDSGIR].map((offset) => has(DIST_REGS, offset)), Array(3).fill(true));
  assertEquals([0x10, 0x6000, 0x801].map((offset) => has(DIST_REGS, offset)), Array(3).fill(false));
  assertEquals(assertThrows(() => get(DIST_REGS, IPRIORITYR + 1000), KvmError).errno, "ENXIO");
  assertEquals(assertThrows(() => get(DIST_REGS, CTLR, 2), KvmError).errno, "EINVAL");
});
