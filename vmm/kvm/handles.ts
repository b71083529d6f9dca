// The contract: one typed method per ioctl, on the system, a VM, a vcpu and an in-kernel device. Every method
// throws KvmError when the backend answers with an error; `context` of that error says what was being done.

import type { Backend } from "./backend.ts";
import { capabilities, type Capability } from "./capabilities.ts";
import { type DeviceType, deviceTypes, KVM_CREATE_DEVICE_TEST } from "./device_types.ts";
import { errno } from "./errno.ts";
import { type FeatureName, features, featureWords } from "./features.ts";
import type { Ioctl } from "./ioctl.ts";
import * as calls from "./ioctls.ts";
import { KvmError } from "./kvm_error.ts";
import { type RegisterId, registerIdOf, registerName, registerSize } from "./register_id.ts";
import { RequestError } from "./request_error.ts";
import { RunPage } from "./run_page.ts";
import * as layout from "./structs.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** linux/kvm.h, KVM_MEM_*: what a memory region can do. */
export const memoryFlags = { KVM_MEM_LOG_DIRTY_PAGES: 1, KVM_MEM_READONLY: 2 };

/** linux/kvm.h, KVM_GUESTDBG_*: what KVM_SET_GUEST_DEBUG can turn on. */
export const debugControl = {
  KVM_GUESTDBG_ENABLE: 1 << 0,
  KVM_GUESTDBG_SINGLESTEP: 1 << 1,
  KVM_GUESTDBG_USE_SW_BP: 1 << 16,
  KVM_GUESTDBG_USE_HW: 1 << 17,
};

/** linux/kvm.h, KVM_MP_STATE_*: those arm64 has. */
export const mpStates = { KVM_MP_STATE_RUNNABLE: 0, KVM_MP_STATE_STOPPED: 5, KVM_MP_STATE_SUSPENDED: 10 };

/** arm64's asm/kvm.h: bits 27 to 24 of kvm_irq_level.irq say which kind of line it is, bits 15 to 0 which. */
const KVM_ARM_IRQ_TYPE_SPI = 1 << 24;
const KVM_ARM_IRQ_TYPE_PPI = 2 << 24;
const vcpuShift = 16;

const pageSize = 4096;
const theOnlyApiVersion = 12;

abstract class KvmHandle {
  constructor(readonly backend: Backend, readonly fd: number, readonly label: string) {}

  protected call(ioctl: Ioctl, argument: number | Bytes, context: string, pointee?: Bytes): number {
    const answer = this.backend.ioctl(this.fd, ioctl, argument, pointee);
    if (answer < 0) throw new KvmError(ioctl, -answer, context);
    return answer;
  }

  close() {
    this.backend.close(this.fd);
  }
}

/** `/dev/kvm`, or what stands in for it. */
export class Kvm extends KvmHandle {
  /** Throws RequestError when this machine does not have what the backend needs, or it is not arm64's. */
  static open(backend: Backend): Kvm {
    const kvm = new Kvm(backend, backend.openSystem(), "system");
    const refusal = kvm.#whyUnfit();
    if (!refusal) return kvm;
    kvm.close();
    throw new RequestError("backend", refusal);
  }

