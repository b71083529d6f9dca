// The IRQ and FIQ inputs of vcpus that have no interrupt controller in the kernel, over shared memory: KVM_IRQ_LINE
// drives them (KVM document, "4.25 KVM_IRQ_LINE").

import { signals } from "./gic/gic_state.ts";

export const irqInputBytes = (vcpus: number) => 4 * vcpus;

export class IrqInputs {
  readonly #words: Int32Array;

  constructor(state: ArrayBufferLike) {
    this.#words = new Int32Array(state);
  }

  set(vcpu: number, line: "IRQ" | "FIQ", isUp: boolean) {
    if (isUp) Atomics.or(this.#words, vcpu, signals[line]);
    else Atomics.and(this.#words, vcpu, ~signals[line]);
  }

  /** Which of a GIC's `signals` are up. */
  up(vcpu: number): number {
    return Atomics.load(this.#words, vcpu);
  }
}
