// A vcpu's own attributes: its PMU, its timers' interrupts, its record of stolen time (kernel document
// "Generic vcpu interface").

import { errno } from "../kvm/errno.ts";
import { giveU32, giveU64, takeU32, takeU64, type WithAttributes } from "./attributes.ts";
import type { Bytes } from "./calls.ts";
import { firstPpi, firstSpi } from "./gic/gic.ts";
import type { VirtualCpu } from "./virtual_cpu.ts";

const PMU = 0, TIMER = 1, PVTIME = 2;
const PMU_IRQ = 0n, PMU_INIT = 1n;
const PVTIME_IPA = 0n;
const unset = (1n << 64n) - 1n;
/** Bytes that the record of stolen time is aligned to. */
const pvtimeAlign = 64n;

export class VcpuAttributes implements WithAttributes {
  #pmuInterrupt: number | undefined;
  #isPmuCreated = false;
  #stolenTime = unset;

  constructor(readonly vcpu: VirtualCpu) {}

  /** INTID of the PMU's interrupt. */
  get pmuInterrupt(): number | undefined {
    return this.#pmuInterrupt;
  }

  /** Guest-physical address of the record of stolen time. */
  get stolenTime(): bigint | undefined {
    return this.#stolenTime === unset ? undefined : this.#stolenTime;
  }

  /** What KVM_RUN needs of the PMU: 0, or minus the error number. */
  checkPmu(): number {
    if (!this.#hasPmu()) return 0;
    const isUseless = this.#pmuInterrupt !== undefined && !this.vcpu.vm.gic;
    return this.#isPmuCreated && !isUseless ? 0 : -errno.EINVAL;
  }

  hasAttribute(group: number, attr: bigint): number {
    switch (group) {
      case PMU:
        return this.#hasPmu() && (attr === PMU_IRQ || attr === PMU_INIT) ? 0 : -errno.ENXIO;
      case TIMER:
        return this.#timer(attr) === undefined ? -errno.ENXIO : 0;
      case PVTIME:
        return attr === PVTIME_IPA ? 0 : -errno.ENXIO;
      default:
        return -errno.ENXIO;
    }
  }

  setAttribute(group: number, attr: bigint, value?: Bytes): number {
    switch (group) {
      case PMU:
        return this.#setPmu(attr, value);
      case TIMER:
        return this.#setTimer(attr, value);
      case PVTIME:
        return attr === PVTIME_IPA ? takeU64(value, (ipa) => this.#setStolenTime(ipa)) : -errno.ENXIO;
      default:
        return -errno.ENXIO;
    }
  }

  getAttribute(group: number, attr: bigint, room?: Bytes): number {
    if (group === PMU) return this.#getPmu(attr, room);
    if (group === PVTIME && attr === PVTIME_IPA) return giveU64(room, this.#stolenTime);
    const interrupt = group === TIMER ? this.#timer(attr) : undefined;
    return interrupt === undefined ? -errno.ENXIO : giveU32(room, interrupt);
  }

  #hasPmu(): boolean {
    return this.vcpu.features?.has("KVM_ARM_VCPU_PMU_V3") ?? false;
  }

  #timer(attr: bigint): number | undefined {
    return attr < 0x100n ? this.vcpu.vm.timerInterrupts[Number(attr)] : undefined;
  }

  #setTimer(attr: bigint, value?: Bytes): number {
    const { vm } = this.vcpu;
    if (!vm.gic) return -errno.EINVAL;
    return takeU32(value, (intid) => {
      if (!isPpi(intid)) return -errno.EINVAL;
      if (vm.hasRun) return -errno.EBUSY;
      if (this.#timer(attr) === undefined) return -errno.ENXIO;
      vm.timerInterrupts[Number(attr)] = intid;
      return 0;
    });
  }

  #setPmu(attr: bigint, value?: Bytes): number {
    if (!this.#hasPmu()) return -errno.ENODEV;
    if (this.#isPmuCreated) return -errno.EBUSY;
    if (attr === PMU_INIT) return this.#createPmu();
    if (attr !== PMU_IRQ) return -errno.ENXIO;
    if (!this.vcpu.vm.gic) return -errno.EINVAL;
    return takeU32(value, (intid) => this.#setPmuInterrupt(intid));
  }

  #setPmuInterrupt(intid: number): number {
    if (intid < firstPpi || !this.#fitsOthers(intid)) return -errno.EINVAL;
    if (this.#pmuInterrupt !== undefined) return -errno.EBUSY;
    this.#pmuInterrupt = intid;
    return 0;
  }

  /** A PPI is the same on every vcpu, an SPI on none. */
  #fitsOthers(intid: number): boolean {
    const others = [...this.vcpu.vm.vcpus.values()].map(({ attributes }) => attributes.#pmuInterrupt);
    return others.filter((other) => other !== undefined).every((other) => (other === intid) === isPpi(intid));
  }

  #createPmu(): number {
    const { gic } = this.vcpu.vm;
    if (gic && !gic.isInitialised) return -errno.ENODEV;
    if (gic && this.#pmuInterrupt === undefined) return -errno.ENXIO;
    this.#isPmuCreated = true;
    return 0;
  }

  #getPmu(attr: bigint, room?: Bytes): number {
    if (attr !== PMU_IRQ) return -errno.ENXIO;
    if (!this.vcpu.vm.gic) return -errno.EINVAL;
    if (!this.#hasPmu()) return -errno.ENODEV;
    return this.#pmuInterrupt === undefined ? -errno.ENXIO : giveU32(room, this.#pmuInterrupt);
  }

  #setStolenTime(ipa: bigint): number {
    if (ipa % pvtimeAlign) return -errno.EINVAL;
    if (this.#stolenTime !== unset) return -errno.EEXIST;
    if (!this.vcpu.vm.memory.has(ipa)) return -errno.EINVAL;
    this.#stolenTime = ipa;
    return 0;
  }
}

const isPpi = (intid: number) => intid >= firstPpi && intid < firstSpi;
