// The stderr of a VM's process: its transcript, which is lines of JSON objects, and the last of the rest.

const keptLines = 20;
const longestLine = 1 << 16;

export class StderrTail {
  readonly lines: string[] = [];
  #rest = "";

  constructor(readonly onTranscript: (line: string) => void) {}

  async drain(stream: ReadableStream<Uint8Array>) {
    for await (
      const text of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    ) {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop()!.slice(0, longestLine);
      lines.forEach((line) => this.#take(line));
    }
    if (this.#rest) this.#take(this.#rest);
  }

  #take(line: string) {
    if (line.startsWith('{"')) return this.onTranscript(line);
    this.lines.push(line);
    if (this.lines.length > keptLines) this.lines.shift();
  }
}
