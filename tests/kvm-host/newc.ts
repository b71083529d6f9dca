// Writes cpio archives in the "newc" form, which the kernel unpacks as its initramfs. The format is in
// the kernel's Documentation/driver-api/early-userspace/buffer-format.rst, "Initramfs buffer format".

/** One member of an archive. Everything belongs to root. */
export interface ArchiveEntry {
  /** Absolute, as the unpacked system sees it. */
  readonly path: string;
  /** File type and permissions, as in `st_mode`. */
  readonly mode: number;
  /** A file's bytes or a symbolic link's target; empty for the rest. */
  readonly content: Uint8Array;
  /** Of a character device: its major and minor number. */
  readonly device?: readonly [major: number, minor: number];
}

const S_IFCHR = 0o020000, S_IFDIR = 0o040000, S_IFREG = 0o100000, S_IFLNK = 0o120000;

/** Headers, names and contents each start at a multiple of this many bytes. */
const ALIGNMENT = 4;

const nothing = new Uint8Array();
const utf8 = new TextEncoder();

/** A regular file; text is written as UTF-8. `permissions` defaults to rw-r--r--. */
export function file(path: string, content: Uint8Array | string, permissions = 0o644): ArchiveEntry {
  const bytes = typeof content === "string" ? utf8.encode(content) : content;
  return { path, mode: S_IFREG | permissions, content: bytes };
}

export function directory(path: string, permissions = 0o755): ArchiveEntry {
  return { path, mode: S_IFDIR | permissions, content: nothing };
}

export function symlink(path: string, target: string): ArchiveEntry {
  return { path, mode: S_IFLNK | 0o777, content: utf8.encode(target) };
}

export function characterDevice(path: string, major: number, minor: number): ArchiveEntry {
  return { path, mode: S_IFCHR | 0o600, content: nothing, device: [major, minor] };
}

/** The whole archive in memory; missing parent directories are added. Archives may be concatenated. */
export function archive(entries: Iterable<ArchiveEntry>): Uint8Array<ArrayBuffer> {
  const pieces = [...archivePieces(entries)];
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Appends an archive to an open file; entries are taken one at a time, so few need be in memory. */
export function appendArchive(output: Deno.FsFile, entries: Iterable<ArchiveEntry>): void {
  for (const piece of archivePieces(entries)) {
    for (let at = 0; at < piece.length;) at += output.writeSync(piece.subarray(at));
  }
}

function* archivePieces(entries: Iterable<ArchiveEntry>): Generator<Uint8Array> {
  const made = new Set(["/"]);
  let inode = 0;
  for (const entry of entries) {
    for (const parent of parentsOf(entry.path)) {
      if (made.has(parent)) continue;
      made.add(parent);
      yield* entryPieces(directory(parent), ++inode);
    }
    made.add(entry.path);
    yield* entryPieces(entry, ++inode);
  }
  yield* entryPieces({ path: "/TRAILER!!!", mode: 0, content: nothing }, 0);
}

function* entryPieces(entry: ArchiveEntry, inode: number): Generator<Uint8Array> {
  const name = utf8.encode(entry.path.replace(/^\/+/, "") + "\0");
  const [major, minor] = entry.device ?? [0, 0];
  const fields = [
    inode,
    entry.mode,
    0, // uid
    0, // gid
    1, // links
    0, // mtime
    entry.content.length,
    0, // major of the device that holds the file
    0, // minor of it
    major,
    minor,
    name.length,
    0, // checksum, unused in this form
  ];
  const header = utf8.encode("070701" + fields.map((field) => field.toString(16).padStart(8, "0")).join(""));
  yield header;
  yield name;
  yield padding(header.length + name.length);
  yield entry.content;
  yield padding(entry.content.length);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT);
}

/** "/a/b/c" gives "/a" and "/a/b". */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, count) => "/" + names.slice(0, count + 1).join("/"));
}
