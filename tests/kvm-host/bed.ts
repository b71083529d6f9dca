// The test bed: real arm64 KVM on any machine that has QEMU. Tests say `requireBed`, then `runInBed`.

import { BedError } from "./errors.ts";
import { takeChangedFiles } from "./host_files.ts";
import { crashed, stdinPath } from "./init_script.ts";
import { launch, mostSeconds, prepareBed } from "./launch.ts";
import { type ArchiveEntry, file } from "./newc.ts";
import type { ReportReader } from "./report.ts";

/** One command for the bed. */
export interface BedCommand {
  /** A Velum command (`["probe", "--json"]`), or `sh` or a program's absolute path and its arguments. */
  readonly argv: readonly string[];
  /** Empty unless given. */
  readonly stdin?: string | Uint8Array;
  /** The command is killed after this long, with status 124; 1800 unless given. */
  readonly timeoutSeconds?: number;
}

export interface BedResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The same before it was decoded as UTF-8. */
  readonly stdoutBytes: Uint8Array;
  /** As a shell says it: 128 + N for signal N, 124 on timeout. */
  readonly status: number;
  /** From the command's start to its end, by the bed's clock. */
  readonly seconds: number;
}

/** For what hangs. What is merely slow ends by itself, and a busy machine emulates a host that is very slow. */
const DEFAULT_TIMEOUT_SECONDS = 1800;

/**
 * True where tests can use the bed; else the reason has been printed and they are to be skipped. With
 * CI=true nothing may be skipped: throws a `BedError`.
 */
export async function requireBed(): Promise<boolean> {
  const bed = await prepareBed();
  if (!("missing" in bed)) return true;
  if (Deno.env.get("CI") === "true") throw new BedError(bed.missing);
  console.error(`skipped: ${bed.missing}`);
  return false;
}

/**
 * Boots a host of that shape once and runs the commands one after another, in this process's current
 * directory. The project, the files that arguments name and `files` are there at the same paths; files
 * that arguments name come back if a command changed or made them. Where a command crashes, and it is said then with
 * the kernel's words, all of it is done once more: the emulated host was to blame for all crashes that are understood
 * (keep_vm.ts). Throws `UsageError`, `BedError`.
 */
export async function runInBed(
  shape: string,
  commands: readonly BedCommand[],
  files: readonly ArchiveEntry[] = [],
): Promise<BedResult[]> {
  const results = await runOnce(shape, commands, files);
  const first = results.findIndex(({ status }) => status === crashed);
  if (first < 0) return results;
  const { argv } = commands[first]!;
  console.error(
    `the test bed runs ${argv.join(" ")} once more: it ended by SIGSEGV\n${results[first]!.stderr}`,
  );
  return await runOnce(shape, commands, files);
}

async function runOnce(
  shape: string,
  commands: readonly BedCommand[],
  files: readonly ArchiveEntry[],
): Promise<BedResult[]> {
  const limits = commands.map((command) => command.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  const steps = commands.map(({ argv }, index) => ({ argv, timeoutSeconds: limits[index] }));
  const inputs = commands.map(({ stdin }, index) => file(stdinPath(index), stdin ?? ""));
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), mostSeconds(limits) * 1000);
  try {
    const streams = { kind: "captured" } as const;
    const { bed, returned } = await launch(shape, steps, streams, abort.signal, [...files, ...inputs]);
    await using running = bed;
    const results: BedResult[] = [];
    for (const limit of limits) results.push(await capturedResult(running.report, limit));
    await takeChangedFiles(running.report, returned);
    return results;
  } finally {
    clearTimeout(timer);
  }
}

async function capturedResult(report: ReportReader, timeoutSeconds: number): Promise<BedResult> {
  const ended = await report.commandEnd(timeoutSeconds);
  const [stdoutSize = 0, stderrSize = 0] = (await report.line("output")).map(Number);
  const stdoutBytes = await report.bytes(stdoutSize);
  const stderrBytes = await report.bytes(stderrSize);
  const decoder = new TextDecoder();
  return { ...ended, stdoutBytes, stdout: decoder.decode(stdoutBytes), stderr: decoder.decode(stderrBytes) };
}
