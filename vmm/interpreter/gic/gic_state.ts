// Where a GIC's state lies in shared memory, so that every thread that has the words has the same interrupt
// controller (Arm IHI 0069, "Interrupt handling and prioritization"). Interrupts stand in banks of 32, a bit
// for each: a bank for the SGIs and PPIs of each vcpu, then those of the SPIs.

import type { Gic } from "../../kvm/host_offer.ts";

/** Words before all others. */
export const head = {
  /** See gic_lock.ts. */
  LOCK: 0,
  /** GICD_CTLR's enable bit, which Linux's KVM has one of for both groups. */
  ENABLED: 1,
  /** Of banks of SPIs, by number: those that may have an interrupt to signal. */
  CANDIDATES: 2,
  /** SPIs that any vcpu may take (GICD_IROUTER<n>.Interrupt_Routing_Mode). */
  ONE_OF_N: 3,
  /** GICD_IIDR.Revision. */
  REVISION: 4,
  /** Whether it is a GICv2. */
  IS_V2: 5,
  /** Of a GICv2, whether its monitor may say interrupts' groups. */
  GROUPS_RESTORED: 6,
} as const;
const headWords = 8;

/** Words of a vcpu: its CPU interface, and what it is signalled. */
export const cpu = {
  /** The highest priority pending interrupt that is enabled, or `none`; and its priority and group. */
  BEST: 0,
  BEST_PRIORITY: 1,
  BEST_GROUP: 2,
  /** Which of `signals` are up. */
  SIGNAL: 3,
  PMR: 4,
  BPR0: 5,
  BPR1: 6,
  /** ICC_CTLR_EL1's EOImode and CBPR; a GICv2's AckCtl and FIQEn too. */
  CTLR: 7,
  /** Bit n is ICC_IGRPENn_EL1.Enable. */
  GROUPS: 8,
  AP0R0: 9,
  AP1R0: 10,
  /** Whether the vcpu's redistributor is the last of its region. */
  LAST: 11,
  /** Of a GICv2, a byte for each SGI: the vcpus whose it is while it is pending. Four words. */
  SOURCES: 12,
} as const;
const cpuWords = 16;

/** Words of a bank. */
export const bank = {
  GROUP: 0,
  ENABLED: 1,
  /** Pending by an edge or by a write, whatever the line says. */
  LATCH: 2,
  LINE: 3,
  ACTIVE: 4,
  EDGE: 5,
  /** Eight words of a byte for each interrupt. */
  PRIORITY: 6,
} as const;
const bankWords = 14;

export const firstSpi = 32;
/** The INTID that stands for none. */
export const none = 1023;
/** Bits of `cpu.SIGNAL`. */
export const signals = { IRQ: 1, FIQ: 2 } as const;
/** In place of a vcpu as an SPI's target. */
export const target = { NOBODY: -1, ONE_OF_N: -2 } as const;
export const Interrupt_Routing_Mode = 1 << 31;
/** Aff2 to Aff0. */
export const affinityField = 0xff_ffff;

/** ICC_CTLR_EL1's writable bits. */
export const CBPR = 1, EOImode = 2;
/** Beside them a GICv2's: IAR acknowledges group 1 too; group 0 is signalled as FIQ. */
export const AckCtl = 4, FIQEn = 8;
/** Of a priority's eight bits, those that are implemented: five, of which all take part in preemption. */
export const priorityMask = 0xf8;
export const priorityShift = 3;
export const leastBpr0 = 2, leastBpr1 = 3;

/** SGIs, as bits of a bank. */
export const sgis = 0xffff;
const latestRevision = 3;

/** @param interrupts INTIDs there are, SGIs and PPIs included; a multiple of 32 */
export function gicStateBytes(vcpus: number, interrupts: number): number {
  const spis = interrupts - firstSpi;
  return 4 * (headWords + vcpus * (cpuWords + bankWords) + spis / 32 * bankWords + 2 * spis);
}

/** Aff2 to Aff0 of a vcpu, as VirtualCpu.affinity numbers them. */
export const affinityOf = (vcpu: number) => vcpu & 0xf | (vcpu >> 4 & 0xff) << 8 | (vcpu >> 12 & 0xff) << 16;

/** Names for the words. Nothing here takes the lock. */
export class GicState {
  readonly spiBanks: number;
  readonly #cpus = headWords;
  readonly #banks: number;
  readonly #routes: number;
  readonly #targets: number;

  constructor(readonly words: Int32Array, readonly vcpus: number, readonly interrupts: number) {
    if (words.byteLength < gicStateBytes(vcpus, interrupts)) throw new RangeError("too few words for a GIC");
    this.spiBanks = interrupts / 32 - 1;
    this.#banks = this.#cpus + vcpus * cpuWords;
    this.#routes = this.#banks + (vcpus + this.spiBanks) * bankWords;
    this.#targets = this.#routes + interrupts - firstSpi;
  }

