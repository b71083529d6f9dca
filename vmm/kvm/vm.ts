// A VM's handle: one typed method per ioctl. Each throws KvmError when the backend answers with an error.

import type { Backend } from "./backend.ts";
import { capabilities, type Capability } from "./capabilities.ts";
import { type DeviceType, deviceTypes, KVM_CREATE_DEVICE_TEST } from "./device_types.ts";
import { errno } from "./errno.ts";
import { type Bytes, KvmHandle } from "./handle.ts";
import * as calls from "./ioctls.ts";
import { KvmDevice } from "./kvm_device.ts";
import { KvmError } from "./kvm_error.ts";
import { type RegisterId, sysreg } from "./register_id.ts";
import * as layout from "./structs.ts";
import { Vcpu } from "./vcpu.ts";

/** linux/kvm.h, KVM_MEM_*: what a memory region can do. */
export const memoryFlags = { KVM_MEM_LOG_DIRTY_PAGES: 1, KVM_MEM_READONLY: 2 };

/** arm64's asm/kvm.h: bits 27 to 24 of kvm_irq_level.irq say which kind of line it is, bits 15 to 0 which. */
const KVM_ARM_IRQ_TYPE_SPI = 1 << 24;
const KVM_ARM_IRQ_TYPE_PPI = 2 << 24;
const vcpuShift = 16;

/** `kvm_irq_level.irq` of a shared interrupt, or of one vcpu's own (0 to 255), by INTID. */
export const irqLine = {
  spi: (intid: number) => KVM_ARM_IRQ_TYPE_SPI | intid,
  ppi: (vcpu: number, intid: number) => KVM_ARM_IRQ_TYPE_PPI | vcpu << vcpuShift | intid,
};

const pageSize = 4096;

/** arm64's asm/kvm.h: the only range there is, and the registers its 192 masks are for, in their order. */
export const KVM_ARM_FEATURE_ID_RANGE = 0;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
export const featureIdRange: readonly RegisterId[] = [0, 1, 3].flatMap((op1) =>
  upTo(8).flatMap((crm) => upTo(8).map((op2) => sysreg(3, op1, 0, crm, op2)))
);

export interface MemoryRegion {
  slot: number;
  /** Guest-physical, a multiple of the host's page size. */
  guestAddress: bigint;
  /** Bytes; 0 removes the slot. */
  size: bigint;
  /** Where the monitor has the memory. */
  hostAddress: bigint;
  readOnly?: boolean;
  logDirtyPages?: boolean;
}

export class Vm extends KvmHandle {
  readonly #irqLevel: Bytes = layout.kvm_irq_level.pack({});
  readonly #irqView = new DataView(this.#irqLevel.buffer);

  constructor(backend: Backend, fd: number, label: string, readonly runPageSize: number) {
    super(backend, fd, label);
  }

  checkExtension(capability: Capability): number {
    const { number } = capabilities[capability];
    return this.call(calls.KVM_CHECK_EXTENSION, number, `asking for ${capability} of the VM`);
  }

  enableCapability(capability: Capability) {
    const argument = layout.kvm_enable_cap.pack({ cap: capabilities[capability].number });
    this.call(calls.KVM_ENABLE_CAP, argument, `enabling ${capability}`);
  }

  /** The kvm_vcpu_init that fits this host: its target, and no features. */
  preferredTarget(): { target: number; features: number[] } {
    const answer = layout.kvm_vcpu_init.pack({});
    this.call(calls.KVM_ARM_PREFERRED_TARGET, answer, "asking for the host's vcpu type");
    return layout.kvm_vcpu_init.unpack(answer);
  }

  createVcpu(index: number): Vcpu {
    const fd = this.call(calls.KVM_CREATE_VCPU, index, `creating vcpu ${index}`);
    return new Vcpu(this.backend, fd, index, this.runPageSize);
  }

  setUserMemoryRegion(region: MemoryRegion) {
    const flags = (region.readOnly ? memoryFlags.KVM_MEM_READONLY : 0) |
      (region.logDirtyPages ? memoryFlags.KVM_MEM_LOG_DIRTY_PAGES : 0);
    const argument = layout.kvm_userspace_memory_region.pack({
      slot: region.slot,
      flags,
      guest_phys_addr: region.guestAddress,
      memory_size: region.size,
      userspace_addr: region.hostAddress,
    });
    const where = `0x${region.guestAddress.toString(16)}`;
    this.call(calls.KVM_SET_USER_MEMORY_REGION, argument, `setting memory slot ${region.slot} at ${where}`);
  }

