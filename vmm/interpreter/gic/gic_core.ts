// What every GIC of Linux's KVM has, whichever registers its guests reach it by: lines, signals, and the lock over
// its words. Each thread makes one of its own over the same words; each operation is whole before another
// thread's begins.

import { CpuInterface } from "./cpu_interface.ts";
import { Delivery } from "./delivery.ts";
import { lock, unlock } from "./gic_lock.ts";
import { bank, GicState, head, signals } from "./gic_state.ts";
import { InterruptRegisters } from "./interrupt_registers.ts";

/**
 * Told that a vcpu's interrupt signals may have changed, outside the lock, by the thread that changed them.
 * It must not call the model. Two threads' tellings may come in another order than the changes did;
 * GicCore.signal says what is so now.
 */
export type OnSignal = (vcpu: number, irq: boolean, fiq: boolean) => void;

const everySignal = signals.IRQ | signals.FIQ;

export class GicCore {
  readonly state: GicState;
  protected readonly delivery: Delivery;
  protected readonly registers: InterruptRegisters;
  protected readonly cpuInterface: CpuInterface;

  /**
   * @param words gicStateBytes(vcpus, interrupts) of shared memory
   * @param vcpus the highest vcpu's number, plus 1
   * @param interrupts INTIDs there are, a multiple of 32
   */
  constructor(readonly words: Int32Array, vcpus: number, interrupts: number, readonly onSignal: OnSignal) {
    this.state = new GicState(words, vcpus, interrupts);
    this.delivery = new Delivery(this.state);
    this.registers = new InterruptRegisters(this.state, this.delivery);
    this.cpuInterface = new CpuInterface(this.state, this.delivery);
  }

  /** Whether an interrupt waits to be taken, as WFI asks. */
  isPending(vcpu: number): boolean {
    return (this.signal(vcpu) & everySignal) !== 0;
  }

  /** Which of `signals` are up. */
  signal(vcpu: number): number {
    return Atomics.load(this.words, this.state.signalWord(vcpu));
  }

  /** A device's line: of a PPI of this vcpu, or of an SPI, whatever the vcpu. */
  setLine(vcpu: number, intid: number, isUp: boolean) {
    this.lock();
    const at = this.state.bankOf(vcpu, intid);
    const bit = 1 << (intid & 31);
    if (isUp) this.words[at + bank.LINE]! |= bit;
    else this.words[at + bank.LINE]! &= ~bit;
    if (isUp) this.words[at + bank.LATCH]! |= this.words[at + bank.EDGE]! & bit;
    this.delivery.refreshOf(vcpu, intid);
    this.unlock();
  }

  isLineUp(vcpu: number, intid: number): boolean {
    return (this.words[this.state.bankOf(vcpu, intid) + bank.LINE]! >>> (intid & 31) & 1) === 1;
  }

  /** Sets a line without the edge it would be, as a saved state is put back. */
  restoreLine(vcpu: number, intid: number, isUp: boolean) {
    this.lock();
    const at = this.state.bankOf(vcpu, intid) + bank.LINE;
    const bit = 1 << (intid & 31);
    this.words[at] = isUp ? this.words[at]! | bit : this.words[at]! & ~bit;
    this.delivery.refreshOf(vcpu, intid);
    this.unlock();
  }

  protected lock() {
    lock(this.words, head.LOCK);
  }

  /** Gives the lock back and then tells of what changed meanwhile. */
  protected unlock() {
    const { changed, changes } = this.delivery;
    unlock(this.words, head.LOCK);
    this.delivery.changes = 0;
    for (let n = 0; n < changes; n++) {
      const vcpu = changed[n]!;
      const signal = this.signal(vcpu);
      this.onSignal(vcpu, (signal & signals.IRQ) !== 0, (signal & signals.FIQ) !== 0);
    }
  }
}
