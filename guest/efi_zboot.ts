// The EFI zboot image: an EFI program that carries a compressed Linux Image, which distributions ship as
// vmlinuz. Linux drivers/firmware/efi/libstub/zboot-header.S lays out its header.

import { dataView } from "./data_view.ts";
import { GuestImageError } from "./guest_error.ts";
import { gunzip } from "./gzip.ts";

const HEADER_SIZE = 64;
const ZIMG = 0x676d_697a; // "zimg"
const COMPRESSION_AT = 24;
const COMPRESSION_SIZE = 32;

/** What unpacks each compression on a command line; "zstd22" is zstd at level 22. */
const UNPACKERS: Readonly<Record<string, string>> = {
  lz4: "lz4 -d",
  lzma: "xz --format=lzma -d",
  lzo: "lzop -d",
  xz: "xz -d",
  xzkern: "xz -d",
  zstd: "zstd -d",
  zstd22: "zstd -d",
};

export function isEfiZboot(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_SIZE && bytes[0] === 0x4d && bytes[1] === 0x5a &&
    dataView(bytes).getUint32(4, true) === ZIMG;
}

/** The Image within. Throws GuestImageError when it is cut short, larger than `limit` or not gzip. */
export function unpackEfiZboot(bytes: Uint8Array, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const offset = dataView(bytes).getUint32(8, true);
  const size = dataView(bytes).getUint32(12, true);
  if (offset < HEADER_SIZE || offset + size > bytes.length) {
    throw new GuestImageError(
      `the kernel is an EFI zboot image whose payload, ${size} bytes from offset ${offset}, ` +
        `is not within its ${bytes.length} bytes; give the whole file`,
    );
  }
  const compression = compressionName(bytes);
  if (compression !== "gzip") throw unsupported(compression, offset, size);
  return gunzip(bytes.subarray(offset, offset + size), limit);
}

function compressionName(bytes: Uint8Array): string {
  const field = bytes.subarray(COMPRESSION_AT, COMPRESSION_AT + COMPRESSION_SIZE);
  const end = field.indexOf(0);
  return String.fromCharCode(...field.subarray(0, end < 0 ? field.length : end));
}

function unsupported(compression: string, offset: number, size: number): GuestImageError {
  const unpacker = Object.hasOwn(UNPACKERS, compression) ? UNPACKERS[compression] : undefined;
  if (unpacker === undefined) {
    return new GuestImageError(
      "the kernel is an EFI zboot image of an unknown compression; give the Image that its build made",
    );
  }
  return new GuestImageError(
    `the kernel is an EFI zboot image compressed with ${compression}; unpack it first: ` +
      `tail -c +${offset + 1} vmlinuz | head -c ${size} | ${unpacker} > Image`,
  );
}
