// From a list of commands to a bed that is about to run them.

import { basename, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { cache, checkout, download, type Downloads } from "./downloads.ts";
import { BedError } from "./errors.ts";
import { archiveNamed, filesNamedBy } from "./host_files.ts";
import { hostShape } from "./host_shapes.ts";
import { busyboxSystem, denoSystem, hostFile, project, statIfThere } from "./initramfs.ts";
import { compiledCode, initScript, keepVm, type Step, type Streams } from "./init_script.ts";
import { keepVmProgram } from "./keep_vm.ts";
import { type ArchiveEntry, directory, file } from "./newc.ts";
import { MOST_BOOT_SECONDS, type RunningBed, startBed } from "./running_bed.ts";

/** How a Velum command is run in the bed: with the permissions of deno.json's task and no more. */
const VELUM = [
  ...["deno", "run", "--cached-only", "--no-check"],
  ...config.tasks.velum.split(" ").filter((word) => word.startsWith("--allow-")),
  join(checkout, "main.ts"),
];

/** What ending a command and reporting it takes at most, on a busy machine. */
const REPORT_SECONDS = 60;

export interface Launched {
  readonly bed: RunningBed;
  /** Paths here of the files whose changes the report ends with, by their index in it. */
  readonly returned: readonly string[];
}

let parts: Promise<Downloads | { missing: string }> | undefined;

/** Fetches what the bed is made of, once; or says in one sentence what this machine lacks for it. */
export function prepareBed(): Promise<Downloads | { missing: string }> {
  return parts ??= download();
}

/** What the bed is made of; a `BedError` where it cannot be had. */
export async function requireParts(): Promise<Downloads> {
  const found = await prepareBed();
  if ("missing" in found) throw new BedError(found.missing);
  return found;
}

/**
 * Boots a host of that shape that runs the steps in this process's current directory. The project, the
 * files that arguments name and `extra` are there. `abort` ends it at any time. Throws `UsageError`, `BedError`.
 */
export async function launch(
  shape: string,
  steps: readonly Step[],
  streams: Streams,
  abort: AbortSignal,
  extra: readonly ArchiveEntry[] = [],
): Promise<Launched> {
  const host = hostShape(shape);
  const files = filesNamedBy(steps.flatMap((step) => step.argv));
  const named = [...files.present, ...files.absent];
  const compiledHere = join(cache, basename(compiledCode));
  const runnable = steps.map((step) => ({ ...step, argv: bedArgv(step.argv) }));
  const downloads = await requireParts();
  const directoryHere = Deno.cwd();
  function* entries(): Generator<ArchiveEntry> {
    yield* busyboxSystem(downloads, initScript(runnable, streams, directoryHere, [compiledCode, ...named]));
    yield file(keepVm, keepVmProgram(), 0o755);
    yield* denoSystem(downloads);
    if (statIfThere(compiledHere)) yield hostFile(compiledCode, compiledHere);
    yield directory(directoryHere);
    yield* project();
    yield* archiveNamed(files);
    yield* extra;
  }
  return { bed: await startBed(downloads, host, entries(), abort), returned: [compiledHere, ...named] };
}

/** A first word that is `sh` or an absolute path is a program of the bed; all else is Velum's. */
function bedArgv(argv: readonly string[]): readonly string[] {
  const [first = ""] = argv;
  return first === "sh" || first.startsWith("/") ? argv : [...VELUM, ...argv];
}

/** After this long a bed whose commands have these limits has hung. */
export function mostSeconds(limits: readonly number[]): number {
  return limits.reduce((sum, limit) => sum + limit + REPORT_SECONDS, MOST_BOOT_SECONDS);
}
