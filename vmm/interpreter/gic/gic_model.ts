// A GICv3 as Linux's KVM gives it to guests (Arm IHI 0069): distributor, redistributors and the CPU interfaces'
// system registers. There are no LPIs.

import { Distributor } from "./distributor.ts";
import { GicCore, type OnSignal } from "./gic_core.ts";
import { cpu } from "./gic_state.ts";
import { type IccName, IccRegisters } from "./icc_registers.ts";
import { Redistributor } from "./redistributor.ts";

export { gicStateBytes } from "./gic_state.ts";
export type { IccName } from "./icc_registers.ts";
export type { OnSignal } from "./gic_core.ts";

export class GicModel extends GicCore {
  readonly #distributor: Distributor;
  readonly #redistributor: Redistributor;
  readonly #icc: IccRegisters;
  /** The upper half of what was read last. */
  high = 0;

  /** As GicCore. */
  constructor(words: Int32Array, vcpus: number, interrupts: number, onSignal: OnSignal) {
    super(words, vcpus, interrupts, onSignal);
    this.#distributor = new Distributor(this.state, this.delivery, this.registers);
    this.#redistributor = new Redistributor(this.state, this.registers);
    this.#icc = new IccRegisters(this.state, this.delivery, this.cpuInterface);
  }

  /** Puts the words into the state of a reset: once, before any vcpu runs. */
  reset() {
    this.state.reset();
  }

  /** Says that this vcpu's redistributor is the last of its region (GICR_TYPER.Last), or is not. */
  setLast(vcpu: number, isLast: boolean) {
    this.words[this.state.cpu(vcpu) + cpu.LAST] = isLast ? 1 : 0;
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
    this.lock();
    const value = this.#icc.read(vcpu, name);
    this.unlock();
    return value >>> 0;
  }

  /** @param high the upper half of the value, which the SGI registers alone have */
  writeIcc(vcpu: number, name: IccName, low: number, high = 0) {
    this.lock();
    this.#icc.write(vcpu, name, low | 0, high | 0);
    this.unlock();
  }

  /** The lower half of what is read; `high` is the upper one. */
  distributorRead(offset: number, width: number): number {
    this.lock();
    const value = this.#distributor.read(offset, width);
    this.unlock();
    this.high = 0;
    return value >>> 0;
  }

  /** @param low the lower half of a value of eight bytes; no register of the distributor has an upper one */
  distributorWrite(offset: number, width: number, low: number) {
    this.lock();
    this.#distributor.write(offset, width, low | 0);
    this.unlock();
  }

  /** As distributorRead; the SGI frame begins at 64 KiB. */
  redistributorRead(vcpu: number, offset: number, width: number): number {
    this.lock();
    const value = this.#redistributor.read(vcpu, offset, width);
    this.unlock();
    this.high = width === 8 ? this.#redistributor.readUpper(vcpu, offset) : 0;
    return value >>> 0;
  }

  redistributorWrite(vcpu: number, offset: number, width: number, low: number) {
    this.lock();
    this.#redistributor.write(vcpu, offset, width, low | 0);
    this.unlock();
  }

  /** KVM_DEV_ARM_VGIC_GRP_DIST_REGS. */
  saveDistributor(offset: number): number {
    this.lock();
    const value = this.#distributor.readAttribute(offset);
    this.unlock();
    return value >>> 0;
  }

  /** Whether the value can be kept. */
  restoreDistributor(offset: number, value: number): boolean {
    this.lock();
    const isKept = this.#distributor.writeAttribute(offset, value | 0);
    this.unlock();
    return isKept;
  }

  /** KVM_DEV_ARM_VGIC_GRP_REDIST_REGS. */
  saveRedistributor(vcpu: number, offset: number): number {
    this.lock();
    const value = this.#redistributor.readAttribute(vcpu, offset);
    this.unlock();
    return value >>> 0;
  }

  restoreRedistributor(vcpu: number, offset: number, value: number) {
    this.lock();
    this.#redistributor.writeAttribute(vcpu, offset, value | 0);
    this.unlock();
  }
}
