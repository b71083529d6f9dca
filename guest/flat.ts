// A flat binary: code entered at its first byte, 512 KiB into RAM, where QEMU's virt machine and the older
// Linux boot protocol put one too. What lies below is left for the device tree.

import type { Ram } from "./ram.ts";
import type { KernelFile } from "./segments.ts";

const LOAD_OFFSET = 0x8_0000;

export function flatBinary(bytes: Uint8Array, ram: Ram): KernelFile {
  const address = BigInt(ram.base + LOAD_OFFSET);
  return {
    format: "flat binary",
    entry: address,
    segments: [{ address, size: BigInt(bytes.length), bytes }],
  };
}
