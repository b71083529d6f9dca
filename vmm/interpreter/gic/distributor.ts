// The distributor's frame (Arm IHI 0069, "The GIC Distributor register descriptions"), as Linux's KVM has it:
// one security state, affinity routing always on, no LPIs and no message-based SPIs. What is not here reads
// as zero and ignores writes, as does an access of a width that a register does not have.

import type { Delivery } from "./delivery.ts";
import { affinityField, firstSpi, type GicState, head, Interrupt_Routing_Mode } from "./gic_state.ts";
import { InterruptRegisters, isInterruptRegister, shared } from "./interrupt_registers.ts";

const GICD_CTLR = 0x0, GICD_TYPER = 0x4, GICD_IIDR = 0x8, GICD_STATUSR = 0x10;
const GICD_IROUTER = 0x6000, GICD_PIDR2 = 0xffe8;
const routersEnd = 0x8000, identificationRegisters = 0xffd0, frameEnd = 0x1_0000;
/** What a GICv3 has only without affinity routing or with two security states: targets, modifiers, NSACRs. */
const alwaysZero = [[0x800, 0xc00], [0xd00, 0xd80], [0xe00, 0xf00]] as const;
/** GICD_CTLR: its enable bit, and those that are always one. */
const EnableGrp1 = 1 << 1, ARE = 1 << 4, DS = 1 << 6;
/** GICD_TYPER.IDbits: bits of an interrupt's number, less 1. */
const tenBits = 9 << 19;
/** Of KVM's GICD_IIDR, ProductID and Implementer; of every GICv3's GICD_PIDR2, ArchRev. */
export const KVM_IIDR = 0x4b00_043b;
const GICv3 = 0x3b;
const revisionShift = 12, revisionField = 0xf;
const fittingRevisions = [2, 3];

export class Distributor {
  constructor(
    readonly state: GicState,
    readonly delivery: Delivery,
    readonly interrupts: InterruptRegisters,
  ) {}

  /** The lower half; the upper half of every register is zero. */
  read(offset: number, width: number): number {
    if (isInterruptRegister(offset)) return this.interrupts.read(shared, offset, width);
    if (offset >= GICD_IROUTER && offset < routersEnd) return this.#readRoute(offset, width);
    return width === 4 ? this.#readPlain(offset) : 0;
  }

  /** @param value the lower half, which alone means something here */
  write(offset: number, width: number, value: number) {
    if (isInterruptRegister(offset)) return this.interrupts.write(shared, offset, width, value);
    if (offset >= GICD_IROUTER && offset < routersEnd) return this.#writeRoute(offset, width, value);
    if (width !== 4 || offset !== GICD_CTLR) return;
    this.state.words[head.ENABLED] = value & EnableGrp1;
    this.delivery.refreshAll();
  }

  /** KVM_HAS_DEVICE_ATTR: whether a word is at this offset, in a controller of so many interrupts. */
  static has(offset: number, interrupts: number): boolean {
    if (offset % 4) return false;
    if (isInterruptRegister(offset)) return InterruptRegisters.has(offset, interrupts);
    if (offset >= GICD_IROUTER && offset < routersEnd) return (offset - GICD_IROUTER) / 8 < interrupts;
    return offset <= GICD_STATUSR || alwaysZero.some(([first, end]) => offset >= first && offset < end) ||
      offset >= identificationRegisters && offset < frameEnd;
  }

  readAttribute(offset: number): number {
    return isInterruptRegister(offset) ? this.interrupts.read(shared, offset, 4, true) : this.read(offset, 4);
  }

  /** Whether the value can be kept. */
  writeAttribute(offset: number, value: number): boolean {
    if (offset === GICD_IIDR) return this.#writeIdentification(value);
    if (isInterruptRegister(offset)) this.interrupts.write(shared, offset, 4, value, true);
    else this.write(offset, 4, value);
    return true;
  }

  #readPlain(offset: number): number {
    switch (offset) {
      case GICD_CTLR:
        return this.state.words[head.ENABLED]! | ARE | DS;
      case GICD_TYPER:
        return tenBits | this.state.spiBanks;
      case GICD_IIDR:
        return KVM_IIDR | this.state.words[head.REVISION]! << revisionShift;
      case GICD_PIDR2:
        return GICv3;
      default:
        return 0;
    }
  }

  /** A saved controller says what it was; the revision may be an earlier one. */
  #writeIdentification(value: number): boolean {
    const revision = value >>> revisionShift & revisionField;
    const isOurs = (value & ~(revisionField << revisionShift)) === KVM_IIDR;
    if (!isOurs || !fittingRevisions.includes(revision)) return false;
    this.state.words[head.REVISION] = revision;
    return true;
  }

  #readRoute(offset: number, width: number): number {
    const intid = offset - GICD_IROUTER >> 3;
    const isThere = intid >= firstSpi && intid < this.state.interrupts;
    return isThere && isRouteAccess(offset, width) ? this.state.route(intid) : 0;
  }

  #writeRoute(offset: number, width: number, value: number) {
    const intid = offset - GICD_IROUTER >> 3;
    if (intid < firstSpi || intid >= this.state.interrupts || !isRouteAccess(offset, width)) return;
    this.state.setRoute(intid, value & (affinityField | Interrupt_Routing_Mode));
    this.delivery.refreshAll();
  }
}

/** Of the lower half or the whole; the upper half, Aff3, is zero. */
const isRouteAccess = (offset: number, width: number) => offset % 8 === 0 && (width === 4 || width === 8);
