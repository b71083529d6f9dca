// Which vcpus of a VM are on, over shared memory, and where those that were turned on are to start (Arm DEN
// 0022, "CPU_ON"). A vcpu's thread that finds itself off sleeps until another turns it on.

import { affinityOf } from "./gic/gic_state.ts";

/** Words of each vcpu: whether it is on, whether it is to start anew, and the halves of two addresses. */
const STATE = 0, START = 1, ENTRY = 2, CONTEXT = 4;
const vcpuWords = 6;
/** A vcpu that is not there stays at zero; one that is suspended is on, and waits for an interrupt. */
const absent = 0, off = 1, on = 2, suspended = 3;

export const powerStateBytes = (vcpus: number) => 4 * vcpuWords * vcpus;

/** Where a vcpu that was turned on starts, and what it finds in X0. */
export interface Start {
  readonly entry: bigint;
  readonly context: bigint;
}

export class Power {
  readonly #words: Int32Array;
  readonly #vcpus: number;

  constructor(state: ArrayBufferLike) {
    this.#words = new Int32Array(state);
    this.#vcpus = this.#words.length / vcpuWords;
  }

  /** As KVM_ARM_VCPU_INIT, KVM_SET_MP_STATE or CPU_OFF have it. A start that was not taken is forgotten. */
  set(vcpu: number, isOn: boolean) {
    Atomics.store(this.#words, vcpu * vcpuWords + START, 0);
    Atomics.store(this.#words, vcpu * vcpuWords + STATE, isOn ? on : off);
    Atomics.notify(this.#words, vcpu * vcpuWords + STATE);
  }

  isOn(vcpu: number): boolean {
    return Atomics.load(this.#words, vcpu * vcpuWords + STATE) >= on;
  }

  /** As KVM_SET_MP_STATE has it, until it is set otherwise. */
  suspend(vcpu: number) {
    Atomics.store(this.#words, vcpu * vcpuWords + STATE, suspended);
  }

  isSuspended(vcpu: number): boolean {
    return Atomics.load(this.#words, vcpu * vcpuWords + STATE) === suspended;
  }

  /** As SYSTEM_OFF and SYSTEM_RESET leave the vcpus there are. */
  stopAll() {
    for (const vcpu of this.matching(0, 0)) this.set(vcpu, false);
  }

  /** Whether it was off, and is on now: of two vcpus that turn on a third, one does. */
  turnOn(vcpu: number, { entry, context }: Start): boolean {
    const at = vcpu * vcpuWords;
    // The start is being written: a second CPU_ON finds the vcpu on, the vcpu itself that it has to wait.
    if (Atomics.compareExchange(this.#words, at + STATE, off, on) !== off) return false;
    this.#write(at + ENTRY, entry);
    this.#write(at + CONTEXT, context);
    Atomics.store(this.#words, at + START, 1);
    Atomics.notify(this.#words, at + START);
    return true;
  }

  /** Hands over, once, where this vcpu is to start anew, if it was turned on since it last asked. */
  takeStart(vcpu: number): Start | undefined {
    const at = vcpu * vcpuWords;
    if (Atomics.exchange(this.#words, at + START, 0) === 0) return undefined;
    return { entry: this.#read(at + ENTRY), context: this.#read(at + CONTEXT) };
  }

  /** The vcpus there are whose affinity, under the mask, is this. */
  matching(affinity: number, mask: number): number[] {
    return Array.from({ length: this.#vcpus }, (_, vcpu) => vcpu).filter((vcpu) =>
      Atomics.load(this.#words, vcpu * vcpuWords + STATE) !== absent && (affinityOf(vcpu) & mask) === affinity
    );
  }

  #write(at: number, value: bigint) {
    this.#words[at] = Number(BigInt.asIntN(32, value));
    this.#words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }

  #read(at: number): bigint {
    return BigInt.asUintN(32, BigInt(this.#words[at + 1]!)) << 32n |
      BigInt.asUintN(32, BigInt(this.#words[at]!));
  }
}
