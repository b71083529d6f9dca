// A conversation with a process: keys are typed, and what it answers is awaited by pattern.

export class Conversation {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #heard = "";

  /** @param process with piped standard input and output */
  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#reader = process.stdout.getReader();
  }

  async type(keys: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Reads until something matches, forgets all up to its end, and returns the match. */
  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.#heard.match(pattern);
      if (match) {
        this.#heard = this.#heard.slice((match.index ?? 0) + match[0].length);
        return match;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`the process ended before ${pattern}; it last said: ${this.#heard}`);
      this.#heard += this.#decoder.decode(value, { stream: true });
    }
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#reader.cancel();
    await this.#process.status;
  }
}
