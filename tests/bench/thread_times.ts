// A process with the processor time of each of its threads (Linux kernel document "Scheduler Statistics",
// /proc/PID/schedstat), read when it says something on its standard output.

/** Nanoseconds by thread. */
type Times = ReadonlyMap<string, number>;

/** Disposing it ends it. */
export class ThreadTimes implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
  }

  static start(program: string, args: readonly string[]): ThreadTimes {
    return new ThreadTimes(program, args);
  }

  /** Waits for a line with this text. Throws if the process ends without one. */
  async lineWith(text: string): Promise<string> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) throw new Error(`the guest did not say "${text}"`);
      if (value.includes(text)) return value;
    }
  }

  now(): Times {
    const tasks = `/proc/${this.#child.pid}/task`;
    return new Map([...Deno.readDirSync(tasks)].map(({ name }) => [name, spentBy(`${tasks}/${name}`)]));
  }

  /** Seconds that the thread ran that ran most since then. */
  busiestSince(before: Times): number {
    return Math.max(...[...this.now()].map(([thread, time]) => time - (before.get(thread) ?? 0))) / 1e9;
  }

  async [Symbol.asyncDispose]() {
    this.#child.kill("SIGKILL");
    await this.#lines.return?.();
    await this.#child.status;
  }
}

/** Nothing for a thread that has just ended. */
function spentBy(task: string): number {
  try {
    return Number(Deno.readTextFileSync(`${task}/schedstat`).split(" ")[0]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
