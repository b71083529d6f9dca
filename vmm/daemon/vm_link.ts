// The daemon's end of a VM's process: asks it, hears it, and notices its death.

import { decodeMessage, encodeMessage, frameKind, readFrames } from "./frames.ts";
import { StderrTail } from "./stderr_tail.ts";
import type { Answers, Asks, FromVm, RunEnding, VmStats } from "./vm_messages.ts";

export interface VmListener {
  onConsole(bytes: Uint8Array): void;
  /** A line of a transcript, without its newline. */
  onTranscript(line: string): void;
}

/** What came of the process, once it is gone. */
export interface Departure {
  /** What the process told of the guest's end; undefined if it died before it could. */
  readonly ended:
    | { readonly ending: RunEnding; readonly stats: VmStats; readonly report?: string }
    | undefined;
  readonly exitStatus: number;
  readonly signal: string | null;
  /** The last lines of its stderr. */
  readonly stderr: readonly string[];
}

/** The process refused; `field` names the part of the request that is at fault. */
export class VmRefusal extends Error {
  override readonly name = "VmRefusal";
  constructor(readonly field: string, message: string) {
    super(message);
  }
}

/** The process died before it answered. */
export class VmDeath extends Error {
  override readonly name = "VmDeath";
}

/** Milliseconds after which a process that does not answer is ended; making a large machine takes the longest. */
const patience = 60_000;

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

export class VmLink {
  readonly pid: number;
  /** Resolves when the process is gone and all it said has been heard. */
  readonly gone: Promise<Departure>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, Waiting>();
  #isGone = false;
  #last = 0;
  #ended: Departure["ended"];

  constructor(readonly child: Deno.ChildProcess, listener: VmListener) {
    this.pid = child.pid;
    this.#input = child.stdin.getWriter();
    this.gone = this.#attend(listener);
  }

  async #attend(listener: VmListener): Promise<Departure> {
    const tail = new StderrTail(listener.onTranscript);
    const [status] = await Promise.all([
      this.child.status,
      this.#hear(listener),
      tail.drain(this.child.stderr),
    ]);
    this.#isGone = true;
    for (const { reject } of this.#waiting.values()) {
      reject(new VmDeath(tail.lines.find((line) => /^error\b/i.test(line)) ?? tail.lines.at(-1)));
    }
    this.#waiting.clear();
    await this.#input.close().catch(() => {});
    return { ended: this.#ended, exitStatus: status.code, signal: status.signal, stderr: tail.lines };
  }

  /** What is no frame ends the process: nothing it says can be believed then. */
  async #hear(listener: VmListener) {
    try {
      for await (const frame of readFrames(this.child.stdout)) {
        if (frame.kind === frameKind.console) listener.onConsole(frame.bytes);
        else this.#take(decodeMessage(frame) as FromVm);
      }
    } catch {
      this.kill();
    }
  }

  #take(message: FromVm) {
    if ("ended" in message) {
      const { ended: ending, stats, report } = message;
      this.#ended = { ending, stats, ...report && { report } };
      return;
    }
    const waiting = this.#waiting.get(message.re);
    this.#waiting.delete(message.re);
    if ("ok" in message) waiting?.resolve(message.ok);
    else waiting?.reject(new VmRefusal(message.error.field, message.error.message));
  }

  /** Throws VmRefusal or VmDeath. */
  ask<A extends keyof Asks>(ask: A, what: Asks[A]): Promise<Answers[A]> {
    if (this.#isGone) return Promise.reject(new VmDeath());
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Answers[A]>();
    this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
    // Its death answers what could not be written.
    this.#input.write(encodeMessage({ id, ask, ...what })).catch(() => {});
    const late = setTimeout(() => this.kill(), patience);
    return promise.finally(() => clearTimeout(late));
  }

  kill() {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}
