// Runs one command in the bed with this process's own standard streams, as they are: a terminal stays a
// terminal (hvc0 in the bed), pipes stay apart and pass every byte.

import { takeChangedFiles } from "./host_files.ts";
import type { Streams } from "./init_script.ts";
import { launch, mostSeconds, requireParts } from "./launch.ts";
import { STATUS_OF_TIMEOUT } from "./report.ts";
import type { RunningBed } from "./running_bed.ts";

/** Ctrl-], as in telnet: leaves a bed whose command does not listen. */
const LEAVE_KEY = 0x1d;

const CHUNK_BYTES = 65536;

const endingSignals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const statusOfSignal = (number: number) => 128 + number;
const SIGPIPE = 13;

/**
 * Runs the command on a host of that shape; returns its exit status, 124 on timeout, 128 + N if signal N
 * ended it or this process. Standard input may still be being read then: exit next. Throws `UsageError`,
 * `BedError`.
 */
export async function attach(
  shape: string,
  argv: readonly string[],
  timeoutSeconds: number | undefined,
): Promise<number> {
  await requireParts();
  const ending = new AbortController();
  using cleanup = new DisposableStack();
  for (const signal of Object.keys(endingSignals) as (keyof typeof endingSignals)[]) {
    const end = () => ending.abort(statusOfSignal(endingSignals[signal]));
    Deno.addSignalListener(signal, end);
    cleanup.defer(() => Deno.removeSignalListener(signal, end));
  }
  if (timeoutSeconds !== undefined) {
    const timer = setTimeout(() => ending.abort(STATUS_OF_TIMEOUT), mostSeconds([timeoutSeconds]) * 1000);
    cleanup.defer(() => clearTimeout(timer));
  }
  try {
    return await attachedRun(shape, argv, timeoutSeconds, ending);
  } catch (error) {
    const status: unknown = ending.signal.reason;
    if (typeof status === "number") return status;
    throw error;
  }
}

async function attachedRun(
  shape: string,
  argv: readonly string[],
  timeoutSeconds: number | undefined,
  ending: AbortController,
): Promise<number> {
  const streams = streamsHere();
  const { bed, returned } = await launch(shape, [{ argv, timeoutSeconds }], streams, ending.signal);
  await using running = bed;
  using _terminal = streams.kind === "terminal" ? rawTerminal() : undefined;
  const outflows = connectStreams(running, streams, ending);
  const { status } = await running.report.commandEnd(timeoutSeconds);
  const sent = (await running.report.line("sent")).map(Number);
  await takeChangedFiles(running.report, returned);
  await Promise.all(outflows.map((outflow, index) => outflow.until(sent[index] ?? 0)));
  return status;
}

function streamsHere(): Streams {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) return { kind: "ports" };
  const { rows, columns } = Deno.consoleSize();
  return { kind: "terminal", rows, columns, type: Deno.env.get("TERM") ?? "linux" };
}

function rawTerminal(): Disposable {
  Deno.stdin.setRaw(true);
  return { [Symbol.dispose]: () => Deno.stdin.setRaw(false) };
}

function connectStreams(bed: RunningBed, streams: Streams, ending: AbortController): Outflow[] {
  const isTerminal = streams.kind === "terminal";
  passInput(bed.port(isTerminal ? "terminal" : "stdin"), isTerminal, ending);
  if (isTerminal) return [new Outflow(bed.port("terminal"), Deno.stdout, ending)];
  return [
    new Outflow(bed.port("stdout"), Deno.stdout, ending),
    new Outflow(bed.port("stderr"), Deno.stderr, ending),
  ];
}

/** Passes standard input on until it ends or the bed does. */
async function passInput(to: Deno.Conn, isTerminal: boolean, ending: AbortController): Promise<void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) break;
    if (isTerminal && chunk.subarray(0, count).includes(LEAVE_KEY)) {
      return ending.abort(statusOfSignal(endingSignals.SIGHUP));
    }
    if (!await writeAll(to, chunk.subarray(0, count))) return;
  }
  await to.closeWrite(); // to close both ways would have QEMU drop what it has not read yet
}

/** Passes a port's bytes on to a stream of this process, and counts them. */
class Outflow {
  #passed = 0;
  #due = Infinity;
  readonly #complete = Promise.withResolvers<void>();

  constructor(from: Deno.Conn, to: Writer, ending: AbortController) {
    this.#pass(from, to, ending);
  }

  /** Waits until this many bytes in all have been passed on. */
  until(due: number): Promise<void> {
    this.#due = due;
    this.#settle();
    return this.#complete.promise;
  }

  async #pass(from: Deno.Conn, to: Writer, ending: AbortController): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const count = await from.read(chunk).catch(() => null);
      if (count === null) return this.#complete.resolve();
      if (!await writeAll(to, chunk.subarray(0, count))) return ending.abort(statusOfSignal(SIGPIPE));
      this.#passed += count;
      this.#settle();
    }
  }

  #settle(): void {
    if (this.#passed >= this.#due) this.#complete.resolve();
  }
}

interface Writer {
  write(bytes: Uint8Array): Promise<number>;
}

/** False if nobody takes the bytes any more. */
async function writeAll(to: Writer, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    return true;
  } catch {
    return false;
  }
}
