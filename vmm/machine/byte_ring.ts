// A queue of bytes from one isolate to another: bounded, so that neither side can exhaust the other.

const read = 0;
const written = 1;
const ended = 2;
const headerSize = 12;

export class ByteRing {
  readonly #counts: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.#counts = new Int32Array(buffer, 0, headerSize / 4);
    this.#bytes = new Uint8Array(buffer, headerSize);
  }

  /** @param capacity bytes, a power of two */
  static ofCapacity(capacity: number): ByteRing {
    return new ByteRing(new SharedArrayBuffer(headerSize + capacity));
  }

  /** How many bytes wait to be taken. */
  get length(): number {
    return (Atomics.load(this.#counts, written) - Atomics.load(this.#counts, read)) >>> 0;
  }

  get room(): number {
    return this.#bytes.length - this.length;
  }

  /** Adds a byte; false when there is no room. */
  push(byte: number): boolean {
    if (this.room === 0) return false;
    const at = Atomics.load(this.#counts, written);
    this.#bytes[at & (this.#bytes.length - 1)] = byte;
    Atomics.store(this.#counts, written, at + 1 | 0);
    Atomics.notify(this.#counts, written);
    return true;
  }

  /** Says that nothing more is to come. */
  end() {
    Atomics.store(this.#counts, ended, 1);
    Atomics.notify(this.#counts, written);
  }

  get hasEnded(): boolean {
    return Atomics.load(this.#counts, ended) !== 0;
  }

  /** Sleeps until a byte is added or the end is told, at most so long. */
  awaitGiven(milliseconds: number) {
    const seen = Atomics.load(this.#counts, written);
    if (!this.hasEnded) Atomics.wait(this.#counts, written, seen, milliseconds);
  }

  /** Takes up to `into.length` bytes; returns how many. */
  take(into: Uint8Array): number {
    const count = this.peek(into);
    this.drop(count);
    return count;
  }

  /** As `take`, but the bytes stay. */
  peek(into: Uint8Array): number {
    const from = Atomics.load(this.#counts, read);
    const count = Math.min(this.length, into.length);
    for (let n = 0; n < count; n++) into[n] = this.#bytes[from + n & (this.#bytes.length - 1)]!;
    return count;
  }

  /** Removes the first `count` bytes. */
  drop(count: number) {
    Atomics.store(this.#counts, read, Atomics.load(this.#counts, read) + count | 0);
    Atomics.notify(this.#counts, read);
  }

  /** Sleeps until a byte is taken, at most so long. */
  awaitTaken(milliseconds: number) {
    const seen = Atomics.load(this.#counts, read);
    if (this.room === 0) Atomics.wait(this.#counts, read, seen, milliseconds);
  }
}
