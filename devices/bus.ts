// The bus: which device answers at a guest physical address. Addresses are plain numbers below 2^53.

import type { Device, Width } from "./device.ts";
import { Tally } from "./tally.ts";

/** A device and the guest physical address of its first byte. */
export interface Window {
  readonly base: number;
  readonly device: Device;
}

/** Told of an access to an address where nothing is. */
export type Stray = (address: number, width: Width, write: boolean) => void;

export interface Bus {
  /** Every window, by rising address. */
  readonly windows: readonly Window[];
  /** The value at `address`, zero-extended; zero where nothing is. */
  read(address: number, width: Width): number;
  /** Writes an unsigned value; ignored where nothing is. */
  write(address: number, width: Width, value: number): void;
  /** Resets every device. */
  reset(): void;
}

/**
 * A bus with these windows. An access that no single window holds whole goes to `onStray`; every other is counted
 * in `accesses`, by the window's number in the order of addresses.
 * Overlapping windows are a mistake of the board and throw RangeError.
 */
export function createBus(
  windows: readonly Window[],
  onStray: Stray,
  accesses = new Tally(windows.length),
): Bus {
  const sorted = [...windows].sort((a, b) => a.base - b.base);
  rejectOverlaps(sorted);
  const spans = sorted.map(({ base, device }, number): Span => ({ base, size: device.size, device, number }));
  let latest: Span | undefined = spans[0];
  /** The 32-bit register that was read last: a guest that waits for something reads one again and again. */
  let polledAddress = -1;
  let polledWindow = 0;
  let readPolled = () => 0;

  /** The window that holds an access whole. A guest's accesses come in runs, so the latest is tried first. */
  function find(address: number, width: Width): Span | undefined {
    if (latest !== undefined && holds(latest, address, width)) return latest;
    let low = 0;
    let high = spans.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (spans[middle]!.base <= address) low = middle;
      else high = middle - 1;
    }
    const found = spans[low];
    return found !== undefined && holds(found, address, width) ? latest = found : undefined;
  }

  return {
    windows: sorted,
    read(address, width) {
      if (address === polledAddress && width === 4) {
        accesses.count(polledWindow);
        return readPolled() >>> 0;
      }
      const span = find(address, width);
      if (span === undefined) {
        onStray(address, width, false);
        return 0;
      }
      accesses.count(span.number);
      const reader = width === 4 ? span.device.readerAt?.(address - span.base) : undefined;
      if (reader !== undefined) {
        polledAddress = address;
        polledWindow = span.number;
        readPolled = reader;
      }
      return span.device.read(address - span.base, width);
    },
    write(address, width, value) {
      const span = find(address, width);
      if (span === undefined) return onStray(address, width, true);
      accesses.count(span.number);
      span.device.write(address - span.base, width, value);
    },
    reset: () => sorted.forEach(({ device }) => device.reset()),
  };
}

interface Span extends Window {
  readonly size: number;
  readonly number: number;
}

const holds = ({ base, size }: Span, address: number, width: Width) =>
  address >= base && address + width <= base + size;

function rejectOverlaps(sorted: readonly Window[]): void {
  sorted.forEach(({ base, device }, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && before.base + before.device.size > base) {
      throw new RangeError(
        `${device.name} at 0x${base.toString(16)} overlaps ${before.device.name} at 0x${
          before.base.toString(16)
        }`,
      );
    }
  });
}
