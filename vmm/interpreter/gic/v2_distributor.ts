// A GICv2's distributor (Arm IHI 0048, "Distributor register descriptions"), as Linux's KVM has it: one enable bit
// for both groups, and an SPI goes to the first of its targets. What is not here reads as zero and ignores
// writes, as does an access of a width that a register does not have. The lock is held wherever it is called.

import type { Delivery } from "./delivery.ts";
import { KVM_IIDR } from "./distributor.ts";
import { bank, firstSpi, type GicState, head, sgis } from "./gic_state.ts";
import { firstIntid, type InterruptRegisters, isInterruptRegister, shared } from "./interrupt_registers.ts";

const GICD_CTLR = 0x0, GICD_TYPER = 0x4, GICD_IIDR = 0x8;
const GICD_ISPENDR = 0x200, GICD_ICPENDR = 0x280;
const GICD_ITARGETSR = 0x800, targetsEnd = 0xc00;
const GICD_SGIR = 0xf00, GICD_CPENDSGIR = 0xf10, GICD_SPENDSGIR = 0xf20, pendingSgisEnd = 0xf30;
/** GICD_TYPER.CPUNumber. */
const CPUNumber = 5;
/** GICD_SGIR, TargetListFilter's values. */
const toList = 0, toOthers = 1, toSelf = 2;
const revisionShift = 12, revisionField = 0xf;
const fittingRevisions = [2, 3];
const IGROUPR = 0x80, groupsEnd = 0x100;

export class V2Distributor {
  constructor(
    readonly state: GicState,
    readonly delivery: Delivery,
    readonly interrupts: InterruptRegisters,
  ) {}

  read(vcpu: number, offset: number, width: number): number {
    if (isInterruptRegister(offset)) return this.interrupts.read(frameOf(vcpu, offset), offset, width);
    if (isTargets(offset)) return this.#bytes(offset, width, (n) => this.#targets(vcpu, n));
    if (isPendingSgis(offset)) return this.#bytes(offset, width, (n) => this.state.sources(vcpu, n & 0xf));
    return width === 4 ? this.#readPlain(offset) : 0;
  }

  write(vcpu: number, offset: number, width: number, value: number) {
    if (isInterruptRegister(offset)) {
      const ignored = isPendingOfSgis(offset) ? sgis : 0;
      return this.interrupts.write(frameOf(vcpu, offset), offset, width, value & ~ignored);
    }
    if (isTargets(offset)) {
      return this.#eachByte(offset, width, value, (n, byte) => this.#setTargets(n, byte));
    }
    if (isPendingSgis(offset)) {
      const isSet = offset >= GICD_SPENDSGIR;
      return this.#eachByte(offset, width, value, (n, byte) => this.#pendSources(vcpu, n & 0xf, byte, isSet));
    }
    if (width !== 4) return;
    if (offset === GICD_CTLR) {
      this.state.words[head.ENABLED] = value & 1;
      this.delivery.refreshAll();
    } else if (offset === GICD_SGIR) this.#send(vcpu, value);
  }

  /** KVM_SET_DEVICE_ATTR: whether the value can be kept. */
  restore(vcpu: number, offset: number, value: number): boolean {
    if (offset === GICD_IIDR) return this.#writeIdentification(value);
    // An older monitor saved every interrupt as one of group 1, whatever it was: it does not say which it is.
    const isOfGroups = offset >= IGROUPR && offset < groupsEnd;
    if (isOfGroups && !this.state.words[head.GROUPS_RESTORED]) return true;
    this.write(vcpu, offset, 4, value);
    // Nobody says whose the SGIs are: they become the vcpu's own.
    if (isPendingOfSgis(offset)) this.#restoreSgis(vcpu, value, offset < GICD_ICPENDR);
    return true;
  }

