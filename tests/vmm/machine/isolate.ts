// Another isolate for tests of what isolates share: a Worker that does one of a few small jobs.

import type { Width } from "../../../devices/device.ts";

/** An access of a vcpu: 8 bytes as two words. */
export interface Access {
  readonly address: number;
  readonly width: Width | 8;
  /** None: a read. */
  readonly data?: readonly [low: number, high: number];
}

export type IsolateJob =
  /** Pushes byte `7 n` for each n below `count`. */
  | { does: "send"; ring: SharedArrayBuffer; count: number }
  /** Takes `count` bytes; gives whether they were those that "send" pushes. */
  | { does: "receive"; ring: SharedArrayBuffer; count: number }
  /** Makes the accesses as a vcpu does; gives the words that were read. */
  | { does: "access"; control: SharedArrayBuffer; vcpus: number; vcpu: number; accesses: Access[] }
  /** Serves accesses to 2^16 bytes at `base` until the machine is stopped. */
  | { does: "serve"; control: SharedArrayBuffer; vcpus: number; base: number }
  /** Is held until the machine is no longer paused. */
  | { does: "hold"; control: SharedArrayBuffer; vcpus: number }
  /** Lets the machine go on once one vcpu is held. */
  | { does: "release"; control: SharedArrayBuffer; vcpus: number }
  /** Writes transcript entries of `count` calls that name `first` and up. */
  | { does: "transcribe"; file: string; first: number; count: number };

export interface Isolate {
  /** What the job gave. */
  readonly finished: Promise<unknown>;
}

export function startIsolate(job: IsolateJob): Isolate {
  const worker = new Worker(new URL("./isolate_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  worker.postMessage(job);
  return { finished: promise.finally(() => worker.terminate()) };
}
