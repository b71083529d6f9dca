// Where a guest's RAM lies, and the sentences about what does not fit in it.

import { GuestImageError } from "./guest_error.ts";

/** One span of guest-physical memory: `base` its first address, `size` in bytes. */
export interface Ram {
  readonly base: number;
  readonly size: number;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** The 40-bit address space every arm64 KVM host offers, beyond which more memory is not the answer. */
export const MOST_MEMORY = 2 ** 40;

/** "34 MiB", "1.5 GiB", "612 bytes". */
export function formatSize(bytes: number): string {
  if (bytes < KiB) return `${bytes} bytes`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power - 1]}`;
}

/** "0x40080000". */
export function formatAddress(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}

export function alignUp(address: number, alignment: number): number {
  return Math.ceil(address / alignment) * alignment;
}

export function alignDown(address: number, alignment: number): number {
  return Math.floor(address / alignment) * alignment;
}

/** `problem` says what does not fit, "an initrd of 3 GiB does not fit"; all there is needs `needed` bytes. */
export function tooLittleMemory(problem: string, needed: number, ram: Ram): GuestImageError {
  const enough = 2 ** Math.ceil(Math.log2(Math.max(needed, MiB)));
  const advice = enough > MOST_MEMORY
    ? "no guest can have that much, so its header must be damaged"
    : `give --memory ${enough / MiB}M or more`;
  return new GuestImageError(`${problem} in ${formatSize(ram.size)} of memory; ${advice}`);
}
