// QEMU's user mode as an oracle for instructions: oracle.c under qemu-aarch64-static, fed with cases
// (QEMU documentation, "QEMU User space emulator"). About 50,000 cases a second.

import { buildOracle } from "./build.ts";
import { type Case, type Outcome, vectorSizes } from "./case.ts";
import { checkCases, decodeOutcomes, encodeBatch } from "./protocol.ts";

/** Keeps a batch with a memory for every case, at the longest vectors, below oracle.c's 16 MiB. */
const MOST_CASES = 1024;

export interface OracleOptions {
  /** Of SVE, in bits; without it the processor has no SVE. */
  readonly vectorLength?: number;
  /** More of QEMU's `-cpu max` properties, as in "pauth=off". */
  readonly properties?: readonly string[];
}

export class Oracle implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #stderr: Promise<string>;
  readonly #vectorLength: number;

  private constructor(child: Deno.ChildProcess, vectorLength: number) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.getReader({ mode: "byob" });
    this.#stderr = child.stderr.text();
    this.#vectorLength = vectorLength;
  }

  /** Give it up with `await using`. */
  static async start({ vectorLength = 0, properties = [] }: OracleOptions = {}): Promise<Oracle> {
    vectorSizes(vectorLength);
    const sve = vectorLength === 0 ? "sve=off" : `sve-max-vq=${vectorLength / 128}`;
    const cpu = ["max", "sme=off", sve, ...properties].join(",");
    const child = new Deno.Command("qemu-aarch64-static", {
      args: ["-cpu", cpu, await buildOracle(), String(vectorLength / 8)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Oracle(child, vectorLength);
  }

  /**
   * One outcome for each case, in their order; one call at a time. Throws `CaseError` before anything runs, and
   * `Error` when QEMU itself comes to an end: then the oracle is of no more use.
   */
  async run(cases: readonly Case[]): Promise<Outcome[]> {
    checkCases(cases, this.#vectorLength);
    const outcomes: Outcome[] = [];
    this.#send(cases.slice(0, MOST_CASES));
    for (let at = 0; at < cases.length; at += MOST_CASES) {
      const answer = this.#readAnswer();
      // While this batch runs the next is encoded, and while that one runs this one's answer is decoded.
      this.#send(cases.slice(at + MOST_CASES, at + 2 * MOST_CASES));
      const batch = cases.slice(at, at + MOST_CASES);
      outcomes.push(...decodeOutcomes(await answer, batch, this.#vectorLength));
    }
    return outcomes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#stderr;
    await this.#reader.cancel();
  }

  #send(batch: readonly Case[]): void {
    if (batch.length === 0) return;
    // A failure is seen, with its reason, by the read that waits for the answer.
    this.#writer.write(encodeBatch(batch, this.#vectorLength)).catch(() => {});
  }

  async #readAnswer(): Promise<Uint8Array<ArrayBuffer>> {
    const head = new DataView((await this.#read(8)).buffer);
    return await this.#read(head.getUint32(4, true));
  }

  async #read(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const { value } = await this.#reader.read(new Uint8Array(size), { min: size });
    if (value?.length === size) return value;
    const { code } = await this.#child.status;
    throw new Error(`the oracle ended with status ${code}: ${await this.#stderr}`);
  }
}
