// Guest-physical memory: which addresses there are, and where they lie in the memory that all is in.

/** A piece of guest-physical memory. Addresses have at most 52 bits, so that numbers hold them exactly. */
export interface Region {
  readonly base: number;
  readonly size: number;
  /** Byte offset in the shared memory. */
  readonly offset: number;
  readonly isReadOnly: boolean;
  /** Of a region whose writes are logged: a bit for each page. */
  readonly written?: Uint8Array | undefined;
}

export class PhysicalMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(readonly buffer: ArrayBufferLike, public regions: readonly Region[]) {
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** The byte offset of an address, or -1 if no memory is there. */
  offsetOf(address: number | bigint): number {
    const place = Number(address);
    const region = this.regionAt(place);
    return region ? region.offset + (place - region.base) : -1;
  }

  regionAt(address: number): Region | undefined {
    for (const region of this.regions) {
      if (address >= region.base && address < region.base + region.size) return region;
    }
    return undefined;
  }
}
