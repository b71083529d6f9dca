import { errnoName } from "./errno.ts";
import type { Ioctl } from "./ioctl.ts";

/** KVM said no: which call, with what, while doing what, and what the document says the answer means. */
export class KvmError extends Error {
  override readonly name = "KvmError";
  readonly ioctl: string;
  /** The error's name, `EINVAL`. */
  readonly errno: string;
  readonly meaning: string;

  /**
   * @param code the positive error number
   * @param context what was being done, to follow "while": `writing X0 of vcpu 1`
   */
  constructor(ioctl: Ioctl, readonly code: number, readonly context: string) {
    const meaning = meaningOf(ioctl, code);
    super(`${ioctl.name} answered ${errnoName(code)} while ${context}: ${meaning}.`);
    this.ioctl = ioctl.name;
    this.errno = errnoName(code);
    this.meaning = meaning;
  }
}

const general: Record<string, string> = {
  EBADF: "the file descriptor is not an open one",
  EFAULT: "an address in the argument is not in this process",
  EIO: "the VM belongs to another process, or KVM has given it up after a call that failed halfway",
  EINTR: "a signal interrupted the call",
  ENOMEM: "the host has no memory for it",
  EMFILE: "this process has too many open files",
  ENFILE: "the host has too many open files",
  ENOTTY: "this kernel does not know the call, or this handle does not take it",
  EPERM: "it is not permitted",
  EACCES: "it is not permitted",
};

/** What the document says of this answer, as a clause; in general words where it says nothing. */
export function meaningOf(ioctl: Ioctl, code: number): string {
  const name = errnoName(code);
  return (ioctl.errors as Record<string, string>)[name] ?? general[name] ??
    "the KVM document gives this answer no meaning of its own";
}
