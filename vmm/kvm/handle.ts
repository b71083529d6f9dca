// What every handle of the contract is: a descriptor of a backend's, with a name for messages. A call that the
// backend answers with an error throws KvmError; `context` of that error says what was being done.

import type { Backend } from "./backend.ts";
import type { Ioctl } from "./ioctl.ts";
import { KvmError } from "./kvm_error.ts";

/** Bytes of the monitor that the kernel may be pointed to. */
export type Bytes = Uint8Array<ArrayBuffer>;

export abstract class KvmHandle {
  constructor(readonly backend: Backend, readonly fd: number, readonly label: string) {}

  protected call(ioctl: Ioctl, argument: number | Bytes, context: string, pointee?: Bytes): number {
    const answer = this.backend.ioctl(this.fd, ioctl, argument, pointee);
    if (answer < 0) throw new KvmError(ioctl, -answer, context);
    return answer;
  }

  close() {
    this.backend.close(this.fd);
  }
}
