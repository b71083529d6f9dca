// What a vcpu does with its interrupts: acknowledge, drop the priority, deactivate, and send SGIs (Arm IHI
// 0069, "The CPU interface", "Interrupt lifecycle", "Software Generated Interrupts"). The lock is held
// wherever these are called.

import type { Delivery } from "./delivery.ts";
import { bank, cpu, EOImode, type GicState, none, priorityShift, target } from "./gic_state.ts";

/** INTIDs from here on stand for no interrupt (IHI 0069, "Special INTIDs"). */
const firstSpecial = 1020;
/** ICC_SGI1R_EL1's fields, in its lower and upper halves. */
const INTID = 24, Aff1 = 16, IRM = 1 << 8, Aff3 = 0xff << 16;
const sgisOfList = 16;

export class CpuInterface {
  constructor(readonly state: GicState, readonly delivery: Delivery) {}

  /** ICC_IARn_EL1: the interrupt becomes active. */
  acknowledge(vcpu: number, group: number): number {
    const { words } = this.state;
    const at = this.state.cpu(vcpu);
    if (!words[at + cpu.SIGNAL] || words[at + cpu.BEST_GROUP] !== group) return none;
    const intid = words[at + cpu.BEST]!;
    const level = words[at + cpu.BEST_PRIORITY]! & this.delivery.groupPriorityMask(at, group);
    words[at + activePriorities(group)]! |= 1 << (level >> priorityShift);
    const from = this.state.bankOf(vcpu, intid);
    const bit = 1 << (intid & 31);
    words[from + bank.ACTIVE]! |= bit;
    words[from + bank.LATCH]! &= ~bit;
    this.delivery.refreshOf(vcpu, intid);
    this.delivery.refresh(vcpu);
    return intid;
  }

  /** ICC_HPPIRn_EL1. */
  highestPending(vcpu: number, group: number): number {
    const at = this.state.cpu(vcpu);
    return this.state.words[at + cpu.BEST_GROUP] === group ? this.state.words[at + cpu.BEST]! : none;
  }

  /** ICC_EOIRn_EL1: the priority drops and, with EOImode 0, the interrupt is deactivated. */
  end(vcpu: number, intid: number, group: number) {
    if (intid >= firstSpecial) return;
    const { words } = this.state;
    const at = this.state.cpu(vcpu);
    const own = words[at + activePriorities(group)]!;
    const other = words[at + activePriorities(1 - group)]!;
    // The highest active priority must be this group's. Bits are compared as unsigned numbers.
    const isOwn = own !== 0 && (other === 0 || (own & -own) >>> 0 < (other & -other) >>> 0);
    if (!isOwn) return;
    words[at + activePriorities(group)] = own & own - 1;
    if (!(words[at + cpu.CTLR]! & EOImode)) this.#deactivate(vcpu, intid);
    this.delivery.refresh(vcpu);
  }

  /** ICC_DIR_EL1, which acts with EOImode 1 only. */
  deactivate(vcpu: number, intid: number) {
    if (this.state.words[this.state.cpu(vcpu) + cpu.CTLR]! & EOImode) this.#deactivate(vcpu, intid);
  }

  #deactivate(vcpu: number, intid: number) {
    if (intid >= this.state.interrupts) return;
    this.state.words[this.state.bankOf(vcpu, intid) + bank.ACTIVE]! &= ~(1 << (intid & 31));
    this.delivery.refreshOf(vcpu, intid);
  }

  /**
   * ICC_SGI1R_EL1, ICC_ASGI1R_EL1 or ICC_SGI0R_EL1, in halves.
   * @param takesGroup1 whether it makes interrupts of group 1 pending too, which only the first does
   */
  send(vcpu: number, low: number, high: number, takesGroup1: boolean) {
    const intid = low >>> INTID & 0xf;
    if (high & IRM) {
      for (let other = 0; other < this.state.vcpus; other++) {
        if (other !== vcpu) this.#pend(other, intid, takesGroup1);
      }
      return;
    }
    if (high & Aff3) return;
    const upper = (low >>> Aff1 & 0xff) << 8 | (high & 0xff) << 16;
    for (let n = 0; n < sgisOfList; n++) {
      const to = low >>> n & 1 ? this.state.vcpuAt(upper | n) : target.NOBODY;
      if (to !== target.NOBODY) this.#pend(to, intid, takesGroup1);
    }
  }

  /** An SGI that was acknowledged is pending again at once: others sent it too. */
  keepPending(vcpu: number, sgi: number) {
    this.state.words[this.state.bank(vcpu) + bank.LATCH]! |= 1 << sgi;
    this.delivery.refresh(vcpu);
  }

  #pend(vcpu: number, intid: number, takesGroup1: boolean) {
    const at = this.state.bank(vcpu);
    const bit = 1 << intid;
    if (this.state.words[at + bank.GROUP]! & bit && !takesGroup1) return;
    this.state.words[at + bank.LATCH]! |= bit;
    this.delivery.refresh(vcpu);
  }
}

const activePriorities = (group: number) => group ? cpu.AP1R0 : cpu.AP0R0;
