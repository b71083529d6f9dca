// How another isolate of a machine has the same backend. Only KVM runs guests so far, and a vcpu's Worker loads
// nothing that it does not need: its start is a good part of a guest's.

import type { Backend } from "../kvm/backend.ts";
import { linuxBackend } from "../linux/backend.ts";

/** What goes to the other isolate. */
export interface BackendShare {
  readonly name: Backend["name"];
}

export function shareBackend({ name }: Backend): BackendShare {
  return { name };
}

/** Throws RangeError for a backend that has no isolates to share it with. */
export function backendFromShare({ name }: BackendShare): Backend {
  if (name === "kvm") return linuxBackend();
  throw new RangeError(`the backend ${name} runs no guest`);
}
