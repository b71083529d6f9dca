// From a kernel's file to what is loaded where: finds out the format and unwraps what is compressed.

import { isEfiZboot, unpackEfiZboot } from "./efi_zboot.ts";
import { elf64, isElf } from "./elf64.ts";
import { flatBinary } from "./flat.ts";
import { GuestImageError } from "./guest_error.ts";
import { gunzip, isGzip } from "./gzip.ts";
import { isLinuxImage, linuxImage } from "./linux_image.ts";
import type { Ram } from "./ram.ts";
import { fitKernel, type Kernel, type KernelFile } from "./segments.ts";

// A gzip of a zboot image of a gzip; a gzip file that unpacks to itself never ends.
const MOST_WRAPPINGS = 3;

interface Foreign {
  readonly at: number;
  readonly magic: readonly number[];
  readonly is: string;
  readonly instead: string;
}

/** What is surely no flat binary, though it is none of the formats below either. */
const FOREIGN: readonly Foreign[] = [
  { at: 0, magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], is: "an xz file", instead: "unpack it with `xz -d`" },
  { at: 0, magic: [0x28, 0xb5, 0x2f, 0xfd], is: "a zstd file", instead: "unpack it with `zstd -d`" },
  { at: 0, magic: [0x42, 0x5a, 0x68], is: "a bzip2 file", instead: "unpack it with `bzip2 -d`" },
  { at: 0, magic: [0x04, 0x22, 0x4d, 0x18], is: "an lz4 file", instead: "unpack it with `lz4 -d`" },
  { at: 0, magic: [0x02, 0x21, 0x4c, 0x18], is: "an lz4 file", instead: "unpack it with `lz4 -d`" },
  {
    at: 0,
    magic: [0x27, 0x05, 0x19, 0x56],
    is: "a U-Boot uImage",
    instead: "give the Image it was made from",
  },
  {
    at: 0,
    magic: [0xd0, 0x0d, 0xfe, 0xed],
    is: "a device tree blob or FIT image",
    instead: "give the Image",
  },
  { at: 0x202, magic: [0x48, 0x64, 0x72, 0x53], is: "an x86 Linux kernel", instead: "give an arm64 one" },
];

/**
 * Reads `file` for a guest with `ram`: an ELF executable, a Linux Image or a flat binary, plain or within
 * gzip or an EFI zboot image. Keeps views of `file` until it is loaded. Throws GuestImageError.
 */
export async function readKernel(file: Uint8Array, ram: Ram): Promise<Kernel> {
  const bytes = await unwrap(file, ram.size);
  return fitKernel(recognize(bytes, ram), ram);
}

async function unwrap(file: Uint8Array, limit: number): Promise<Uint8Array> {
  let bytes = file;
  for (let layer = 0; layer <= MOST_WRAPPINGS; layer++) {
    if (isGzip(bytes)) bytes = await gunzip(bytes, limit);
    else if (isEfiZboot(bytes)) bytes = await unpackEfiZboot(bytes, limit);
    else return bytes;
  }
  throw new GuestImageError(
    `the kernel is compressed more than ${MOST_WRAPPINGS} times over; unpack it first`,
  );
}

function recognize(bytes: Uint8Array, ram: Ram): KernelFile {
  if (bytes.length === 0) throw new GuestImageError("the kernel is an empty file; give a kernel image");
  if (isElf(bytes)) return elf64(bytes);
  if (isLinuxImage(bytes)) return linuxImage(bytes, ram);
  const foreign = FOREIGN.find(({ at, magic }) => magic.every((byte, n) => bytes[at + n] === byte));
  if (foreign !== undefined) {
    throw new GuestImageError(`the kernel is ${foreign.is}, which cannot be booted here; ${foreign.instead}`);
  }
  return flatBinary(bytes, ram);
}