  /** A bitmap, bit n for page n of the slot, of what was written since the last call. */
  dirtyLog(slot: number, slotSize: number): Bytes {
    const bitmap = new Uint8Array(new ArrayBuffer(8 * Math.ceil(slotSize / pageSize / 64)));
    const argument = layout.kvm_dirty_log.pack({ slot });
    this.call(calls.KVM_GET_DIRTY_LOG, argument, `reading the dirty log of slot ${slot}`, bitmap);
    return bitmap;
  }

  /** The bits of each ID register that KVM_SET_ONE_REG can change, of registers that have any. */
  writableMasks(): Map<RegisterId, bigint> {
    const masks = new BigUint64Array(new ArrayBuffer(8 * featureIdRange.length));
    const argument = layout.reg_mask_range.pack({ range: KVM_ARM_FEATURE_ID_RANGE });
    const bytes = new Uint8Array(masks.buffer);
    this.call(calls.KVM_ARM_GET_REG_WRITABLE_MASKS, argument, "asking for the writable bits", bytes);
    return new Map(
      featureIdRange.flatMap((id, index) => masks[index] ? [[id, masks[index]] as const] : []),
    );
  }

  /** Sets the level of a shared peripheral interrupt, by its INTID (32 and up). */
  setSpi(intid: number, level: boolean) {
    this.#setIrqLine(irqLine.spi(intid), level);
  }

  /** Sets the level of a private peripheral interrupt (INTID 16 to 31) of one vcpu (0 to 255). */
  setPpi(vcpu: number, intid: number, level: boolean) {
    this.#setIrqLine(irqLine.ppi(vcpu, intid), level);
  }

  #setIrqLine(irq: number, level: boolean) {
    const { offsets } = layout.kvm_irq_level;
    this.#irqView.setUint32(offsets.irq, irq, true);
    this.#irqView.setUint32(offsets.level, level ? 1 : 0, true);
    const answer = this.backend.ioctl(this.fd, calls.KVM_IRQ_LINE, this.#irqLevel);
    if (answer < 0) {
      throw new KvmError(calls.KVM_IRQ_LINE, -answer, `setting interrupt line 0x${irq.toString(16)}`);
    }
  }

  /** Ties SPI `gsi` (INTID - 32) to an eventfd, or with `deassign` unties it. */
  irqfd(fd: number, gsi: number, { deassign = false } = {}) {
    const argument = layout.kvm_irqfd.pack({ fd, gsi, flags: deassign ? 1 : 0 });
    this.call(calls.KVM_IRQFD, argument, `${deassign ? "untying" : "tying"} an eventfd and interrupt ${gsi}`);
  }

  /** A guest's write of `length` bytes (1, 2, 4, 8) at `address` signals the eventfd, without an exit. */
  ioeventfd(fd: number, address: bigint, length: number, { deassign = false } = {}) {
    const argument = layout.kvm_ioeventfd.pack({
      addr: address,
      len: length,
      fd,
      flags: deassign ? 1 << 2 : 0,
    });
    const where = `0x${address.toString(16)}`;
    this.call(
      calls.KVM_IOEVENTFD,
      argument,
      `${deassign ? "untying" : "tying"} an eventfd and writes at ${where}`,
    );
  }

  createDevice(type: DeviceType): KvmDevice {
    const argument = layout.kvm_create_device.pack({ type: deviceTypes[type] });
    this.call(calls.KVM_CREATE_DEVICE, argument, `creating ${type}`);
    return new KvmDevice(this.backend, layout.kvm_create_device.unpack(argument).fd, type);
  }

  /** Whether `createDevice` could succeed. */
  canCreateDevice(type: DeviceType): boolean {
    const argument = layout.kvm_create_device.pack({
      type: deviceTypes[type],
      flags: KVM_CREATE_DEVICE_TEST,
    });
    const answer = this.backend.ioctl(this.fd, calls.KVM_CREATE_DEVICE, argument);
    if (answer === 0) return true;
    if (answer === -errno.ENODEV) return false;
    throw new KvmError(calls.KVM_CREATE_DEVICE, -answer, `asking for ${type}`);
  }
}
