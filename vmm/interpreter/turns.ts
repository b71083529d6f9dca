// Vcpus that take turns on one thread, so that two runs of a guest are the same. What ends a turn is counted in
// instructions; when no vcpu has anything to do, time is skipped to when one has.

import { type GuestTime, tickAtDate } from "./guest_time.ts";
import { type FillRandom, seededRandom } from "./seeded_random.ts";

/** Ticks of a turn, where another vcpu waits for its own. */
const turn = 20_000;

/** A vcpu that takes turns. */
export interface TurnTaker {
  readonly index: number;
  /** Whether it is on and what it waited for, if anything, has come. */
  canGoOn(): boolean;
  /** Ticks at which it can of itself, after now; Infinity if it cannot. */
  wakesAt(): number;
}

export class Turns {
  readonly #takers: TurnTaker[] = [];
  #current = 0;
  #turnEnd = 0;
  /** Ticks at which the monitor has something to do; every turn ends there. */
  #deadline = Infinity;
  readonly fillRandom: FillRandom;

  /** @param seed of the random numbers of the monitor's devices */
  constructor(readonly time: GuestTime, seed: number) {
    this.fillRandom = seededRandom(seed, 0);
  }

  /** In the order in which they take turns. One of the same index takes the earlier one's place. */
  add(taker: TurnTaker) {
    const known = this.#takers.findIndex(({ index }) => index === taker.index);
    this.#takers[known < 0 ? this.#takers.length : known] = taker;
  }

  /** Which vcpu's turn it is; none where the monitor's time has come, or where nobody ever goes on of itself. */
  next(): number | undefined {
    for (;;) {
      if (this.isMonitorsTime) return undefined;
      if (this.#choose()) return this.current;
      const wake = Math.min(this.#deadline, ...this.#takers.map((taker) => taker.wakesAt()));
      if (wake === Infinity) return undefined;
      this.time.skipTo(wake);
    }
  }

  /** Whose turn it is, or was last. */
  get current(): number {
    return this.#takers[this.#current]!.index;
  }

  /** Whether the deadline that the monitor has set has come. */
  get isMonitorsTime(): boolean {
    return this.time.ticks >= this.#deadline;
  }

  /** @param date when the monitor has something to do, in milliseconds since 1970; it replaces an earlier one */
  setDeadline(date: number) {
    this.#deadline = Math.max(this.time.ticks + 1, tickAtDate(date));
  }

  /** If it has come. */
  forgetDeadline() {
    if (this.isMonitorsTime) this.#deadline = Infinity;
  }

  #choose(): boolean {
    const now = this.time.ticks;
    const takers = this.#takers;
    if (now < this.#turnEnd && takers[this.#current]!.canGoOn()) return true;
    for (let step = 1; step <= takers.length; step++) {
      const candidate = (this.#current + step) % takers.length;
      if (!takers[candidate]!.canGoOn()) continue;
      this.#current = candidate;
      this.#turnEnd = now + turn;
      return true;
    }
    return false;
  }

  /** How many instructions the vcpu whose turn it is may run before somebody has to look again. */
  slice(): number {
    const now = this.time.ticks;
    const wake = Math.min(this.#turnEnd, this.#deadline, this.#takers[this.#current]!.wakesAt());
    return Math.max(1, wake - now);
  }
}
