// Which interrupt each vcpu is to be signalled: the highest priority pending one, held against the priority
// mask and the running priority (Arm IHI 0069, "Interrupt handling and prioritization", "Preemption").
// The lock is held wherever these are called.

import {
  bank,
  CBPR,
  cpu,
  FIQEn,
  firstSpi,
  type GicState,
  head,
  leastBpr0,
  none,
  priorityShift,
  signals,
  target,
} from "./gic_state.ts";

/** The running priority where no interrupt is active. */
export const idlePriority = 0xff;

export class Delivery {
  /** Vcpus whose signals changed, and how many, until they are told of it. */
  readonly changed: Int32Array;
  changes = 0;

  constructor(readonly state: GicState) {
    this.changed = new Int32Array(state.vcpus);
  }

  /** To be called when anything changed that decides what a vcpu is signalled. */
  refresh(vcpu: number) {
    if (this.state.words[head.ONE_OF_N]) this.refreshAll();
    else this.#refreshOne(vcpu);
  }

  refreshAll() {
    for (let vcpu = 0; vcpu < this.state.vcpus; vcpu++) this.#refreshOne(vcpu);
  }

  /** The same, after an interrupt changed that this vcpu sees. */
  refreshOf(vcpu: number, intid: number) {
    if (intid < firstSpi) return this.refresh(vcpu);
    const { state } = this;
    state.noteCandidates(state.bankOf(vcpu, intid));
    const to = state.targetOf(intid);
    if (to === target.ONE_OF_N) this.refreshAll();
    else if (to !== target.NOBODY) this.refresh(to);
  }

  #refreshOne(vcpu: number) {
    const { state } = this;
    const { words } = state;
    const at = state.cpu(vcpu);
    words[at + cpu.BEST] = none;
    words[at + cpu.BEST_PRIORITY] = idlePriority;
    if (words[head.ENABLED] && words[at + cpu.GROUPS]) {
      this.#consider(vcpu, state.bank(vcpu), 0);
      for (let left = words[head.CANDIDATES]!; left; left &= left - 1) {
        const n = 31 - Math.clz32(left & -left);
        this.#consider(vcpu, state.bank(state.vcpus + n), firstSpi + 32 * n);
      }
    }
    this.#signal(vcpu, at);
  }

  /** Looks in a bank for an interrupt that goes before the best one so far. */
  #consider(vcpu: number, from: number, firstIntid: number) {
    const { words } = this.state;
    const at = this.state.cpu(vcpu);
    const groups = words[at + cpu.GROUPS]!;
    for (let left = this.state.candidates(from); left; left &= left - 1) {
      const bit = 31 - Math.clz32(left & -left);
      const group = words[from + bank.GROUP]! >>> bit & 1;
      const priority = this.state.priorityOf(from, bit);
      const isBetter = words[at + cpu.BEST] === none || priority < words[at + cpu.BEST_PRIORITY]!;
      if (!isBetter || !(groups >> group & 1)) continue;
      if (firstIntid && !this.#isFor(vcpu, firstIntid + bit, group, priority)) continue;
      words[at + cpu.BEST] = firstIntid + bit;
      words[at + cpu.BEST_PRIORITY] = priority;
      words[at + cpu.BEST_GROUP] = group;
    }
  }

  #isFor(vcpu: number, intid: number, group: number, priority: number): boolean {
    const to = this.state.targetOf(intid);
    return to === vcpu || to === target.ONE_OF_N && vcpu === this.#oneOfN(group, priority);
  }

  /** Of the vcpus that take the group, the first that would take it now, else the first. */
  #oneOfN(group: number, priority: number): number {
    let first: number = target.NOBODY;
    for (let vcpu = 0; vcpu < this.state.vcpus; vcpu++) {
      const at = this.state.cpu(vcpu);
      if (!(this.state.words[at + cpu.GROUPS]! >> group & 1)) continue;
      if (this.#isSufficient(at, group, priority)) return vcpu;
      if (first === target.NOBODY) first = vcpu;
    }
    return first;
  }

  #isSufficient(at: number, group: number, priority: number): boolean {
    const running = this.runningPriority(at);
    return priority < this.state.words[at + cpu.PMR]! &&
      (running === idlePriority || (priority & this.groupPriorityMask(at, group)) < running);
  }

  #signal(vcpu: number, at: number) {
    const { words } = this.state;
    const group = words[at + cpu.BEST_GROUP]!;
    const isUp = words[at + cpu.BEST] !== none &&
      this.#isSufficient(at, group, words[at + cpu.BEST_PRIORITY]!);
    const signal = isUp ? this.#isFiq(at, group) ? signals.FIQ : signals.IRQ : 0;
    if (words[at + cpu.SIGNAL] === signal) return;
    Atomics.store(words, at + cpu.SIGNAL, signal);
    for (let n = 0; n < this.changes; n++) if (this.changed[n] === vcpu) return;
    this.changed[this.changes++] = vcpu;
  }

  #isFiq(at: number, group: number): boolean {
    return group === 0 && (!this.state.words[head.IS_V2] || (this.state.words[at + cpu.CTLR]! & FIQEn) !== 0);
  }

  runningPriority(at: number): number {
    const active = this.state.words[at + cpu.AP0R0]! | this.state.words[at + cpu.AP1R0]!;
    return active ? 31 - Math.clz32(active & -active) << priorityShift : idlePriority;
  }

  /** The bits of a priority that take part in preemption. */
  groupPriorityMask(at: number, group: number): number {
    const { words } = this.state;
    const isOwn = group === 1 && !(words[at + cpu.CTLR]! & CBPR);
    const point = isOwn ? words[at + cpu.BPR1]! - 1 : Math.max(words[at + cpu.BPR0]!, leastBpr0);
    return 0xff << point + 1 & 0xff;
  }
}
