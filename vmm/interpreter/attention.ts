// How threads reach a vcpu that runs or sleeps: its attention word and what is asked of it.

import { cpuWord } from "./a64/cpu_layout.ts";

/** What can be asked, bits of the `requests` word. */
export const requests = { kick: 1, forgetTranslations: 2, forgetCode: 4 } as const;

export class Attention {
  readonly #words: Int32Array;

  /** @param buffer of the memory that all vcpus' states are in */
  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer);
  }

  /** Makes the vcpu whose state is there look up from its work, or wakes it. */
  call(base: number) {
    const word = base + cpuWord.attention >> 2;
    Atomics.store(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }

  ask(base: number, request: number) {
    Atomics.or(this.#words, base + cpuWord.requests >> 2, request);
    this.call(base);
  }

  /** What was asked since the last time; the call is answered with this. */
  take(base: number): number {
    Atomics.store(this.#words, base + cpuWord.attention >> 2, 0);
    return Atomics.exchange(this.#words, base + cpuWord.requests >> 2, 0);
  }

  isCalled(base: number): boolean {
    return Atomics.load(this.#words, base + cpuWord.attention >> 2) !== 0;
  }

  /** Sleeps until called, or for so many milliseconds. */
  sleep(base: number, milliseconds: number) {
    Atomics.wait(this.#words, base + cpuWord.attention >> 2, 0, milliseconds);
  }
}
