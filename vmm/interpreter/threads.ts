// Threads that run vcpus, as numbers by which another thread interrupts their KVM_RUN. What a signal is to a
// process of Linux, the vcpu's attention word is here: a thread that runs none is not interrupted.

import { firstPage } from "./arena.ts";
import { Attention, requests } from "./attention.ts";

export class Threads {
  readonly #words: Int32Array;
  readonly #attention: Attention;
  #current = 0;

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer);
    this.#attention = new Attention(buffer);
  }

  /** This thread's number, never 0. Throws RangeError when there have been too many. */
  get current(): number {
    if (this.#current === 0) {
      this.#current = Atomics.add(this.#words, firstPage.threadCount, 1) + firstPage.threads;
      if (this.#current >= firstPage.words) {
        throw new RangeError("too many threads have run vcpus of this backend");
      }
    }
    return this.#current;
  }

  /** Runs a vcpu, whose state is at `base`, on this thread. */
  running(base: number, run: () => number): number {
    Atomics.store(this.#words, this.current, base);
    const answer = run();
    Atomics.store(this.#words, this.current, 0);
    return answer;
  }

  interrupt(thread: number) {
    const base = Atomics.load(this.#words, thread);
    if (base !== 0) this.#attention.ask(base, requests.kick);
  }
}
