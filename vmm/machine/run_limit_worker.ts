// The isolate that watches the clock for a thread in KVM_RUN.

import { interrupterFromShare } from "./backend_share.ts";
import { limitWord, type RunLimitJob } from "./run_limit.ts";

declare const self: {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: "ready"): void;
};

/** An interrupt may come before the thread is in KVM_RUN, so it is repeated. */
const againAfter = 10;

self.onmessage = async ({ data }) => {
  const { words: buffer, thread, milliseconds, interrupts } = data as RunLimitJob;
  const words = new Int32Array(buffer);
  const interrupt = await interrupterFromShare(interrupts);
  self.postMessage("ready");
  for (;;) {
    Atomics.wait(words, limitWord.isRunning, 0);
    for (let patience = milliseconds; isStillRunning(words, patience); patience = againAfter) {
      interrupt(thread);
    }
  }
};

const isStillRunning = (words: Int32Array, milliseconds: number) =>
  Atomics.wait(words, limitWord.isRunning, 1, milliseconds) === "timed-out";
