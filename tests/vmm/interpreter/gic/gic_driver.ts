// A guest's view of a GicModel, for tests: what drivers do to a GICv3, by the registers' own offsets (Arm IHI
// 0069, "GIC register names and offsets").

import { GicModel, gicStateBytes, type IccName } from "../../../../vmm/interpreter/gic/gic_model.ts";

export const spurious = 1023;
export const idle = 0xff;
const GICD_CTLR = 0, EnableGrp1 = 2;
const IGROUPR = 0x80, ISENABLER = 0x100, ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280;
const ISACTIVER = 0x300, IPRIORITYR = 0x400, ICFGR = 0xc00, IROUTER = 0x6000;
const sgiFrame = 0x1_0000;
const firstSpi = 32;

export class GicDriver {
  readonly model: GicModel;
  /** What was told of signals: vcpu, IRQ, FIQ. */
  readonly told: [number, boolean, boolean][] = [];

  constructor(
    readonly vcpus = 2,
    interrupts = 96,
    readonly words = new Int32Array(new SharedArrayBuffer(gicStateBytes(vcpus, interrupts))),
  ) {
    this.model = new GicModel(words, vcpus, interrupts, (...signal) => this.told.push(signal));
  }

  /** Out of reset, everything on and every priority let through. */
  start(): this {
    this.model.reset();
    this.model.distributorWrite(GICD_CTLR, 4, EnableGrp1);
    for (let vcpu = 0; vcpu < this.vcpus; vcpu++) {
      this.icc("ICC_PMR_EL1", 0xff, vcpu);
      this.icc("ICC_IGRPEN1_EL1", 1, vcpu);
      this.icc("ICC_IGRPEN0_EL1", 1, vcpu);
    }
    this.told.length = 0;
    return this;
  }

  icc(name: IccName, value: number, vcpu = 0) {
    this.model.writeIcc(vcpu, name, value);
  }

  readIcc(name: IccName, vcpu = 0): number {
    return this.model.readIcc(vcpu, name);
  }

  write(intid: number, offset: number, width: number, value: number, vcpu = 0) {
    if (intid < firstSpi) this.model.redistributorWrite(vcpu, sgiFrame + offset, width, value);
    else this.model.distributorWrite(offset, width, value);
  }

  #bit(intid: number, register: number, vcpu: number) {
    this.write(intid, register + 4 * (intid >> 5), 4, 1 << (intid & 31), vcpu);
  }

  enable(intid: number, priority: number, vcpu = 0) {
    this.write(intid, IPRIORITYR + intid, 1, priority, vcpu);
    this.#bit(intid, ISENABLER, vcpu);
  }

  disable = (intid: number, vcpu = 0) => this.#bit(intid, ICENABLER, vcpu);
  pend = (intid: number, vcpu = 0) => this.#bit(intid, ISPENDR, vcpu);
  unpend = (intid: number, vcpu = 0) => this.#bit(intid, ICPENDR, vcpu);

  makeEdge(intid: number) {
    const offset = ICFGR + 4 * (intid >> 4);
    const others = this.model.distributorRead(offset, 4);
    this.model.distributorWrite(offset, 4, others | 2 << 2 * (intid & 15));
  }

  /** Group 0 for this interrupt, group 1 for the other 31 of its register. */
  makeGroup0(intid: number, vcpu = 0) {
    this.write(intid, IGROUPR + 4 * (intid >> 5), 4, ~(1 << (intid & 31)), vcpu);
  }

  route(intid: number, affinity: number) {
    this.model.distributorWrite(IROUTER + 8 * intid, 8, affinity);
  }

  #has(intid: number, register: number, vcpu: number): boolean {
    const offset = register + 4 * (intid >> 5);
    const word = intid < firstSpi
      ? this.model.redistributorRead(vcpu, sgiFrame + offset, 4)
      : this.model.distributorRead(offset, 4);
    return (word >>> (intid & 31) & 1) === 1;
  }

  isPending = (intid: number, vcpu = 0) => this.#has(intid, ISPENDR, vcpu);
  isActive = (intid: number, vcpu = 0) => this.#has(intid, ISACTIVER, vcpu);
}
