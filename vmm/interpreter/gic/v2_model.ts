// A GICv2 as Linux's KVM gives it to guests (Arm IHI 0048): the distributor that KVM emulates, and the virtual CPU
// interface of the hardware, whose registers lie in memory.

import { GicCore, type OnSignal } from "./gic_core.ts";
import { V2CpuInterface } from "./v2_cpu_interface.ts";
import { V2Distributor } from "./v2_distributor.ts";

export class GicV2Model extends GicCore {
  readonly #distributor: V2Distributor;
  readonly #interface: V2CpuInterface;

  /** As GicCore. */
  constructor(words: Int32Array, vcpus: number, interrupts: number, onSignal: OnSignal) {
    super(words, vcpus, interrupts, onSignal);
    this.#distributor = new V2Distributor(this.state, this.delivery, this.registers);
    this.#interface = new V2CpuInterface(this.state, this.delivery, this.cpuInterface);
  }

  /** Puts the words into the state of a reset: once, before any vcpu runs. */
  reset() {
    this.state.reset("v2");
  }

  /** By this vcpu: some registers are another for each. */
  distributorRead(vcpu: number, offset: number, width: number): number {
    return this.#locked(() => this.#distributor.read(vcpu, offset, width));
  }

  distributorWrite(vcpu: number, offset: number, width: number, value: number) {
    this.#locked(() => this.#distributor.write(vcpu, offset, width, value | 0));
  }

  interfaceRead(vcpu: number, offset: number, width: number): number {
    return this.#locked(() => this.#interface.read(vcpu, offset, width));
  }

  interfaceWrite(vcpu: number, offset: number, width: number, value: number) {
    this.#locked(() => this.#interface.write(vcpu, offset, width, value | 0));
  }

  /** KVM_DEV_ARM_VGIC_GRP_DIST_REGS. */
  saveDistributor(vcpu: number, offset: number): number {
    return this.distributorRead(vcpu, offset, 4);
  }

  /** Whether the value can be kept. */
  restoreDistributor(vcpu: number, offset: number, value: number): boolean {
    return this.#locked(() => this.#distributor.restore(vcpu, offset, value | 0) ? 1 : 0) === 1;
  }

  /** KVM_DEV_ARM_VGIC_GRP_CPU_REGS. */
  saveInterface(vcpu: number, offset: number): number {
    return this.#locked(() => this.#interface.save(vcpu, offset));
  }

  restoreInterface(vcpu: number, offset: number, value: number) {
    this.#locked(() => this.#interface.restore(vcpu, offset, value | 0));
  }

  #locked(access: () => number | void): number {
    this.lock();
    const value = access() ?? 0;
    this.unlock();
    return value >>> 0;
  }
}
