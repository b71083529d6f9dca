// A limit of time for KVM_RUN on the calling thread, which cannot watch the clock while it runs a guest: another
// isolate does, and interrupts it.

import type { Backend } from "../kvm/backend.ts";
import { type InterruptShare, prepareToRun, shareInterrupts } from "./backend_share.ts";

export interface RunLimitJob {
  readonly words: SharedArrayBuffer;
  readonly thread: number;
  readonly milliseconds: number;
  readonly interrupts: InterruptShare;
}

/** The words shared with the watcher. */
export const limitWord = { isRunning: 0, count: 1 } as const;

export class RunLimit {
  private constructor(readonly worker: Worker, readonly words: Int32Array<SharedArrayBuffer>) {}

  /** @param milliseconds after which `during` is interrupted, with EINTR as KVM_RUN's answer */
  static async start(backend: Backend, milliseconds: number): Promise<RunLimit> {
    const words = new Int32Array(new SharedArrayBuffer(4 * limitWord.count));
    const worker = new Worker(new URL("./run_limit_worker.ts", import.meta.url), { type: "module" });
    const { promise: isReady, resolve, reject } = Promise.withResolvers<void>();
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    const job: RunLimitJob = {
      words: words.buffer,
      thread: backend.currentThread(),
      milliseconds,
      interrupts: shareInterrupts(backend),
    };
    worker.postMessage(job);
    await isReady;
    return new RunLimit(worker, words);
  }

  during<T>(run: () => T): T {
    this.#tell(1);
    try {
      return run();
    } finally {
      this.#tell(0);
    }
  }

  #tell(isRunning: 0 | 1) {
    Atomics.store(this.words, limitWord.isRunning, isRunning);
    Atomics.notify(this.words, limitWord.isRunning);
  }

  stop() {
    this.worker.terminate();
  }
}

/**
 * Runs `body` with a limit for the guests that it runs.
 * @param runsGuests whether it runs any: all else needs none of what that takes
 */
export async function withRunLimit<T>(
  backend: Backend,
  runsGuests: boolean,
  seconds: number,
  body: (limit: () => RunLimit) => T,
): Promise<T> {
  if (runsGuests) await prepareToRun(backend);
  const limit = runsGuests ? await RunLimit.start(backend, 1000 * seconds) : undefined;
  try {
    return body(() => {
      if (limit) return limit;
      throw new RangeError("a guest runs that was not announced");
    });
  } finally {
    limit?.stop();
  }
}
