// The firmware's flash on the host: the files that fill its two banks, the memory that the guest reads them from,
// and what is written back.

import { flashSize } from "../../devices/flash/flash.ts";
import { formatSize } from "../../guest/ram.ts";
import type { HostMemory } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { Vm } from "../kvm/vm.ts";
import { flashBanks } from "./board.ts";
import { PositionedFile } from "./positioned_file.ts";

export interface FlashFile {
  readonly path: string;
  /** Whether what the guest writes is written to the file; else it is forgotten with the machine. */
  readonly isKept: boolean;
}

export interface Firmware {
  readonly program: FlashFile;
  readonly variables?: FlashFile | undefined;
}

/** A bank as the isolate that has the devices is told of it. */
export interface BankJob {
  /** Of its memory. */
  readonly address: bigint;
  readonly file: FlashFile | undefined;
}

/** The options that name the banks' files. */
const options = ["bios", "flash"] as const;
/** KVM's slot of the first bank: RAM has slot 0. */
const firstSlot = 1;
const piece = 1 << 16;

/** `FILE` or `FILE,rw` for --bios, `FILE` or `FILE,ro` for --flash. Throws RequestError. */
export function parseFirmware(bios: string, flash: string | undefined): Firmware {
  return {
    program: parse("bios", bios, ",rw", false),
    variables: flash === undefined ? undefined : parse("flash", flash, ",ro", true),
  };
}

function parse(option: string, text: string, suffix: string, isKept: boolean): FlashFile {
  const isOtherwise = text.endsWith(suffix);
  const path = isOtherwise ? text.slice(0, -suffix.length) : text;
  if (path !== "") return { path, isKept: isKept !== isOtherwise };
  throw new RequestError(option, `"${text}" names no file; --${option} takes FILE or FILE${suffix}`);
}

/** By bank. */
export const filesOf = ({ program, variables }: Firmware) => [program, variables] as const;

/** Throws RequestError for what cannot be in a bank. */
export function checkFirmware(firmware: Firmware) {
  filesOf(firmware).forEach((file, bank) => file && checkFile(options[bank]!, file));
}

function checkFile(option: string, { path, isKept }: FlashFile) {
  const refuse = (why: string) => new RequestError(option, `the file of --${option}, ${path}, ${why}`);
  try {
    if (Deno.statSync(path).isDirectory) throw refuse("is a directory; give a file");
    using file = new PositionedFile(path, isKept);
    const { size } = file;
    if (size === 0) throw refuse("is empty; give one that firmware made, or of zeroes");
    if (size > flashSize) {
      throw refuse(`has ${size} bytes, and a bank of flash has ${flashSize} (${formatSize(flashSize)})`);
    }
  } catch (error) {
    if (error instanceof RequestError) throw error;
    if (error instanceof Deno.errors.NotFound) throw refuse("does not exist");
    const needs = isKept ? `read and written${option === "flash" ? "; FILE,ro writes nothing" : ""}` : "read";
    throw refuse(`cannot be ${needs} (${(error as Error).message})`);
  }
}

/** Copies a file that `checkFirmware` has passed; what is zero stays untouched and takes no memory. */
export function fillBank(file: FlashFile, memory: HostMemory) {
  using source = new PositionedFile(file.path, false);
  const bytes = new Uint8Array(piece);
  for (let at = 0, count = piece; count === piece && at < flashSize; at += count) {
    count = source.read(at, bytes);
    const read = bytes.subarray(0, count);
    if (read.some((byte) => byte !== 0)) memory.bytes.set(read, at);
  }
}

/** Lets the guest read the bank's memory, or has each of its accesses come to the monitor. */
export function showBank(vm: Vm, bank: number, hostAddress: bigint, isShown: boolean) {
  vm.setUserMemoryRegion({
    slot: firstSlot + bank,
    guestAddress: BigInt(flashBanks[bank]!.base),
    size: BigInt(isShown ? flashSize : 0),
    hostAddress,
    readOnly: true,
  });
}

/** Writes changes of a bank's memory to its file, if they are to be kept. */
export function bankKeeper(bytes: Uint8Array, file: FlashFile | undefined, failed: (why: string) => void) {
  const target = file?.isKept ? new PositionedFile(file.path, true) : undefined;
  return {
    /** False if it could not be written. */
    keep(offset: number, length: number): boolean {
      try {
        target?.write(offset, bytes.subarray(offset, offset + length));
        return true;
      } catch (error) {
        failed(`${file!.path} cannot be written (${(error as Error).message})`);
        return false;
      }
    },
    close: () => target?.close(),
  };
}
