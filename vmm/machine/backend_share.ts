// How another isolate of a machine has the same backend.

import type { Backend } from "../kvm/backend.ts";
import type { InterpreterBackend } from "../interpreter/backend.ts";
import type { InterpreterShare } from "../interpreter/backend_share.ts";

/** What goes to the other isolate. */
export type BackendShare = { readonly name: "kvm" } | InterpreterShare;

export function shareBackend(backend: Backend): BackendShare {
  return backend.name === "kvm" ? { name: "kvm" } : (backend as InterpreterBackend).share();
}

/** To be awaited before a machine is made that is to run. */
export async function prepareToRun(backend: Backend) {
  if (backend.name === "interpreter") await (backend as InterpreterBackend).prepare();
}

/** Loads no backend but the one that it is: a vcpu's Worker's start is a good part of a guest's. */
export async function backendFromShare(share: BackendShare): Promise<Backend> {
  if (share.name === "kvm") return (await import("../linux/backend.ts")).linuxBackend();
  await (await import("../interpreter/engine_room.ts")).openEngineRoom();
  return (await import("../interpreter/backend_share.ts")).interpreterFromShare(share);
}
