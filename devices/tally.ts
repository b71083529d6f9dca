// Numbers that count up, in memory that isolates may share. Each has one writer, so that counting takes no atomic; a
// reader sees it a moment late. They are pairs of 32-bit words: integers are counted faster than floating-point numbers.

const bytesOfNumber = 8;

export class Tally {
  /** Low word, high word, for each number. */
  readonly #words: Int32Array;

  /** @param at byte offset of the first number; all are 0 in fresh memory */
  constructor(
    readonly length: number,
    buffer: ArrayBufferLike = new ArrayBuffer(Tally.bytes(length)),
    at = 0,
  ) {
    this.#words = new Int32Array(buffer, at, 2 * length);
  }

  static bytes(length: number): number {
    return bytesOfNumber * length;
  }

  count(number: number) {
    const low = this.#words[2 * number]! + 1 | 0;
    this.#words[2 * number] = low;
    if (low === 0) this.#words[2 * number + 1]!++;
  }

  get(number: number): number {
    return (this.#words[2 * number]! >>> 0) + this.#words[2 * number + 1]! * 2 ** 32;
  }
}
