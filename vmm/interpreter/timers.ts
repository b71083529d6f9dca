// The virtual and physical timers of a VM's vcpus over shared memory (Arm DDI 0487, "The Generic Timer in
// AArch64 state"). A vcpu's timers are touched by its own thread, or by a monitor while it does not run; the
// offsets between the host's counter and the guest's are the VM's.

import type { Clock } from "./clock.ts";

export const timerNames = ["CNTV", "CNTP"] as const;
export type TimerName = (typeof timerNames)[number];
export type TimerPart = "CTL" | "CVAL" | "TVAL";

/** CNTx_CTL_EL0. */
const ENABLE = 1n, IMASK = 2n, ISTATUS = 4n;
const word = 0xffff_ffffn;

/** Words of 64 bits: an offset for each timer's counter, then of each vcpu, of each timer: */
const part = { CTL: 0, CVAL: 1, OUTPUT: 2 } as const;
const timerWords = 3;
const offsets = timerNames.length;
const vcpuWords = timerNames.length * timerWords;

export const timerStateBytes = (vcpus: number) => 8 * (offsets + vcpus * vcpuWords);

/** A timer's interrupt line, which is up while the timer's condition is met and not masked. */
export type SetTimerLine = (vcpu: number, timer: TimerName, isUp: boolean) => void;

export class Timers {
  readonly #words: BigUint64Array<ArrayBufferLike>;

  /**
   * @param state timerStateBytes of all vcpus
   * @param clock the host's counter, which must be the same in every thread that has the state
   */
  constructor(readonly state: ArrayBufferLike, readonly clock: Clock) {
    this.#words = new BigUint64Array(state);
  }

  /** The guest's counter: CNTVCT_EL0 or CNTPCT_EL0. */
  count(timer: TimerName, now = this.clock()): bigint {
    return BigInt.asUintN(64, now - this.offset(timer));
  }

  /** By how much the guest's counter is behind the host's. */
  offset(timer: TimerName): bigint {
    return Atomics.load(this.#words, timerNames.indexOf(timer));
  }

  setOffset(timer: TimerName, offset: bigint) {
    Atomics.store(this.#words, timerNames.indexOf(timer), BigInt.asUintN(64, offset));
  }

  /** KVM_ARM_VCPU_INIT: the timers are off, their comparison values stay. */
  reset(vcpu: number) {
    for (const timer of timerNames) this.#words[at(vcpu, timer) + part.CTL] = 0n;
  }

  read(vcpu: number, timer: TimerName, name: TimerPart): bigint {
    const compare = this.#words[at(vcpu, timer) + part.CVAL]!;
    if (name === "CVAL") return compare;
    const count = this.count(timer);
    if (name === "TVAL") return compare - count & word;
    return this.#words[at(vcpu, timer) + part.CTL]! | (count >= compare ? ISTATUS : 0n);
  }

  /** `update` is to follow, where the lines matter. */
  write(vcpu: number, timer: TimerName, name: TimerPart, value: bigint) {
    const to = at(vcpu, timer);
    if (name === "CTL") this.#words[to + part.CTL] = value & (ENABLE | IMASK);
    else if (name === "CVAL") this.#words[to + part.CVAL] = value;
    else this.#words[to + part.CVAL] = BigInt.asUintN(64, this.count(timer) + BigInt.asIntN(32, value));
  }

  /**
   * Host ticks from `now` until a line of this vcpu is to go up, so until the earliest timer that is enabled, not
   * masked and whose line is not up: 0 for one that is due since `update` last looked. Infinity if there is none.
   */
  nextDeadline(vcpu: number, now = this.clock()): number {
    let earliest = Infinity;
    for (const timer of timerNames) {
      const from = at(vcpu, timer);
      const left = this.#words[from + part.CVAL]! - this.count(timer, now);
      const isRunning = (this.#words[from + part.CTL]! & (ENABLE | IMASK)) === ENABLE;
      const isUp = this.#words[from + part.OUTPUT] !== 0n;
      if (isRunning && !isUp) earliest = Math.min(earliest, Math.max(0, Number(left)));
    }
    return earliest;
  }

  /** Drives this vcpu's timer lines, as far as they changed. */
  update(vcpu: number, setLine: SetTimerLine, now = this.clock()) {
    for (const timer of timerNames) {
      const from = at(vcpu, timer);
      const isOn = (this.#words[from + part.CTL]! & (ENABLE | IMASK)) === ENABLE;
      const output = isOn && this.count(timer, now) >= this.#words[from + part.CVAL]! ? 1n : 0n;
      if (this.#words[from + part.OUTPUT] === output) continue;
      this.#words[from + part.OUTPUT] = output;
      setLine(vcpu, timer, output === 1n);
    }
  }
}

const at = (vcpu: number, timer: TimerName) =>
  offsets + vcpu * vcpuWords + timerNames.indexOf(timer) * timerWords;
