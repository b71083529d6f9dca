// A GICv3 as Linux's KVM gives it to guests (Arm IHI 0069): distributor, redistributors and CPU interfaces
// over one region of shared memory. Each thread makes a GicModel of its own over the same words; each
// operation is whole before another thread's begins. There are no LPIs.

import { CpuInterface } from "./cpu_interface.ts";
import { Delivery } from "./delivery.ts";
import { Distributor } from "./distributor.ts";
import { lock, unlock } from "./gic_lock.ts";
import { bank, cpu, GicState, head, signals } from "./gic_state.ts";
import { type IccName, IccRegisters } from "./icc_registers.ts";
import { InterruptRegisters } from "./interrupt_registers.ts";
import { Redistributor } from "./redistributor.ts";

export { gicStateBytes } from "./gic_state.ts";
export type { IccName } from "./icc_registers.ts";

/**
 * Told that a vcpu's interrupt signals may have changed, outside the lock, by the thread that changed them.
 * It must not call the model. Two threads' tellings may come in another order than the changes did;
 * GicModel.signal says what is so now.
 */
export type OnSignal = (vcpu: number, irq: boolean, fiq: boolean) => void;

const everySignal = signals.IRQ | signals.FIQ;

export class GicModel {
  readonly state: GicState;
  readonly #delivery: Delivery;
  readonly #distributor: Distributor;
  readonly #redistributor: Redistributor;
  readonly #interface: CpuInterface;
  readonly #icc: IccRegisters;
  readonly #words: Int32Array;
  /** The upper half of what was read last. */
  high = 0;