  #whyUnfit(): string | undefined {
    const version = this.apiVersion();
    if (version !== theOnlyApiVersion) {
      return `/dev/kvm speaks version ${version} of the KVM API, and ${theOnlyApiVersion} is the only one in use`;
    }
    // Every arm64 KVM has this capability, and no other architecture's does.
    if (this.checkExtension("KVM_CAP_ARM_PSCI_0_2")) return undefined;
    return `/dev/kvm is there, but it is ${Deno.build.arch}'s: KVM runs guests of the host's own ` +
      "architecture, so an arm64 guest needs an arm64 host";
  }

  apiVersion(): number {
    return this.call(calls.KVM_GET_API_VERSION, 0, "asking for the API's version");
  }

  /** 0 where the capability is not there; else 1, or how much of it there is. */
  checkExtension(capability: Capability): number {
    const { number } = capabilities[capability];
    return this.call(calls.KVM_CHECK_EXTENSION, number, `asking for ${capability}`);
  }

  /** Bytes. */
  vcpuMmapSize(): number {
    return this.call(calls.KVM_GET_VCPU_MMAP_SIZE, 0, "asking for the size of kvm_run");
  }

  /** @param ipaBits bits of guest-physical address; 0 stands for the API's default of 40 */
  createVm(ipaBits = 0): Vm {
    const fd = this.call(calls.KVM_CREATE_VM, ipaBits, `creating a VM of ${ipaBits || 40} address bits`);
    return new Vm(this.backend, fd, "VM", this.vcpuMmapSize());
  }
}

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

  /** Sets the level of a shared peripheral interrupt, by its INTID (32 and up). */
  setSpi(intid: number, level: boolean) {
    this.#setIrqLine(KVM_ARM_IRQ_TYPE_SPI | intid, level);
  }

  /** Sets the level of a private peripheral interrupt (INTID 16 to 31) of one vcpu (0 to 255). */
  setPpi(vcpu: number, intid: number, level: boolean) {
    this.#setIrqLine(KVM_ARM_IRQ_TYPE_PPI | vcpu << vcpuShift | intid, level);
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

/** Something with KVM_SET_DEVICE_ATTR and its kin: an in-kernel device, or a vcpu's own attributes. */
abstract class WithAttributes extends KvmHandle {
  hasAttribute(group: number, attr: number | bigint): boolean {
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    const answer = this.backend.ioctl(this.fd, calls.KVM_HAS_DEVICE_ATTR, argument);
    if (answer < 0 && answer !== -errno.ENXIO) {
      throw new KvmError(calls.KVM_HAS_DEVICE_ATTR, -answer, this.#describe("asking for", group, attr));
    }
    return answer === 0;
  }

  /** @param value the attribute's bytes, of the size its documentation gives; none for a command */
  setAttribute(group: number, attr: number | bigint, value: Bytes = new Uint8Array(0)) {
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    this.call(calls.KVM_SET_DEVICE_ATTR, argument, this.#describe("setting", group, attr), value);
  }

  /** @param size bytes of the attribute, as its documentation gives */
  getAttribute(group: number, attr: number | bigint, size: number): Bytes {
    const value = new Uint8Array(new ArrayBuffer(size));
    const argument = layout.kvm_device_attr.pack({ group, attr: BigInt(attr) });
    this.call(calls.KVM_GET_DEVICE_ATTR, argument, this.#describe("reading", group, attr), value);
    return value;
  }

  #describe(verb: string, group: number, attr: number | bigint): string {
    return `${verb} attribute ${attr} of group ${group} of ${this.label}`;
  }
}

export class KvmDevice extends WithAttributes {}

export class Vcpu extends WithAttributes {
  constructor(backend: Backend, fd: number, readonly index: number, readonly runPageSize: number) {
    super(backend, fd, `vcpu ${index}`);
  }

  init(target: number, names: readonly FeatureName[]) {
    const argument = layout.kvm_vcpu_init.pack({ target, features: featureWords(names) });
    const asked = names.length ? names.join(", ") : "no features";
    this.call(calls.KVM_ARM_VCPU_INIT, argument, `initialising ${this.label} with ${asked}`);
  }

  finalize(feature: FeatureName) {
    const argument = new Uint8Array(new Int32Array([features[feature].bit]).buffer);
    this.call(calls.KVM_ARM_VCPU_FINALIZE, argument, `finalizing ${feature} of ${this.label}`);
  }

  /** The register's bytes, little-endian. */
  getRegisterBytes(id: RegisterId): Bytes {
    const value = new Uint8Array(new ArrayBuffer(registerSize(id)));
    const argument = layout.kvm_one_reg.pack({ id });
    this.call(calls.KVM_GET_ONE_REG, argument, `reading ${registerName(id)} of ${this.label}`, value);
    return value;
  }

  setRegisterBytes(id: RegisterId, value: Bytes) {
    const argument = layout.kvm_one_reg.pack({ id });
    this.call(calls.KVM_SET_ONE_REG, argument, `writing ${registerName(id)} of ${this.label}`, value);
  }

  /** A register as one unsigned integer of its own size. */
  getRegister(id: RegisterId): bigint {
    return this.getRegisterBytes(id).reduceRight((value, byte) => value << 8n | BigInt(byte), 0n);
  }

  setRegister(id: RegisterId, value: bigint) {
    const bytes = new Uint8Array(new ArrayBuffer(registerSize(id)));
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = Number(value >> BigInt(8 * index) & 0xffn);
    }
    this.setRegisterBytes(id, bytes);
  }

  registerList(): RegisterId[] {
    const context = `listing the registers of ${this.label}`;
    const head = layout.kvm_reg_list.pack({ n: 0n });
    const answer = this.backend.ioctl(this.fd, calls.KVM_GET_REG_LIST, head);
    if (answer !== -errno.E2BIG) throw new KvmError(calls.KVM_GET_REG_LIST, -answer, context);
    const count = Number(layout.kvm_reg_list.unpack(head).n);
    const list = new Uint8Array(new ArrayBuffer(head.length + 8 * count));
    list.set(head);
    this.call(calls.KVM_GET_REG_LIST, list, context);
    return Array.from(new BigUint64Array(list.buffer, head.length, count), registerIdOf);
  }

  /** One of `mpStates`. */
  getMpState(): number {
    const answer = layout.kvm_mp_state.pack({});
    this.call(calls.KVM_GET_MP_STATE, answer, `reading the run state of ${this.label}`);
    return layout.kvm_mp_state.unpack(answer).mp_state;
  }

  setMpState(state: number) {
    this.call(
      calls.KVM_SET_MP_STATE,
      layout.kvm_mp_state.pack({ mp_state: state }),
      `setting the run state of ${this.label}`,
    );
  }

  getEvents(): VcpuEvents {
    const answer = layout.kvm_vcpu_events.pack({});
    this.call(calls.KVM_GET_VCPU_EVENTS, answer, `reading the pending exceptions of ${this.label}`);
    return layout.kvm_vcpu_events.unpack(answer);
  }

  setEvents(events: VcpuEvents) {
    this.call(
      calls.KVM_SET_VCPU_EVENTS,
      layout.kvm_vcpu_events.pack(events),
      `setting pending exceptions of ${this.label}`,
    );
  }

  setGuestDebug(debug: Parameters<typeof layout.kvm_guest_debug.pack>[0]) {
    this.call(
      calls.KVM_SET_GUEST_DEBUG,
      layout.kvm_guest_debug.pack(debug),
      `setting up debugging of ${this.label}`,
    );
  }

  mapRunPage(): RunPage {
    return new RunPage(this.backend.mapRunPage(this.fd, this.runPageSize));
  }

  /**
   * Runs the guest until an exit. 0 says that the page holds one, EINTR that a signal or `immediateExit` came
   * first; anything else is a KvmError.
   */
  run(): 0 | typeof errno.EINTR {
    const answer = this.backend.ioctl(this.fd, calls.KVM_RUN, 0);
    if (answer === 0) return 0;
    if (answer === -errno.EINTR) return errno.EINTR;
    throw new KvmError(calls.KVM_RUN, -answer, `running ${this.label}`);
  }
}

export type VcpuEvents = ReturnType<typeof layout.kvm_vcpu_events.unpack>;
