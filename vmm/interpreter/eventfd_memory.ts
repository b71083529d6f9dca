// Eventfds as all threads reach them (eventfd(2)): a counter in the arena, and beside it the interrupt that
// KVM_IRQFD tied it to. One that is tied never counts: who signals it injects the interrupt.

import type { Arena } from "./arena.ts";

const eventfdBytes = 16, blockBytes = 0x1_0000;
/** Of an eventfd: its counter of 64 bits, the VM whose interrupt it is (0: none) and the interrupt's GSI. */
const VM = 2, GSI = 3;
const mostCount = (1n << 64n) - 2n;

/** Makes an interrupt of a VM pending, as an edge; answers whether that VM's controller is here. */
export type Inject = (vm: number, gsi: number) => boolean;

export class EventfdMemory {
  readonly #words: Int32Array;
  readonly #counts: BigUint64Array;

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer);
    this.#counts = new BigUint64Array(buffer);
  }

  signal(at: number, inject: Inject, count = 1n) {
    const vm = Atomics.load(this.#words, at / 4 + VM);
    if (vm !== 0 && inject(vm, this.#words[at / 4 + GSI]!)) return;
    for (;;) {
      const before = Atomics.load(this.#counts, at / 8);
      const after = before + count > mostCount ? mostCount : before + count;
      if (Atomics.compareExchange(this.#counts, at / 8, before, after) === before) return;
    }
  }

  /** The counter, which is 0 then. */
  take(at: number): bigint {
    return Atomics.exchange(this.#counts, at / 8, 0n);
  }

  /** @param vm 0 to untie it */
  tie(at: number, vm: number, gsi: number) {
    Atomics.store(this.#words, at / 4 + GSI, gsi);
    Atomics.store(this.#words, at / 4 + VM, vm);
  }

  /** The VM it is tied to, or 0. */
  tiedTo(at: number): number {
    return Atomics.load(this.#words, at / 4 + VM);
  }
}

/** Where eventfds lie. One stays for as long as it is open or anything is tied to it. */
export class EventfdPlaces {
  readonly #free: number[] = [];

  constructor(readonly arena: Arena) {}

  take(): number {
    if (!this.#free.length) {
      const block = this.arena.allocate(blockBytes);
      for (let at = block + blockBytes - eventfdBytes; at >= block; at -= eventfdBytes) this.#free.push(at);
    }
    const at = this.#free.pop()!;
    new Uint8Array(this.arena.memory.buffer, at, eventfdBytes).fill(0);
    return at;
  }

  giveBack(at: number) {
    this.#free.push(at);
  }
}
