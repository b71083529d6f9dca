// A file of the host, read and written at offsets. node:fs has that as one call each; loading it takes every isolate
// some 15 MiB of memory and a good part of a guest's start.

export class PositionedFile {
  readonly #file: Deno.FsFile;

  /** Throws Deno's errors, here and below. */
  constructor(path: string, isWritten: boolean) {
    this.#file = Deno.openSync(path, { read: true, write: isWritten });
  }

  /** Bytes of it, a block device's too. */
  get size(): number {
    return this.#file.seekSync(0, Deno.SeekMode.End);
  }

  /** Fills `into` from the byte `offset` on, as far as the file reaches; returns how many bytes that were. */
  read(offset: number, into: Uint8Array): number {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < into.length) {
      const count = this.#file.readSync(into.subarray(done));
      if (count === null) break;
      done += count;
    }
    return done;
  }

  write(offset: number, from: Uint8Array) {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < from.length;) done += this.#file.writeSync(from.subarray(done));
  }

  /** What was written before is on the disk then. */
  flush() {
    this.#file.syncDataSync();
  }

  close() {
    this.#file.close();
  }

  [Symbol.dispose]() {
    this.close();
  }
}
