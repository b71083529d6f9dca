// A growing array of bytes, with the integer encodings of WebAssembly's binary format (WebAssembly Core
// Specification, "Binary Format", "Values").

export class Bytes {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written; valid until the next write. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear() {
    this.#length = 0;
  }

  #reserve(count: number) {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    larger.set(this.written);
    this.#bytes = larger;
  }

  byte(value: number) {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  append(bytes: Uint8Array) {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  unsigned(value: number) {
    for (; value > 0x7f; value = Math.floor(value / 128)) this.byte(value & 0x7f | 0x80);
    this.byte(value);
  }

  signed(value: number | bigint) {
    if (typeof value === "number") return this.#signedNumber(value);
    let rest = value;
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = low & 0x40 ? rest === -1n : rest === 0n;
      this.byte(isLast ? low : low | 0x80);
      if (isLast) return;
    }
  }

  /** Of a safe integer. */
  #signedNumber(value: number) {
    let rest = value;
    for (; rest < -0x40 || rest > 0x3f; rest = Math.floor(rest / 128)) this.byte(rest & 0x7f | 0x80);
    this.byte(rest & 0x7f);
  }

  name(text: string) {
    const bytes = new TextEncoder().encode(text);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** A vector of bytes: its length, then itself. */
  sized({ written }: Bytes) {
    this.unsigned(written.length);
    this.append(written);
  }
}
