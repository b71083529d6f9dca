// A value that every thread of a VM sees and may change: as JSON in shared memory, with a version by which
// a reader notices that it changed. Who runs a vcpu says which version it has, so that whoever changed something
// can wait until no vcpu goes by what was before.

import type { Attention } from "./attention.ts";
import { lock, unlock } from "./gic/gic_lock.ts";

/** Words before the text; then for each vcpu the version it runs with, 0 while it is not in KVM_RUN. */
const VERSION = 0, LENGTH = 1, LOCK = 2, VCPUS = 3;
const mostVcpus = 512;
const textAt = 4 * (VCPUS + mostVcpus);
/** Room at first, and at most: every slot a VM can have, and more. */
const firstRoom = 1 << 13, mostRoom = 1 << 24;

/** An even version is whole; while it is odd the text is being written. */
const firstVersion = 2;

export const publishedState = () => {
  const state = new SharedArrayBuffer(textAt + firstRoom, { maxByteLength: textAt + mostRoom });
  new Int32Array(state, 0, textAt / 4)[VERSION] = firstVersion;
  return state;
};

/** A vcpu by its number, and where its state lies. */
export interface Reader {
  readonly index: number;
  readonly base: number;
}

export class Published<T> {
  readonly #words: Int32Array;

  constructor(readonly state: SharedArrayBuffer) {
    this.#words = new Int32Array(state, 0, textAt / 4);
  }

  get version(): number {
    return Atomics.load(this.#words, VERSION);
  }

  /** Makes it another value, which no other thread does meanwhile. Returns it. */
  update(change: (before: T) => T): T {
    lock(this.#words, LOCK);
    const before = this.read().value;
    const after = change(before);
    if (after !== before) this.publish(after);
    unlock(this.#words, LOCK);
    return after;
  }

  /** The first value. */
  publish(value: T) {
    const text = new TextEncoder().encode(JSON.stringify(value));
    if (this.state.byteLength < textAt + text.length) this.state.grow(textAt + text.length);
    Atomics.add(this.#words, VERSION, 1);
    new Uint8Array(this.state, textAt).set(text);
    this.#words[LENGTH] = text.length;
    this.announce(1);
  }

  /** Makes readers look again, though the value is the same. */
  announce(step = 2) {
    Atomics.add(this.#words, VERSION, step);
    Atomics.notify(this.#words, VERSION);
  }

  /** The value and its version. */
  read(): { readonly value: T; readonly version: number } {
    for (;;) {
      const version = this.version;
      if (version & 1) {
        Atomics.wait(this.#words, VERSION, version);
        continue;
      }
      const text = new Uint8Array(this.state, textAt, this.#words[LENGTH]).slice();
      if (this.version === version) return { value: JSON.parse(new TextDecoder().decode(text)), version };
    }
  }

  /** A vcpu is in KVM_RUN and goes by this version; 0: it is there no more. */
  say(vcpu: number, version: number) {
    Atomics.store(this.#words, VCPUS + vcpu, version);
    Atomics.notify(this.#words, VCPUS + vcpu);
  }

  /** Waits until each of these vcpus goes by the value of now, or is not in KVM_RUN. */
  waitFor(vcpus: Iterable<Reader>, attention: Attention) {
    const { version } = this;
    for (const { index, base } of vcpus) {
      for (let seen; (seen = Atomics.load(this.#words, VCPUS + index)) !== 0 && seen !== version;) {
        attention.call(base);
        Atomics.wait(this.#words, VCPUS + index, seen);
      }
    }
  }
}
