// Kernels made by hand for the tests, smallest that a loader takes for what they are.

import { assert } from "@std/assert";
import { dataView } from "../../guest/data_view.ts";
import type { GuestMemory } from "../../guest/memory.ts";

const NOP = 0xd503_201f;

/** A Linux Image of `length` bytes with the header of Linux Documentation/arch/arm64/booting.rst. */
export function linuxImage(
  length: number,
  fields: { textOffset?: bigint; imageSize?: bigint; flags?: bigint } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length).fill(0xa5);
  const header = new DataView(bytes.buffer);
  bytes.fill(0, 0, 64);
  header.setUint32(0, NOP, true);
  header.setBigUint64(8, fields.textOffset ?? 0n, true);
  header.setBigUint64(16, fields.imageSize ?? BigInt(length), true);
  header.setBigUint64(24, fields.flags ?? 0b1010n, true);
  bytes.set(new TextEncoder().encode("ARM\x64"), 56);
  return bytes;
}

/** Adds to a Linux Image an EFI stub's PE headers whose last section's data ends at `end`. */
export function withPeSections(image: Uint8Array<ArrayBuffer>, end: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(image.buffer);
  image.set(new TextEncoder().encode("MZ"));
  view.setUint32(60, 64, true);
  image.set(new TextEncoder().encode("PE\0\0"), 64);
  view.setUint16(70, 2, true);
  view.setUint16(84, 160, true);
  const sections: [number, number][] = [[512, 512], [1024, end - 1024]];
  for (const [n, [pointerToRawData, sizeOfRawData]] of sections.entries()) {
    view.setUint32(88 + 160 + n * 40 + 16, sizeOfRawData, true);
    view.setUint32(88 + 160 + n * 40 + 20, pointerToRawData, true);
  }
  return image;
}

/** An ELF file of two segments, the second with BSS; each test changes the field it is about. */
export function elf(change: (file: DataView) => void = () => {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x200);
  const file = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.setUint16(16, 2, true);
  file.setUint16(18, 183, true);
  file.setBigUint64(24, 0x4010_0000n, true);
  file.setBigUint64(32, 64n, true);
  file.setUint16(54, 56, true);
  file.setUint16(56, 2, true);
  const segments = [[0x100, 0x4010_0000, 0x80, 0x80], [0x180, 0x4020_0000, 0x80, 0x1000]] as const;
  for (const [n, [offset, address, filesz, memsz]] of segments.entries()) {
    const at = 64 + n * 56;
    file.setUint32(at, 1, true);
    file.setBigUint64(at + 8, BigInt(offset), true);
    file.setBigUint64(at + 16, BigInt(address), true);
    file.setBigUint64(at + 24, BigInt(address), true);
    file.setBigUint64(at + 32, BigInt(filesz), true);
    file.setBigUint64(at + 40, BigInt(memsz), true);
  }
  bytes.fill(0x11, 0x100, 0x180);
  bytes.fill(0x22, 0x180);
  change(file);
  return bytes;
}

/** An EFI zboot image around `payload`, compressed as named. */
export function efiZboot(payload: Uint8Array, compression: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x200 + payload.length + 16);
  const header = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("MZ\0\0zimg"));
  header.setUint32(8, 0x200, true);
  header.setUint32(12, payload.length, true);
  bytes.set(new TextEncoder().encode(compression), 24);
  bytes.set(payload, 0x200);
  return bytes;
}

/** The little-endian word at a guest-physical address, which must be RAM. */
export function u32At(memory: GuestMemory, address: number): number {
  const bytes = memory.slice(address, 4);
  assert(bytes !== undefined);
  return dataView(bytes).getUint32(0, true);
}

export async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
