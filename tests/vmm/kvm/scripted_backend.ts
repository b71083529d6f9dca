// A backend that answers from a script and keeps what it was asked, byte for byte.

import type { Backend } from "../../../vmm/kvm/backend.ts";
import type { Ioctl } from "../../../vmm/kvm/ioctl.ts";
import type * as ioctls from "../../../vmm/kvm/ioctls.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export type IoctlName = keyof typeof ioctls;

/** One call as it came in. */
export interface Call {
  readonly fd: number;
  readonly ioctl: string;
  readonly argument: number | Bytes;
  readonly pointee?: Bytes;
}

/** The result, or minus the error number; a function may write to the call's bytes, as the kernel does. */
export type Answer = number | ((call: Call) => number);
export type Script = Partial<Record<IoctlName, Answer>>;

export interface ScriptedBackend {
  readonly backend: Backend;
  readonly calls: Call[];
  /** Descriptors in the order they were closed. */
  readonly closed: number[];
  /** Run pages in the order they were mapped. */
  readonly pages: ArrayBuffer[];
}

/** Calls the script does not name answer 0. `openSystem` gives descriptor 3. */
export function scriptedBackend(script: Script): ScriptedBackend {
  const calls: Call[] = [];
  const closed: number[] = [];
  const pages: ArrayBuffer[] = [];
  const refuse = () => {
    throw new Error("the script has no guest memory and no threads");
  };
  const backend: Backend = {
    name: "kvm",
    openSystem: () => 3,
    ioctl(fd: number, ioctl: Ioctl, argument: number | Bytes, pointee?: Bytes) {
      const call = { fd, ioctl: ioctl.name, argument, ...pointee && { pointee } };
      calls.push({ ...call, argument: copyOf(argument), ...pointee && { pointee: copyOf(pointee) } });
      const answer = script[ioctl.name as IoctlName] ?? 0;
      return typeof answer === "number" ? answer : answer(call);
    },
    close: (fd) => void closed.push(fd),
    mapRunPage(_fd, size) {
      const page = new ArrayBuffer(size);
      pages.push(page);
      return page;
    },
    unmapRunPage: refuse,
    allocate: refuse,
    memoryAt: refuse,
    free: refuse,
    currentThread: refuse,
    interruptThread: refuse,
    secondsInGuest: refuse,
  };
  return { backend, calls, closed, pages };
}

/** Little-endian words of 32 bits. */
export const words32 = (...words: number[]): Bytes => new Uint8Array(Uint32Array.from(words).buffer);
/** Little-endian words of 64 bits. */
export const words64 = (...words: bigint[]): Bytes => new Uint8Array(BigUint64Array.from(words).buffer);

export function concat(...parts: Bytes[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The call succeeds and leaves `bytes` in its structure, from `offset`. */
export const answersWith = (bytes: Bytes, offset = 0) => ({ argument }: Call) => {
  fill(argument, bytes, offset);
  return 0;
};

/** The call succeeds and leaves `bytes` in what its structure points to. */
export const pointsTo = (bytes: Bytes) => ({ pointee }: Call) => {
  fill(pointee, bytes);
  return 0;
};

/** Writes, as the kernel does, to a call's structure or to what it points to. */
export function fill(into: number | Bytes | undefined, bytes: Bytes, offset = 0) {
  if (typeof into !== "object") throw new Error("the call carries no bytes");
  into.set(bytes, offset);
}

function copyOf<T extends number | Bytes>(value: T): T {
  return (typeof value === "number" ? value : value.slice()) as T;
}
