// ELF executables. System V ABI, "Object Files" and "Program Loading and Dynamic Linking" (ELF-64);
// Arm IHI 0056, "ELF Header".

import { dataView } from "./data_view.ts";
import { GuestImageError } from "./guest_error.ts";
import { formatAddress } from "./ram.ts";
import type { KernelFile, Segment } from "./segments.ts";

const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
const EM_AARCH64 = 183;
const PT_LOAD = 1;
const PT_INTERP = 3;
const EHDR_SIZE = 64;
const PHDR_SIZE = 56;

/** e_machine, for what people may try to run here. */
const MACHINES: Readonly<Record<number, string>> = {
  3: "x86",
  8: "MIPS",
  20: "PowerPC",
  21: "64-bit PowerPC",
  22: "S/390",
  40: "32-bit Arm",
  62: "x86-64",
  243: "RISC-V",
  258: "LoongArch",
};

const OTHER_TYPES: Readonly<Record<number, string>> = {
  1: "an object file that was not linked yet",
  4: "a core dump",
};

interface ProgramHeader {
  readonly type: number;
  readonly offset: bigint;
  readonly vaddr: bigint;
  readonly paddr: bigint;
  readonly filesz: bigint;
  readonly memsz: bigint;
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Segments go to their physical addresses (p_paddr), where the entry point is looked up too. */
export function elf64(bytes: Uint8Array): KernelFile {
  const file = dataView(bytes);
  checkHeader(file);
  const headers = programHeaders(file);
  if (headers.some(({ type }) => type === PT_INTERP)) {
    throw new GuestImageError(
      "the kernel is a Linux program that needs a dynamic loader; give a kernel or a bare-metal program",
    );
  }
  const loaded = headers.filter(({ type, memsz }) => type === PT_LOAD && memsz > 0n);
  if (loaded.length === 0) {
    throw new GuestImageError("the kernel is an ELF file with nothing to load; it needs a PT_LOAD segment");
  }
  return {
    format: "ELF",
    entry: physicalEntry(file.getBigUint64(24, true), loaded),
    segments: loaded.map((header) => segment(header, bytes)),
  };
}

function checkHeader(file: DataView): void {
  const need = "a 64-bit little-endian AArch64 one is needed";
  if (file.byteLength < 20) throw cutShort(EHDR_SIZE, file.byteLength);
  if (file.getUint8(5) !== ELFDATA2LSB) {
    throw new GuestImageError(`the kernel is an ELF file that is not little-endian; ${need}`);
  }
  const machine = file.getUint16(18, true);
  if (machine !== EM_AARCH64) {
    const name = MACHINES[machine] ?? `machine number ${machine}`;
    throw new GuestImageError(`the kernel is an ELF file for ${name}; ${need}`);
  }
  if (file.getUint8(4) !== ELFCLASS64) throw new GuestImageError(`the kernel is a 32-bit ELF file; ${need}`);
  if (file.byteLength < EHDR_SIZE) throw cutShort(EHDR_SIZE, file.byteLength);
  const type = file.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) {
    const name = OTHER_TYPES[type] ?? `an ELF file of type ${type}`;
    throw new GuestImageError(`the kernel is ${name}; an executable (ET_EXEC or ET_DYN) is needed`);
  }
}

function programHeaders(file: DataView): ProgramHeader[] {
  const phoff = file.getBigUint64(32, true);
  const phentsize = file.getUint16(54, true);
  const phnum = file.getUint16(56, true);
  if (phnum !== 0 && phentsize !== PHDR_SIZE) {
    throw new GuestImageError(
      `the kernel is an ELF file with program headers of ${phentsize} bytes; they have ${PHDR_SIZE}`,
    );
  }
  const end = phoff + BigInt(phnum * PHDR_SIZE);
  if (end > BigInt(file.byteLength)) throw cutShort(end, file.byteLength);
  return Array.from({ length: phnum }, (_, n) => programHeader(file, Number(phoff) + n * PHDR_SIZE));
}

function programHeader(file: DataView, at: number): ProgramHeader {
  return {
    type: file.getUint32(at, true),
    offset: file.getBigUint64(at + 8, true),
    vaddr: file.getBigUint64(at + 16, true),
    paddr: file.getBigUint64(at + 24, true),
    filesz: file.getBigUint64(at + 32, true),
    memsz: file.getBigUint64(at + 40, true),
  };
}

function segment({ offset, filesz, paddr, memsz }: ProgramHeader, bytes: Uint8Array): Segment {
  // Where there are no bytes, linkers name an offset that the file need not reach.
  if (filesz > 0n && offset + filesz > BigInt(bytes.length)) throw cutShort(offset + filesz, bytes.length);
  if (filesz > memsz) {
    throw new GuestImageError(
      `the kernel's ELF segment for ${formatAddress(paddr)} fills ${filesz} bytes ` +
        `but has only ${memsz} in memory; its program header must be damaged`,
    );
  }
  return { address: paddr, size: memsz, bytes: bytes.subarray(Number(offset), Number(offset + filesz)) };
}

/** e_entry is virtual; the guest starts with its MMU off. */
function physicalEntry(entry: bigint, loaded: readonly ProgramHeader[]): bigint {
  const home = loaded.find(({ vaddr, memsz }) => entry >= vaddr && entry < vaddr + memsz);
  if (home === undefined || entry % 4n !== 0n) {
    throw new GuestImageError(
      `the kernel is an ELF file entered at ${formatAddress(entry)}; ` +
        "it must be a multiple of 4 within a PT_LOAD segment",
    );
  }
  return entry - home.vaddr + home.paddr;
}

function cutShort(needed: number | bigint, length: number): GuestImageError {
  return new GuestImageError(
    `the kernel is an ELF file of at least ${needed} bytes cut short to ${length}; give the whole file`,
  );
}
