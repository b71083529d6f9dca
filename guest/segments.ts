// What every kernel format comes down to: spans of bytes at guest-physical addresses and an entry point;
// and the check that a guest's RAM holds them.

import { GuestImageError } from "./guest_error.ts";
import { formatAddress, formatSize, MOST_MEMORY, type Ram, tooLittleMemory } from "./ram.ts";

// A kernel for addresses from here up is not one for a larger guest: no guest is that large.
const HIGHEST_ADDRESS = BigInt(MOST_MEMORY);

/** `bytes` go to `address`; from their end to `size` bytes the memory is zeroed. */
export interface Segment {
  readonly address: bigint;
  readonly size: bigint;
  readonly bytes: Uint8Array;
}

/** What a kernel's file asks for. */
export interface KernelFile {
  /** For people: "Linux Image". */
  readonly format: string;
  readonly entry: bigint;
  /** At least one. */
  readonly segments: readonly Segment[];
}

/** Where a loader writes; false means the address is not RAM. */
export interface Destination {
  write(address: number, bytes: Uint8Array): boolean;
  clear(address: number, length: number): boolean;
}

/** A kernel checked against its guest's RAM. Guest-physical addresses; `end` is exclusive and counts BSS. */
export interface Kernel {
  readonly format: string;
  readonly entry: number;
  readonly start: number;
  readonly end: number;
  load(memory: Destination): void;
}

/** Throws GuestImageError for a segment outside `ram` or on top of another. */
export function fitKernel(file: KernelFile, ram: Ram): Kernel {
  const segments = file.segments.toSorted((a, b) => a.address < b.address ? -1 : 1);
  let previousEnd = 0n;
  for (const segment of segments) {
    checkInsideRam(segment, ram);
    if (segment.address < previousEnd) {
      throw new GuestImageError(
        `the kernel's segment at ${formatAddress(segment.address)} overlaps the one before it, ` +
          `which ends at ${formatAddress(previousEnd)}; each needs memory of its own`,
      );
    }
    previousEnd = segment.address + segment.size;
  }
  return {
    format: file.format,
    entry: Number(file.entry),
    start: Number(segments[0]?.address ?? file.entry),
    end: Number(previousEnd),
    load: (memory) => segments.forEach((segment) => loadSegment(segment, memory)),
  };
}

function checkInsideRam({ address, size }: Segment, ram: Ram): void {
  const ramEnd = BigInt(ram.base) + BigInt(ram.size);
  const end = address + size;
  if (address < BigInt(ram.base) || address >= HIGHEST_ADDRESS) {
    throw new GuestImageError(
      `the kernel has a segment for ${formatAddress(address)} to ${formatAddress(end)}, ` +
        `but memory starts at ${formatAddress(ram.base)}; link it to load from there`,
    );
  }
  if (end > ramEnd) {
    const problem = `a kernel of ${formatSize(Number(size))} at ${formatAddress(address)} does not fit`;
    throw tooLittleMemory(problem, Number(end) - ram.base, ram);
  }
}

function loadSegment({ address, size, bytes }: Segment, memory: Destination): void {
  const start = Number(address);
  if (!memory.write(start, bytes) || !memory.clear(start + bytes.length, Number(size) - bytes.length)) {
    throw new Error(`guest memory changed after the kernel was fitted to it, at ${formatAddress(address)}`);
  }
}
