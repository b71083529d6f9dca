// Guest-physical memory: which addresses there are, and where they lie in the memory that all is in.

import { pageBits } from "./cpu_layout.ts";

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

const pageInLog = ({ base }: Region, address: number) => Math.floor((address - base) / 2 ** pageBits);

/** Names the page of this address in the region's log, if there is one. */
export function logWrite(region: Region, address: number) {
  if (!region.written) return;
  const page = pageInLog(region, address);
  Atomics.or(region.written, page >> 3, 1 << (page & 7));
}

/** Whether writes to the page of this address are logged and there was none since the log was read. */
export function isUnwritten(region: Region, address: number): boolean {
  if (!region.written) return false;
  const page = pageInLog(region, address);
  return (region.written[page >> 3]! >> (page & 7) & 1) === 0;
}

export class PhysicalMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #isLogged = false;

  constructor(readonly buffer: ArrayBufferLike, public regions: readonly Region[]) {
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.change(regions);
  }

  /** The regions are others. */
  change(regions: readonly Region[]) {
    this.regions = regions;
    this.#isLogged = regions.some(({ written }) => written !== undefined);
  }

  /** The MMU itself wrote at this byte offset in the shared memory. */
  noteWalkerWrite(offset: number) {
    if (!this.#isLogged) return;
    const region = this.regions.find((one) => offset >= one.offset && offset < one.offset + one.size);
    if (region) logWrite(region, region.base + offset - region.offset);
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
