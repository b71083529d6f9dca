// Threads that run vcpus, as numbers by which another thread interrupts their KVM_RUN. What a signal is to a
// process of Linux, the vcpu's attention word is here: a thread that runs none is not interrupted.

import { Attention, requests } from "./attention.ts";

/** In the arena's first page, which is no one's: how many threads there are, then what each runs. */
const countAt = 0, firstThread = 1, mostThreads = 0x1_0000 / 4 - firstThread;

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
      this.#current = Atomics.add(this.#words, countAt, 1) + firstThread;
      if (this.#current > mostThreads) {
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
