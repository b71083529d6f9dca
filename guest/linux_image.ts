// The arm64 Linux kernel's `Image`. Linux Documentation/arch/arm64/booting.rst, "Call the kernel image";
// for its length, the Microsoft PE format's "COFF File Header" and "Section Table", which EFI stubs carry.

import { dataView } from "./data_view.ts";
import { GuestImageError } from "./guest_error.ts";
import { alignUp, formatSize, MiB, type Ram } from "./ram.ts";
import type { KernelFile } from "./segments.ts";

const HEADER_SIZE = 64;
const MAGIC = 0x644d_5241; // "ARM\x64"
const BIG_ENDIAN = 1n << 0n;
const PE_SIGNATURE = 0x4550; // "PE\0\0"
const PE_HEADER_SIZE = 24;
const PE_SECTION_SIZE = 40;

// A kernel that states no image_size (before 3.17) also has an unreliable text_offset; this one is assumed.
const OLD_TEXT_OFFSET = 0x8_0000n;

export function isLinuxImage(bytes: Uint8Array): boolean {
  return bytes.length >= 60 && dataView(bytes).getUint32(56, true) === MAGIC;
}

/** Lies at `text_offset` from the lowest 2 MiB boundary in RAM, and is entered at its first byte. */
export function linuxImage(bytes: Uint8Array, ram: Ram): KernelFile {
  checkLength(bytes);
  const header = dataView(bytes);
  const imageSize = header.getBigUint64(16, true);
  const textOffset = imageSize === 0n ? OLD_TEXT_OFFSET : header.getBigUint64(8, true);
  if (imageSize !== 0n && (header.getBigUint64(24, true) & BIG_ENDIAN) !== 0n) {
    throw new GuestImageError("the kernel is a big-endian Linux Image; a little-endian one is needed");
  }
  const address = BigInt(alignUp(ram.base, 2 * MiB)) + textOffset;
  const size = imageSize > BigInt(bytes.length) ? imageSize : BigInt(bytes.length);
  return { format: "Linux Image", entry: address, segments: [{ address, size, bytes }] };
}

/** A file may be shorter than image_size, which counts BSS, but not than its header or its sections. */
function checkLength(bytes: Uint8Array): void {
  const needed = bytes.length < HEADER_SIZE ? HEADER_SIZE : sectionsEnd(dataView(bytes));
  if (bytes.length >= needed) return;
  throw new GuestImageError(
    `the kernel is a Linux Image of at least ${formatSize(needed)} cut short to ${
      formatSize(bytes.length)
    }; ` +
      "give the whole file",
  );
}

/** The file offset where the last PE section ends, or as much of the headers as must be there to know it. */
function sectionsEnd(image: DataView): number {
  const peHeader = image.getUint32(60, true);
  const isEfiStub = image.getUint16(0, true) === 0x5a4d; // "MZ"
  if (!isEfiStub || peHeader === 0) return HEADER_SIZE;
  const sections = peHeader + PE_HEADER_SIZE;
  if (sections > image.byteLength) return sections;
  if (image.getUint32(peHeader, true) !== PE_SIGNATURE) return HEADER_SIZE;
  const table = sections + image.getUint16(peHeader + 20, true);
  let end = table + image.getUint16(peHeader + 6, true) * PE_SECTION_SIZE;
  if (end > image.byteLength) return end;
  for (let section = table, last = end; section < last; section += PE_SECTION_SIZE) {
    end = Math.max(end, image.getUint32(section + 20, true) + image.getUint32(section + 16, true));
  }
  return end;
}
