// A VM's interrupt controller as a device with attributes (kernel documents "ARM Virtual Generic Interrupt
// Controller v2" and "v3 and later"): its size, its initialisation, its lines and its registers.

import { gicAttributes } from "../../kvm/device_types.ts";
import { errno } from "../../kvm/errno.ts";
import type { Gic as GicVersion } from "../../kvm/host_offer.ts";
import { giveU32, giveU64, takeU32, takeU64, type WithAttributes } from "../attributes.ts";
import type { Bytes } from "../calls.ts";
import type { VirtualMachine } from "../virtual_machine.ts";
import { GicAddresses } from "./gic_addresses.ts";
import { GicModel, gicStateBytes, type OnSignal } from "./gic_model.ts";
import { checkV2Register, CPU_REGS, getV2Register, setV2Register } from "./v2_attributes.ts";
import { GicV2Model } from "./v2_model.ts";
import {
  checkRegister,
  CPU_SYSREGS,
  DIST_REGS,
  getRegister,
  REDIST_REGS,
  setRegister,
} from "./v3_attributes.ts";

export const firstPpi = 16;
export const firstSpi = 32;

const { KVM_DEV_ARM_VGIC_GRP_ADDR: ADDR, KVM_DEV_ARM_VGIC_GRP_NR_IRQS: NR_IRQS } = gicAttributes;
const { KVM_DEV_ARM_VGIC_GRP_CTRL: CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT: INIT } = gicAttributes;
/** A GICv3's further group: the levels of lines. */
const LEVEL_INFO = 7;
const SAVE_PENDING_TABLES = 3n;

const registerGroups: Readonly<Record<GicVersion, readonly number[]>> = {
  v2: [DIST_REGS, CPU_REGS],
  v3: [DIST_REGS, REDIST_REGS, CPU_SYSREGS],
};

const defaultInterrupts = 256;
const mostInterrupts = 1023;
/** Of an attribute of LEVEL_INFO: the first INTID of 32, and above it what is asked, which must be 0. */
const intidField = 0x3ffn, levelInfo = 0x3f_fc00n;

export class Gic implements WithAttributes {
  readonly addresses: GicAddresses;
  /** Interrupts there are; 0 until that is said. */
  #interrupts = 0;
  #isInitialised = false;
  #model: GicModel | GicV2Model | undefined;
  /** Who is told of the vcpus' signals by what this thread does to the controller. */
  onSignal: OnSignal = () => {};

  constructor(readonly vm: VirtualMachine, readonly version: GicVersion) {
    this.addresses = new GicAddresses(vm, version);
  }

  get isInitialised(): boolean {
    return this.#isInitialised;
  }

  get interrupts(): number {
    return this.#interrupts || defaultInterrupts;
  }

  /** The controller itself, once it is initialised; other threads make their own over the same words. */
  get model(): GicModel | GicV2Model | undefined {
    return this.#model;
  }

  /** Vcpus that the model has words for: those that are not there never get an interrupt. */
  get modelled(): number {
    return Math.max(0, ...this.vm.vcpus.keys()) + 1;
  }

