// A process that a benchmark starts and ends, and the CLI as one: started as a person starts it.

import { fromFileUrl } from "@std/path";

/** How the bed runs a script of this project: nothing is fetched or type-checked. */
export const denoRun = ["run", "--cached-only", "--no-check", "--allow-all"];
const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** Disposing it ends it. */
export class BenchProcess implements AsyncDisposable {
  readonly #started = performance.now();
  readonly #child: Deno.ChildProcess;

  constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped" }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits for the first of its output; returns the seconds since it was started. */
  async firstOutput(): Promise<number> {
    const reader = this.#child.stdout.getReader();
    const { done } = await reader.read();
    const seconds = (performance.now() - this.#started) / 1000;
    reader.releaseLock();
    if (done) throw new Error("the process ended and wrote nothing on stdout");
    return seconds;
  }

  kill(signal: Deno.Signal) {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose]() {
    this.kill("SIGKILL");
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}

export function startVelum(...args: string[]): BenchProcess {
  return new BenchProcess(Deno.execPath(), [...denoRun, main, ...args]);
}