  #restoreSgis(vcpu: number, bits: number, isSet: boolean) {
    for (let sgi = 0; sgi < 16; sgi++) {
      if (bits >> sgi & 1) this.#pendSources(vcpu, sgi, isSet ? 1 << vcpu : 0xff, isSet);
    }
  }

  #readPlain(offset: number): number {
    const { words, vcpus, spiBanks } = this.state;
    switch (offset) {
      case GICD_CTLR:
        return words[head.ENABLED]!;
      case GICD_TYPER:
        return vcpus - 1 << CPUNumber | spiBanks;
      case GICD_IIDR:
        return KVM_IIDR | words[head.REVISION]! << revisionShift;
      default:
        return 0;
    }
  }

  #writeIdentification(value: number): boolean {
    const revision = value >>> revisionShift & revisionField;
    const isOurs = (value & ~(revisionField << revisionShift)) === KVM_IIDR;
    if (!isOurs || !fittingRevisions.includes(revision)) return false;
    this.state.words[head.REVISION] = revision;
    this.state.words[head.GROUPS_RESTORED] = 1;
    return true;
  }

  #bytes(offset: number, width: number, byte: (n: number) => number): number {
    if (width !== 1 && width !== 4) return 0;
    let value = 0;
    for (let n = 0; n < width; n++) value |= byte((offset & 0x3ff) + n) << 8 * n;
    return value;
  }

  #eachByte(offset: number, width: number, value: number, set: (n: number, byte: number) => void) {
    if (width !== 1 && width !== 4) return;
    for (let n = 0; n < width; n++) set((offset & 0x3ff) + n, value >>> 8 * n & 0xff);
  }

  #targets(vcpu: number, intid: number): number {
    if (intid < firstSpi) return 1 << vcpu;
    return intid < this.state.interrupts ? this.state.route(intid) : 0;
  }

  #setTargets(intid: number, list: number) {
    if (intid < firstSpi || intid >= this.state.interrupts) return;
    this.state.setTargets(intid, list);
    this.delivery.refreshAll();
  }

  #send(from: number, value: number) {
    const { vcpus } = this.state;
    const filter = value >>> 24 & 3, sgi = value & 0xf;
    const everyone = (1 << vcpus) - 1;
    const list = filter === toList
      ? value >>> 16 & everyone
      : filter === toOthers
      ? everyone & ~(1 << from)
      : filter === toSelf
      ? 1 << from
      : 0;
    for (let to = 0; to < vcpus; to++) if (list >> to & 1) this.#pendSources(to, sgi, 1 << from, true);
  }

  /** An SGI is pending as long as any vcpu's is that sent it. */
  #pendSources(vcpu: number, sgi: number, list: number, isSet: boolean) {
    const before = this.state.sources(vcpu, sgi);
    const sources = isSet ? before | list : before & ~list;
    this.state.setSources(vcpu, sgi, sources);
    const at = this.state.bank(vcpu) + bank.LATCH;
    if (sources) this.state.words[at]! |= 1 << sgi;
    else this.state.words[at]! &= ~(1 << sgi);
    this.delivery.refresh(vcpu);
  }
}

/** KVM_HAS_DEVICE_ATTR: whether a word is at this offset, and of how many interrupts each needs to be. */
export function hasV2Distributor(offset: number): boolean {
  if (offset % 4) return false;
  return offset <= GICD_IIDR || isInterruptRegister(offset) || isTargets(offset) || offset === GICD_SGIR ||
    isPendingSgis(offset);
}

/** Whether the interrupts there are have that word. */
export function isWithin(offset: number, interrupts: number): boolean {
  if (isTargets(offset)) return offset - GICD_ITARGETSR < interrupts;
  return !isInterruptRegister(offset) || firstIntid(offset) < interrupts;
}

const isTargets = (offset: number) => offset >= GICD_ITARGETSR && offset < targetsEnd;
const isPendingSgis = (offset: number) => offset >= GICD_CPENDSGIR && offset < pendingSgisEnd;
const isPendingOfSgis = (offset: number) => offset === GICD_ISPENDR || offset === GICD_ICPENDR;
const frameOf = (vcpu: number, offset: number) => firstIntid(offset) < firstSpi ? vcpu : shared;
