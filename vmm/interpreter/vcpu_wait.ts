// How a vcpu waits, in WFI, WFE and as they do: asleep on its own thread, or out of turn where the vcpus of a VM
// take turns on one.

import type { Attention } from "./attention.ts";
import type { GuestTime } from "./guest_time.ts";
import { counterFrequency } from "./processor_surroundings.ts";
import type { Timers } from "./timers.ts";

interface Parts {
  readonly attention: Attention;
  readonly timers: Timers;
  readonly time: GuestTime;
  /** Byte offset of the vcpu's state, and the number of its timers. */
  readonly base: number;
  readonly timerSlot: number;
  readonly takesTurns: boolean;
}

export class VcpuWait {
  /** Where vcpus take turns: what this one waits for before it goes on. */
  #waiting: { readonly until: number; readonly isForEvent: boolean } | undefined;

  /** Milliseconds that this vcpu's thread was asleep. */
  slept = 0;

  constructor(readonly parts: Parts) {}

  /**
   * An interrupt's becoming pending ends it, and a call of another thread.
   * @param ticks at most
   * Returns whether the vcpu is to leave its turn; else it has waited.
   */
  begin(ticks: number, isForEvent: boolean): boolean {
    if (this.parts.takesTurns) {
      this.#waiting = { until: this.parts.time.ticks + ticks, isForEvent };
      return true;
    }
    this.#sleep(ticks);
    return false;
  }

  #sleep(ticks: number) {
    const { attention, base, timers, timerSlot } = this.parts;
    if (attention.isCalled(base)) return;
    const longest = Math.min(ticks, timers.nextDeadline(timerSlot));
    const began = performance.now();
    attention.sleep(base, longest / (counterFrequency / 1000));
    this.slept += performance.now() - began;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Ends it if something is there that ends it; answers whether it is over. */
  look(hasSignal: boolean, hasEvent: boolean): boolean {
    if (!this.#waiting) return true;
    const { until, isForEvent } = this.#waiting;
    if (hasSignal || this.parts.time.ticks >= until || isForEvent && hasEvent) this.#waiting = undefined;
    return this.#waiting === undefined;
  }

  end() {
    this.#waiting = undefined;
  }

  /** By the guest's time in ticks; Infinity where nothing but another vcpu ends it. */
  endsAt(): number {
    const { time, timers, timerSlot } = this.parts;
    return Math.min(this.#waiting?.until ?? Infinity, time.ticks + timers.nextDeadline(timerSlot));
  }
}
