// How many instructions a VM's vcpus have run and how long that took, over shared memory, and the time that follows
// from their number: under --deterministic the guest's counters tick once for each instruction, and time in which no
// vcpu has anything to do is skipped.

import { type Clock, frequency } from "./clock.ts";

/** Words of 64 bits. */
const skipped = 0, run = 1, spent = 2;

/** When a guest's time begins: 1 January 2025, in milliseconds since 1970. */
const beginning = Date.UTC(2025, 0, 1);

/** The first tick at which it is not earlier. */
export const tickAtDate = (date: number): number => Math.ceil((date - beginning) * (frequency / 1000));

/** Nanoseconds since 1970. */
export const guestRealTime = (ticks: bigint): bigint =>
  BigInt(beginning) * 1_000_000n + ticks * 1_000_000_000n / BigInt(frequency);

export const guestTimeBytes = 24;

export class GuestTime {
  readonly #words: BigInt64Array;
  /** Instructions of the vcpu whose turn it is, beyond those that were added. */
  #notAdded = () => 0;

  /** @param state guestTimeBytes */
  constructor(readonly state: ArrayBufferLike) {
    this.#words = new BigInt64Array(state);
  }

  /** Of all vcpus. */
  get instructions(): number {
    return Number(Atomics.load(this.#words, run));
  }

  /** Real time that all vcpus have spent on them. */
  get secondsSpent(): number {
    return Number(Atomics.load(this.#words, spent)) / 1e9;
  }

  /** For each vcpu's thread to say now and then. */
  add(instructions: number, milliseconds: number) {
    Atomics.add(this.#words, run, BigInt(instructions));
    Atomics.add(this.#words, spent, BigInt(Math.round(1e6 * milliseconds)));
  }

  /** Ticks since the VM was made, and seconds. */
  get ticks(): number {
    return Number(this.#words[skipped]! + this.#words[run]!) + this.#notAdded();
  }

  get seconds(): number {
    return this.ticks / frequency;
  }

  /** Milliseconds since 1970. */
  get date(): number {
    return beginning + this.ticks / (frequency / 1000);
  }

  /** Makes a vcpu of this thread the one that runs. */
  follow(notAdded: () => number) {
    this.#notAdded = notAdded;
  }

  skipTo(ticks: number) {
    this.#words[skipped]! += BigInt(Math.max(0, ticks - this.ticks));
  }

  readonly clock: Clock = () => BigInt(this.ticks);
}
