// The bus: which device answers at a guest physical address. Addresses are plain numbers below 2^53.

import type { Device, Width } from "./device.ts";

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
 * A bus with these windows. An access that no single window holds whole goes to `onStray`.
 * Overlapping windows are a mistake of the board and throw RangeError.
 */
export function createBus(windows: readonly Window[], onStray: Stray): Bus {
  const sorted = [...windows].sort((a, b) => a.base - b.base);
  rejectOverlaps(sorted);
  const bases = Float64Array.from(sorted, ({ base }) => base);
  const devices = sorted.map(({ device }) => device);
  let latest = 0;

  function find(address: number): number {
    if (holds(latest, address)) return latest;
    let low = 0;
    let high = bases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((bases[middle] ?? Infinity) <= address) low = middle;
      else high = middle - 1;
    }
    return latest = low;
  }

  function holds(index: number, address: number): boolean {
    const offset = address - (bases[index] ?? Infinity);
    return offset >= 0 && offset < (devices[index]?.size ?? 0);
  }

  return {
    windows: sorted,
    read(address, width) {
      const index = find(address);
      const device = devices[index];
      const offset = address - (bases[index] ?? 0);
      if (device !== undefined && offset >= 0 && offset + width <= device.size) {
        return device.read(offset, width);
      }
      onStray(address, width, false);
      return 0;
    },
    write(address, width, value) {
      const index = find(address);
      const device = devices[index];
      const offset = address - (bases[index] ?? 0);
      if (device !== undefined && offset >= 0 && offset + width <= device.size) {
        device.write(offset, width, value);
      } else onStray(address, width, true);
    },
    reset: () => devices.forEach((device) => device.reset()),
  };
}

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
