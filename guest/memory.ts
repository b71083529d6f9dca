// A guest's RAM as the monitor sees it: one piece of memory, addressed by guest-physical address.
// Addresses are plain numbers (below 2^53).

const PAGE = 4096;

export class GuestMemory {
  /** Guest-physical address of the first byte. */
  readonly base: number;
  /** In bytes. */
  readonly size: number;
  readonly #bytes: Uint8Array;

  /** `bytes` are all of RAM, a whole number of 4 KiB pages; `base` is page-aligned. */
  constructor(bytes: Uint8Array, base: number) {
    if (!Number.isSafeInteger(base) || base < 0 || base % PAGE !== 0 || bytes.length % PAGE !== 0) {
      throw new RangeError(`guest memory of ${bytes.length} bytes at ${base} is not made of whole pages`);
    }
    this.base = base;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  /** Whether all of `length` bytes from `address` are RAM; false for anything but safe integers. */
  contains(address: number, length: number): boolean {
    return Number.isSafeInteger(address) && Number.isSafeInteger(length) && length >= 0 &&
      address >= this.base && address - this.base <= this.size - length;
  }

  /**
   * A view of guest memory, not a copy; undefined if any byte of it is outside RAM. Up to a page, its offset
   * in its buffer is as aligned as `address`.
   */
  slice(address: number, length: number): Uint8Array | undefined {
    if (!this.contains(address, length)) return undefined;
    const offset = address - this.base;
    return this.#bytes.subarray(offset, offset + length);
  }

  /** False, and nothing written, if any byte would be outside RAM. */
  write(address: number, bytes: Uint8Array): boolean {
    if (!this.contains(address, bytes.length)) return false;
    this.#bytes.set(bytes, address - this.base);
    return true;
  }

  /** Zeroes `length` bytes; false, and nothing written, if any byte would be outside RAM. */
  clear(address: number, length: number): boolean {
    if (!this.contains(address, length)) return false;
    const offset = address - this.base;
    this.#bytes.fill(0, offset, offset + length);
    return true;
  }
}