  /** As the controller comes out of reset. To be called once, before any thread uses it. */
  reset(version: Gic = "v3") {
    const { words } = this;
    words.fill(0);
    words[head.IS_V2] = version === "v2" ? 1 : 0;
    words[head.REVISION] = latestRevision;
    for (let vcpu = 0; vcpu < this.vcpus; vcpu++) {
      const at = this.cpu(vcpu);
      words[at + cpu.BEST] = none;
      words[at + cpu.BPR0] = leastBpr0;
      words[at + cpu.BPR1] = leastBpr1;
      words[at + cpu.LAST] = vcpu === this.vcpus - 1 ? 1 : 0;
      words[this.bank(vcpu) + bank.EDGE] = sgis;
      // Linux's KVM has them enabled from the start.
      words[this.bank(vcpu) + bank.ENABLED] = sgis;
    }
    if (version === "v2") return;
    for (let n = 0; n < this.vcpus + this.spiBanks; n++) words[this.bank(n) + bank.GROUP] = -1;
  }

  /** Where it is said which of `signals` are up. */
  signalWord(vcpu: number): number {
    return this.cpu(vcpu) + cpu.SIGNAL;
  }

  /** Of a GICv2's SGI, the vcpus that sent it, as bits. */
  sources(vcpu: number, sgi: number): number {
    return this.words[this.cpu(vcpu) + cpu.SOURCES + (sgi >> 2)]! >>> 8 * (sgi & 3) & 0xff;
  }

  setSources(vcpu: number, sgi: number, list: number) {
    const at = this.cpu(vcpu) + cpu.SOURCES + (sgi >> 2);
    const shift = 8 * (sgi & 3);
    this.words[at] = this.words[at]! & ~(0xff << shift) | list << shift;
  }

  /** The first word of a vcpu. */
  cpu(vcpu: number): number {
    return this.#cpus + vcpu * cpuWords;
  }

  /** The first word of a bank: of the private interrupts of vcpu `n`, or from `vcpus` on of SPIs. */
  bank(n: number): number {
    return this.#banks + n * bankWords;
  }

  /** The first word of the bank that has an interrupt, as this vcpu sees it. */
  bankOf(vcpu: number, intid: number): number {
    return this.bank(intid < firstSpi ? vcpu : this.vcpus + (intid >> 5) - 1);
  }

  priorityOf(at: number, bit: number): number {
    return this.words[at + bank.PRIORITY + (bit >> 2)]! >>> 8 * (bit & 3) & 0xff;
  }

  /** Bits of a bank's interrupts that are pending. */
  pending(at: number): number {
    const { words } = this;
    return words[at + bank.LATCH]! | words[at + bank.LINE]! & ~words[at + bank.EDGE]!;
  }

  /** Those of a bank that are to be signalled, if their group is enabled. */
  candidates(at: number): number {
    const { words } = this;
    return this.pending(at) & words[at + bank.ENABLED]! & ~words[at + bank.ACTIVE]!;
  }

  /** Keeps `head.CANDIDATES` true of a bank of SPIs that changed. */
  noteCandidates(at: number) {
    const number = (at - this.bank(this.vcpus)) / bankWords;
    const bit = 1 << number;
    if (this.candidates(at)) this.words[head.CANDIDATES]! |= bit;
    else this.words[head.CANDIDATES]! &= ~bit;
  }

  /** An SPI's affinity and Interrupt_Routing_Mode. */
  route(intid: number): number {
    return this.words[this.#routes + intid - firstSpi]!;
  }

  setRoute(intid: number, route: number) {
    const at = intid - firstSpi;
    const before = this.words[this.#routes + at]! & Interrupt_Routing_Mode;
    const after = route & Interrupt_Routing_Mode;
    this.words[this.#routes + at] = route;
    this.words[this.#targets + at] = after ? target.ONE_OF_N : this.vcpuAt(route & affinityField);
    if (before !== after) this.words[head.ONE_OF_N]! += after ? 1 : -1;
  }

  /** A GICv2's GICD_ITARGETSR: the first of the vcpus has it, vcpu 0 if there is none. */
  setTargets(intid: number, list: number) {
    const at = intid - firstSpi;
    const there = list & (1 << this.vcpus) - 1;
    this.words[this.#routes + at] = there;
    this.words[this.#targets + at] = there ? 31 - Math.clz32(there & -there) : 0;
  }

  /** The vcpu that an SPI goes to, or one of `target`. */
  targetOf(intid: number): number {
    return this.words[this.#targets + intid - firstSpi]!;
  }

  /** The vcpu with that Aff2 to Aff0, or `target.NOBODY`. */
  vcpuAt(affinity: number): number {
    const vcpu = affinity & 0xf | (affinity >> 8 & 0xff) << 4 | (affinity >> 16 & 0xff) << 12;
    return (affinity & 0xf0) === 0 && vcpu < this.vcpus ? vcpu : target.NOBODY;
  }
}
