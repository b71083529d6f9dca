// Reads the bed's report (init_script.ts has its lines) from its connection.

import { BedError } from "./errors.ts";

const NEWLINE = 0x0a;
/** Longer than any line of the report. */
const LONGEST_LINE = 200;

/** Exit statuses as a shell says them. */
export const STATUS_OF_TIMEOUT = 124;
const STATUS_OF_SIGKILL = 128 + 9;

export class ReportReader {
  readonly #connection: Deno.Conn;
  readonly #failure: Promise<never>;
  #pending = new Uint8Array();

  /** `failure` is what a reader gets when the connection ends amid the report. */
  constructor(connection: Deno.Conn, failure: Promise<never>) {
    this.#connection = connection;
    this.#failure = failure;
  }

  /** Waits for a command's end. A command that was killed at its time limit has status 124. */
  async commandEnd(timeoutSeconds: number | undefined): Promise<{ status: number; seconds: number }> {
    const [status = 0, start = 0, end = 0] = (await this.line("result")).map(Number);
    const seconds = end - start;
    const timedOut = status === STATUS_OF_SIGKILL && timeoutSeconds !== undefined &&
      seconds >= timeoutSeconds;
    return { status: timedOut ? STATUS_OF_TIMEOUT : status, seconds };
  }

  /** The next line's words after its first, which must be `kind`. */
  async line(kind: string): Promise<string[]> {
    const [first, ...rest] = await this.nextLine();
    if (first === kind) return rest;
    throw new BedError(`The test bed reported "${first}" where "${kind}" was due.`);
  }

  /** The words of the next line. */
  async nextLine(): Promise<string[]> {
    let end: number;
    while ((end = this.#pending.indexOf(NEWLINE)) < 0) {
      if (this.#pending.length > LONGEST_LINE) {
        throw new BedError("The test bed's report has an endless line.");
      }
      await this.#readMore();
    }
    const line = new TextDecoder().decode(this.#take(end + 1).subarray(0, end));
    return line.split(" ");
  }

  /** The next `length` bytes. */
  async bytes(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const whole = new Uint8Array(length);
    const ready = this.#take(Math.min(length, this.#pending.length));
    whole.set(ready);
    for (let at = ready.length; at < length;) at += await this.#read(whole.subarray(at));
    return whole;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  async #readMore(): Promise<void> {
    const chunk = new Uint8Array(4096);
    const count = await this.#read(chunk);
    const joined = new Uint8Array(this.#pending.length + count);
    joined.set(this.#pending);
    joined.set(chunk.subarray(0, count), this.#pending.length);
    this.#pending = joined;
  }

  async #read(into: Uint8Array): Promise<number> {
    return await this.#connection.read(into) ?? await this.#failure;
  }
}
