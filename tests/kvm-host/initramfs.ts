// What the test bed's initramfs holds: busybox, the C library, Deno, Deno's std and the project.

import { join } from "@std/path";
import { checkout, type Downloads } from "./downloads.ts";
import { type ArchiveEntry, characterDevice, directory, file, symlink } from "./newc.ts";

/** What the bed itself consists of; a file of the host never lands in one of these. */
const BED_FOLDERS = ["/bed", "/bin", "/deno-dir", "/dev", "/lib", "/proc", "/sys"];

/** The part of the checkout that a Velum command can need. */
const PROJECT = ["main.ts", "mod.ts", "deno.json", "deno.lock", "devices", "guest", "tests", "vmm"];

const LIBRARIES = [
  "ld-linux-aarch64.so.1",
  "libc.so.6",
  "libdl.so.2",
  "libgcc_s.so.1",
  "libm.so.6",
  "libpthread.so.0",
  "librt.so.1",
];

/** True of a path that names a place of the bed's own system. */
export function belongsToBed(path: string): boolean {
  return path === "/init" || BED_FOLDERS.some((folder) => path === folder || path.startsWith(folder + "/"));
}

/** A userspace of busybox alone; `init` is a script for `/bin/busybox sh`. */
export function* busyboxSystem(downloads: Downloads, init: string): Generator<ArchiveEntry> {
  yield characterDevice("/dev/console", 5, 1);
  yield hostFile("/bin/busybox", join(downloads.root, "bin/busybox"));
  yield symlink("/bin/sh", "busybox");
  for (const folder of ["/proc", "/sys", "/root"]) yield directory(folder);
  yield directory("/tmp", 0o1777);
  yield file("/init", init, 0o755);
}

/** Deno, the libraries it needs, and a DENO_DIR in `/deno-dir` from which deno.json's imports resolve. */
export function* denoSystem(downloads: Downloads): Generator<ArchiveEntry> {
  for (const name of LIBRARIES) {
    yield hostFile(`/lib/${name}`, join(downloads.root, "lib/aarch64-linux-gnu", name));
  }
  yield hostFile("/bin/deno", downloads.deno);
  for (const path of filesBelow(join(downloads.denoDir, "npm"))) {
    const [_registry, ...rest] = path.slice(downloads.denoDir.length + "/npm/".length).split("/");
    yield hostFile(join("/deno-dir/npm/registry.npmjs.org", ...rest), path);
  }
}

/** The project, at the same path as on the host. */
export function* project(): Generator<ArchiveEntry> {
  for (const name of PROJECT) {
    for (const path of filesBelow(join(checkout, name))) yield hostFile(path, path);
  }
}

/** A file of this machine with its content and permissions, placed at `path`. */
export function hostFile(path: string, from: string): ArchiveEntry {
  return file(path, Deno.readFileSync(from), (Deno.statSync(from).mode ?? 0o644) & 0o777);
}

/** The regular files at and below a path; none if nothing is there. Hidden ones are left out. */
function* filesBelow(path: string): Generator<string> {
  const info = statIfThere(path);
  if (info?.isFile) yield path;
  if (!info?.isDirectory) return;
  for (const { name } of Deno.readDirSync(path)) {
    if (!name.startsWith(".")) yield* filesBelow(join(path, name));
  }
}

export function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
