// A bank of flash under test, and what it told its host.

import type { Width } from "../../../devices/device.ts";
import { createFlash, flashSize } from "../../../devices/flash/flash.ts";

/** One array for all tests of a file, each of which has it zeroed: 64 MiB. */
const bytes = new Uint8Array(flashSize);

export function createBank({ canKeep = true } = {}) {
  bytes.fill(0);
  const shown: boolean[] = [];
  const kept: [offset: number, length: number][] = [];
  const misuses: string[] = [];
  const flash = createFlash("flash0", {
    bytes,
    show: (isShown) => void shown.push(isShown),
    keep(offset, length) {
      kept.push([offset, length]);
      return canKeep;
    },
    misuse: (_, what) => void misuses.push(what),
  });
  /** Writes each value to its place, 32 bits each; `at` where only a value is given. */
  const command = (at: number, ...values: number[]) => values.forEach((value) => flash.write(at, 4, value));
  const read = (offset: number, width: Width = 4) => flash.read(offset, width);
  return { flash, bytes, shown, kept, misuses, command, read };
}

/** Both chips ready, and no failure. */
export const ready = 0x0080_0080;
