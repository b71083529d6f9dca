// What a device that reads and writes guest memory by itself needs of it.

export interface GuestMemory {
  /**
   * A view, not a copy, of `length` bytes of RAM at the guest physical address `address`; undefined when
   * any of them lies outside RAM. Takes any numbers and never throws. Where `address` is a multiple of 16,
   * so is the view's offset in its buffer.
   */
  slice(address: number, length: number): Uint8Array | undefined;
}
