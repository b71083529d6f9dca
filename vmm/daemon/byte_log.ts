// The last bytes of a stream that never ends: what was written is found by its offset from the very beginning,
// until newer bytes have taken its room.

import { Bell } from "./bell.ts";

export interface Piece {
  /** Of the first byte in `bytes`; beyond the offset asked for if what was there has been dropped. */
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class ByteLog {
  /** Rings when there is more, and when there will be no more for now. */
  readonly bell = new Bell();
  #room: Uint8Array;
  #end = 0;

  /** @param capacity in bytes; memory is taken as it fills */
  constructor(readonly capacity: number) {
    this.#room = new Uint8Array(Math.min(capacity, 4096));
  }

  /** Offset of the oldest byte there is. */
  get start(): number {
    return Math.max(0, this.#end - this.#room.length);
  }

  /** Offset that the next byte will have. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array) {
    this.#grow(this.#end + bytes.length);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#room.length));
    this.#end += bytes.length;
    let at = (this.#end - kept.length) % this.#room.length;
    const first = Math.min(kept.length, this.#room.length - at);
    this.#room.set(kept.subarray(0, first), at);
    at = (at + first) % this.#room.length;
    this.#room.set(kept.subarray(first), at);
    this.bell.ring();
  }

  /** At most `most` bytes from `offset` on, or from the oldest there is. */
  read(offset: number, most = Infinity): Piece {
    const from = Math.min(Math.max(offset, this.start), this.#end);
    const bytes = new Uint8Array(Math.min(most, this.#end - from));
    const at = from % this.#room.length;
    const first = this.#room.subarray(at, at + bytes.length);
    bytes.set(first);
    bytes.set(this.#room.subarray(0, bytes.length - first.length), first.length);
    return { offset: from, bytes };
  }

  /** Bytes move to a larger room only while none has been dropped, so that offsets stay indices. */
  #grow(size: number) {
    if (size <= this.#room.length || this.#room.length === this.capacity) return;
    let length = this.#room.length;
    while (length < size && length < this.capacity) length = Math.min(2 * length, this.capacity);
    const room = new Uint8Array(length);
    room.set(this.#room.subarray(0, this.#end));
    this.#room = room;
  }
}
