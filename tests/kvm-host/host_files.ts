// Which files of this machine a command names: they go into the bed at the same path, and what the
// command changed or made comes back.

import { dirname, resolve } from "@std/path";
import { BedError, UsageError } from "./errors.ts";
import { belongsToBed, hostFile } from "./initramfs.ts";
import { type ArchiveEntry, directory } from "./newc.ts";
import type { ReportReader } from "./report.ts";

/** The bed holds such files in memory, twice while it boots. */
const MOST_BYTES = 1 << 30;

/** Absolute paths that arguments name: files that are there, and files that the command could make. */
export interface NamedFiles {
  readonly present: readonly string[];
  readonly absent: readonly string[];
}

/** Finds the files named as `FILE`, `FILE,ro` or `--option=FILE,ro`, from the current directory. */
export function filesNamedBy(args: Iterable<string>): NamedFiles {
  const present = new Set<string>(), absent = new Set<string>();
  let bytes = 0;
  for (const path of new Set([...args].flatMap(pathsIn))) {
    if (belongsToBed(path)) continue;
    const info = stat(path);
    if (info?.isFile && !present.has(path)) {
      present.add(path);
      bytes += info.size;
    } else if (!info && stat(dirname(path))?.isDirectory) absent.add(path);
  }
  if (bytes > MOST_BYTES) {
    throw new UsageError(
      `The files named are ${bytes} bytes together; the test bed takes at most ${MOST_BYTES}.`,
    );
  }
  return { present: [...present], absent: [...absent] };
}

/** The files there are, and a folder for each that there may be. */
export function* archiveNamed(files: NamedFiles): Generator<ArchiveEntry> {
  for (const path of files.present) yield hostFile(path, path);
  for (const folder of new Set(files.absent.map((path) => dirname(path)))) {
    if (folder !== "/" && !belongsToBed(folder)) yield directory(folder);
  }
}

/** Reads the end of a report, and writes over this machine's files those that were changed or made;
 * `paths` are theirs here, by their index in the report. */
export async function takeChangedFiles(report: ReportReader, paths: readonly string[]): Promise<void> {
  for (;;) {
    const [kind, index, size] = await report.nextLine();
    if (kind === "end") return;
    const path = paths[Number(index)];
    if (kind !== "file" || path === undefined) {
      throw new BedError(`The test bed reported "${kind} ${index}".`);
    }
    await replaceContent(path, await report.bytes(Number(size)));
  }
}

/** In one step, so that nobody finds half of it; a link stays a link and permissions stay. */
async function replaceContent(path: string, content: Uint8Array): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  const mode = stat(target)?.mode;
  const making = `${target}.${crypto.randomUUID()}`;
  await Deno.writeFile(making, content, typeof mode === "number" ? { mode: mode & 0o777 } : {});
  await Deno.rename(making, target);
}

function pathsIn(argument: string): string[] {
  const value = argument.match(/^-[^=]*=?(.*)$/s)?.[1] ?? argument;
  const spellings = [value, value.split(",")[0] ?? ""].filter((path) => path !== "" && !path.includes("\0"));
  return spellings.map((path) => resolve(path));
}

function stat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // whatever the reason, the command's own error says it better
  }
}
