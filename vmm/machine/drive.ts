// A drive: a raw file or a block device of the host as the storage of a virtio disk.

import type { BlockStorage } from "../../devices/virtio/block.ts";
import type { HolePuncher } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { mostDrives } from "./board.ts";
import { PositionedFile } from "./positioned_file.ts";

export interface Drive {
  readonly path: string;
  readonly readOnly: boolean;
}

const sector = 512;
const zeroes = new Uint8Array(1 << 16);

/** `FILE` or `FILE,ro`. */
export function parseDrive(text: string): Drive {
  const readOnly = text.endsWith(",ro");
  const path = readOnly ? text.slice(0, -",ro".length) : text;
  if (path === "") throw new RequestError("drive", `"${text}" names no file; a drive is FILE or FILE,ro`);
  return { path, readOnly };
}

/** Throws RequestError for drives that this board cannot have. */
export function checkDrives(drives: readonly Drive[]) {
  if (drives.length > mostDrives) {
    throw new RequestError(
      "drive",
      `${drives.length} drives are too many; the board has room for ${mostDrives}`,
    );
  }
  drives.forEach(checkDrive);
}

/** Its size in bytes; a block device's too. Throws RequestError for what cannot be a drive. */
export function checkDrive({ path, readOnly }: Drive): number {
  try {
    if (Deno.statSync(path).isDirectory) {
      throw refuse(path, "is a directory; a drive is a file or a block device");
    }
    using file = new PositionedFile(path, !readOnly);
    const { size } = file;
    if (size >= sector) return size;
    throw refuse(path, `has ${size} bytes, and a drive has at least one sector of ${sector}`);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    if (error instanceof Deno.errors.NotFound) throw refuse(path, "does not exist");
    const writing = readOnly ? "read" : "read and written; FILE,ro makes it read-only";
    throw refuse(path, `cannot be ${writing} (${(error as Error).message})`);
  }
}

const refuse = (path: string, why: string) => new RequestError("drive", `the drive ${path} ${why}`);

/**
 * Opens a drive that `checkDrive` has passed.
 * @param openPuncher gives back disk space, where something can (see Backend)
 */
export function openDrive(
  drive: Drive,
  index: number,
  openPuncher?: (path: string) => HolePuncher | undefined,
): BlockStorage & { close(): void } {
  const size = checkDrive(drive);
  const file = new PositionedFile(drive.path, !drive.readOnly);
  const puncher = drive.readOnly ? undefined : openPuncher?.(drive.path);
  const punch = (offset: number, length: number) => puncher?.punch(offset, length) ?? false;
  const storage = {
    size,
    readOnly: drive.readOnly,
    id: `velum-drive-${index}`,
    readAt(offset: number, into: Uint8Array) {
      if (file.read(offset, into) < into.length) throw new Error(`${drive.path} has become shorter`);
    },
    writeAt: (offset: number, from: Uint8Array) => file.write(offset, from),
    flush: () => file.flush(),
    writeZeroes(offset: number, length: number, discard: boolean) {
      if (discard && punch(offset, length)) return;
      for (let done = 0; done < length; done += zeroes.length) {
        storage.writeAt(offset + done, zeroes.subarray(0, Math.min(zeroes.length, length - done)));
      }
    },
    close() {
      file.close();
      puncher?.close();
    },
  };
  // A discard that the file system cannot follow is no error: the guest gave the bytes up either way.
  return puncher ? { ...storage, discard: (at, length) => void punch(at, length) } : storage;
}