  /**
   * @param words gicStateBytes(vcpus, interrupts) of shared memory
   * @param vcpus the highest vcpu's number, plus 1
   * @param interrupts INTIDs there are, a multiple of 32
   */
  constructor(words: Int32Array, vcpus: number, interrupts: number, readonly onSignal: OnSignal) {
    this.#words = words;
    this.state = new GicState(words, vcpus, interrupts);
    this.#delivery = new Delivery(this.state);
    const registers = new InterruptRegisters(this.state, this.#delivery);
    this.#distributor = new Distributor(this.state, this.#delivery, registers);
    this.#redistributor = new Redistributor(this.state, registers);
    this.#interface = new CpuInterface(this.state, this.#delivery);
    this.#icc = new IccRegisters(this.state, this.#delivery, this.#interface);
  }

  /** Puts the words into the state of a reset: once, before any vcpu runs. */
  reset() {
    this.state.reset();
  }

  /** Whether an interrupt waits to be taken, as WFI asks. */
  isPending(vcpu: number): boolean {
    return (this.signal(vcpu) & everySignal) !== 0;
  }

  /** Which of `signals` are up. */
  signal(vcpu: number): number {
    return Atomics.load(this.#words, this.state.cpu(vcpu) + cpu.SIGNAL);
  }

  /** A device's line: of a PPI of this vcpu, or of an SPI, whatever the vcpu. */
  setLine(vcpu: number, intid: number, isUp: boolean) {
    this.#lock();
    const at = this.state.bankOf(vcpu, intid);
    const bit = 1 << (intid & 31);
    if (isUp) this.#words[at + bank.LINE]! |= bit;
    else this.#words[at + bank.LINE]! &= ~bit;
    if (isUp) this.#words[at + bank.LATCH]! |= this.#words[at + bank.EDGE]! & bit;
    this.#delivery.refreshOf(vcpu, intid);
    this.#unlock();
  }

  isLineUp(vcpu: number, intid: number): boolean {
    return (this.#words[this.state.bankOf(vcpu, intid) + bank.LINE]! >>> (intid & 31) & 1) === 1;
  }

  /** Sets a line without the edge it would be, as a saved state is put back. */
  restoreLine(vcpu: number, intid: number, isUp: boolean) {
    this.#lock();
    const at = this.state.bankOf(vcpu, intid) + bank.LINE;
    const bit = 1 << (intid & 31);
    this.#words[at] = isUp ? this.#words[at]! | bit : this.#words[at]! & ~bit;
    this.#delivery.refreshOf(vcpu, intid);
    this.#unlock();
  }

  /** Says that this vcpu's redistributor is the last of its region (GICR_TYPER.Last), or is not. */
  setLast(vcpu: number, isLast: boolean) {
    this.#words[this.state.cpu(vcpu) + cpu.LAST] = isLast ? 1 : 0;
  }

  /** ICC_IAR1_EL1. */
  acknowledge(vcpu: number): number {
    return this.readIcc(vcpu, "ICC_IAR1_EL1");
  }

  /** ICC_EOIR1_EL1. */
  end(vcpu: number, intid: number) {
    this.writeIcc(vcpu, "ICC_EOIR1_EL1", intid);
  }

  readIcc(vcpu: number, name: IccName): number {
    this.#lock();
    const value = this.#icc.read(vcpu, name);
    this.#unlock();
    return value >>> 0;
  }

  /** @param high the upper half of the value, which the SGI registers alone have */
  writeIcc(vcpu: number, name: IccName, low: number, high = 0) {
    this.#lock();
    this.#icc.write(vcpu, name, low | 0, high | 0);
    this.#unlock();
  }

  /** The lower half of what is read; `high` is the upper one. */
  distributorRead(offset: number, width: number): number {
    this.#lock();
    const value = this.#distributor.read(offset, width);
    this.#unlock();
    this.high = 0;
    return value >>> 0;
  }

  /** @param low the lower half of a value of eight bytes; no register of the distributor has an upper one */
  distributorWrite(offset: number, width: number, low: number) {
    this.#lock();
    this.#distributor.write(offset, width, low | 0);
    this.#unlock();
  }

  /** As distributorRead; the SGI frame begins at 64 KiB. */
  redistributorRead(vcpu: number, offset: number, width: number): number {
    this.#lock();
    const value = this.#redistributor.read(vcpu, offset, width);
    this.#unlock();
    this.high = width === 8 ? this.#redistributor.readUpper(vcpu, offset) : 0;
    return value >>> 0;
  }

  redistributorWrite(vcpu: number, offset: number, width: number, low: number) {
    this.#lock();
    this.#redistributor.write(vcpu, offset, width, low | 0);
    this.#unlock();
  }

  /** KVM_DEV_ARM_VGIC_GRP_DIST_REGS. */
  saveDistributor(offset: number): number {
    this.#lock();
    const value = this.#distributor.readAttribute(offset);
    this.#unlock();
    return value >>> 0;
  }

  /** Whether the value can be kept. */
  restoreDistributor(offset: number, value: number): boolean {
    this.#lock();
    const isKept = this.#distributor.writeAttribute(offset, value | 0);
    this.#unlock();
    return isKept;
  }

  /** KVM_DEV_ARM_VGIC_GRP_REDIST_REGS. */
  saveRedistributor(vcpu: number, offset: number): number {
    this.#lock();
    const value = this.#redistributor.readAttribute(vcpu, offset);
    this.#unlock();
    return value >>> 0;
  }

  restoreRedistributor(vcpu: number, offset: number, value: number) {
    this.#lock();
    this.#redistributor.writeAttribute(vcpu, offset, value | 0);
    this.#unlock();
  }

  #lock() {
    lock(this.#words, head.LOCK);
  }

  /** Gives the lock back and then tells of what changed meanwhile. */
  #unlock() {
    const { changed, changes } = this.#delivery;
    unlock(this.#words, head.LOCK);
    this.#delivery.changes = 0;
    for (let n = 0; n < changes; n++) {
      const vcpu = changed[n]!;
      const signal = this.signal(vcpu);
      this.onSignal(vcpu, (signal & signals.IRQ) !== 0, (signal & signals.FIQ) !== 0);
    }
  }
}