  initialise() {
    if (this.#isInitialised) return;
    this.#isInitialised = true;
    this.#interrupts = this.interrupts;
    const words = new Int32Array(new SharedArrayBuffer(gicStateBytes(this.modelled, this.#interrupts)));
    const onSignal: OnSignal = (vcpu, irq, fiq) => this.onSignal(vcpu, irq, fiq);
    const Model = this.version === "v2" ? GicV2Model : GicModel;
    this.#model = new Model(words, this.modelled, this.#interrupts, onSignal);
    this.#model.reset();
  }

  /** What KVM_RUN needs of it: 0, or minus the error number. */
  checkReady(): number {
    if (!this.addresses.arePlaced()) return -errno.ENXIO;
    const refusal = this.#lazyInitialise();
    if (refusal) return refusal;
    for (const { vcpu, isLast } of this.addresses.redistributors) {
      (this.#model as GicModel).setLast(vcpu, isLast);
    }
    return 0;
  }

  /** A GICv2 is initialised by its first use; a GICv3 must have been. */
  #lazyInitialise(): number {
    if (this.version === "v2") this.initialise();
    return this.#isInitialised ? 0 : -errno.EBUSY;
  }

  /** @param vcpu undefined for an SPI */
  setLine(vcpu: number | undefined, intid: number, isUp: boolean): number {
    const refusal = this.#lazyInitialise();
    if (refusal) return refusal;
    if (intid >= this.interrupts) return -errno.EINVAL;
    this.#model!.setLine(vcpu ?? 0, intid, isUp);
    return 0;
  }

  hasAttribute(group: number, attr: bigint): number {
    if (group === ADDR) return this.addresses.has(attr) ? 0 : -errno.ENXIO;
    if (group === NR_IRQS) return 0;
    if (group === CTRL) return this.#hasControl(attr) ? 0 : -errno.ENXIO;
    if (registerGroups[this.version].includes(group)) return this.#hasRegister(group, attr);
    return this.version === "v3" && group === LEVEL_INFO && !(attr & levelInfo) ? 0 : -errno.ENXIO;
  }

  #hasControl(attr: bigint): boolean {
    return attr === BigInt(INIT) || this.version === "v3" && attr === SAVE_PENDING_TABLES;
  }

  #hasRegister(group: number, attr: bigint): number {
    if (!this.#vcpuOf(group, attr)) return -errno.EINVAL;
    return this.version === "v3" ? checkRegister(group, attr, this.interrupts) : checkV2Register(group, attr);
  }

  /** The vcpu that an attribute's upper half names: by number for a GICv2, by affinity for a GICv3. */
  #vcpuOf(group: number, attr: bigint) {
    const upper = Number(attr >> 32n);
    if (this.version === "v2") return this.vm.vcpus.get(upper & 0xff);
    if (group === DIST_REGS) return this.vm.vcpus.values().next().value;
    return [...this.vm.vcpus.values()].find(({ affinity }) => affinity === upper);
  }

  setAttribute(group: number, attr: bigint, value?: Bytes): number {
    if (group === ADDR) return takeU64(value, (address) => this.addresses.set(attr, address));
    if (group === NR_IRQS) return takeU32(value, (count) => this.#setInterrupts(count));
    if (group === CTRL) return this.#control(attr);
    if (registerGroups[this.version].includes(group)) {
      return this.#accessRegister(
        group,
        attr,
        (model, vcpu) =>
          model instanceof GicV2Model
            ? setV2Register(model, group, attr, vcpu, value)
            : setRegister(model, group, attr, vcpu, value),
      );
    }
    return this.#accessLevels(
      group,
      attr,
      (first, vcpu) => takeU32(value, (levels) => this.#setLevels(first, vcpu, levels)),
    );
  }

  getAttribute(group: number, attr: bigint, room?: Bytes): number {
    if (group === ADDR) {
      return takeU64(room, (asked) => {
        const address = this.addresses.get(attr, asked);
        return typeof address === "number" ? address : giveU64(room, address);
      });
    }
    if (group === NR_IRQS) return giveU32(room, this.interrupts);
    if (registerGroups[this.version].includes(group)) {
      return this.#accessRegister(
        group,
        attr,
        (model, vcpu) =>
          model instanceof GicV2Model
            ? getV2Register(model, group, attr, vcpu, room)
            : getRegister(model, group, attr, vcpu, room),
      );
    }
    return this.#accessLevels(group, attr, (first, vcpu) => giveU32(room, this.#levels(first, vcpu)));
  }

  #accessRegister(
    group: number,
    attr: bigint,
    access: (model: GicModel | GicV2Model, vcpu: number) => number,
  ): number {
    const vcpu = this.#vcpuOf(group, attr);
    if (!vcpu) return -errno.EINVAL;
    return this.#lazyInitialise() || this.#hasRegister(group, attr) || access(this.#model!, vcpu.index);
  }

  #control(attr: bigint): number {
    if (!this.#hasControl(attr)) return -errno.ENXIO;
    if (attr === BigInt(INIT)) this.initialise();
    return this.#isInitialised ? 0 : -errno.ENXIO;
  }

  #setInterrupts(count: number): number {
    if (count < 64 || count > mostInterrupts || count % 32) return -errno.EINVAL;
    if (this.#interrupts) return -errno.EBUSY;
    this.#interrupts = count;
    return 0;
  }

  #accessLevels(group: number, attr: bigint, access: (first: number, vcpu: number) => number): number {
    if (this.version !== "v3" || group !== LEVEL_INFO) return -errno.ENXIO;
    const vcpu = this.#vcpuOf(group, attr);
    const first = Number(attr & intidField);
    if (!vcpu || attr & levelInfo || first % 32) return -errno.EINVAL;
    return this.#lazyInitialise() || access(first, first < firstSpi ? vcpu.index : 0);
  }

  #levels(first: number, vcpu: number): number {
    if (first >= this.interrupts) return 0;
    const bits = Array.from({ length: 32 }, (_, n) => this.#model!.isLineUp(vcpu, first + n) ? 2 ** n : 0);
    return bits.reduce((sum, bit) => sum + bit, 0);
  }

  #setLevels(first: number, vcpu: number, levels: number): number {
    for (let n = 0; n < 32; n++) {
      const intid = first + n;
      if (intid >= firstPpi && intid < this.interrupts) {
        this.#model!.restoreLine(vcpu, intid, (levels >>> n & 1) === 1);
      }
    }
    return 0;
  }
}
