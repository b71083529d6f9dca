// A drive: a raw file or a block device of the host as the storage of a virtio disk.

import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from "node:fs";
import type { BlockStorage } from "../../devices/virtio/block.ts";
import { RequestError } from "../kvm/request_error.ts";
import { mostDrives } from "./board.ts";

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
    using file = Deno.openSync(path, { read: true, write: !readOnly });
    const size = file.seekSync(0, Deno.SeekMode.End);
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
 * @param punchHole gives back disk space, where something can (see Backend)
 */
export function openDrive(
  drive: Drive,
  index: number,
  punchHole?: (file: number, offset: number, size: number) => number,
): BlockStorage & { close(): void } {
  const size = checkDrive(drive);
  const file = openSync(drive.path, drive.readOnly ? "r" : "r+");
  const punch = (offset: number, length: number) =>
    punchHole !== undefined && punchHole(file, offset, length) === 0;
  const storage = {
    size,
    readOnly: drive.readOnly,
    id: `velum-drive-${index}`,
    readAt(offset: number, into: Uint8Array) {
      for (let done = 0; done < into.length;) {
        const count = readSync(file, into, done, into.length - done, offset + done);
        if (count === 0) throw new Error(`${drive.path} has become shorter`);
        done += count;
      }
    },
    writeAt(offset: number, from: Uint8Array) {
      for (let done = 0; done < from.length;) {
        done += writeSync(file, from, done, from.length - done, offset + done);
      }
    },
    flush: () => fdatasyncSync(file),
    writeZeroes(offset: number, length: number, discard: boolean) {
      if (discard && punch(offset, length)) return;
      for (let done = 0; done < length; done += zeroes.length) {
        storage.writeAt(offset + done, zeroes.subarray(0, Math.min(zeroes.length, length - done)));
      }
    },
    close: () => closeSync(file),
  };
  // A discard that the file system cannot follow is no error: the guest gave the bytes up either way.
  return punchHole && !drive.readOnly
    ? { ...storage, discard: (at, length) => void punch(at, length) }
    : storage;
}
