// How another isolate of a machine has the same backend.

import type { Backend } from "../kvm/backend.ts";
import type { TakenException } from "../kvm/syndrome.ts";
import type { Trace } from "../kvm/trace.ts";
import type { InterpreterBackend } from "../interpreter/backend.ts";
import type { Turns } from "../interpreter/turns.ts";
import type { InterpreterShare, PartInInterpreter } from "../interpreter/backend_share.ts";

export type { Turns };

/** What goes to the other isolate. */
export type BackendShare = { readonly name: "kvm" } | InterpreterShare;

export function shareBackend(backend: Backend): BackendShare {
  return backend.name === "kvm" ? { name: "kvm" } : (backend as InterpreterBackend).share();
}

/** Whether its guests run the same each time: their vcpus must share a thread then. */
export const isDeterministic = (backend: Backend): boolean =>
  backend.name === "interpreter" && (backend as InterpreterBackend).seed !== undefined;

/** The turns of a deterministic backend's vcpus. */
export const turnsOf = (backend: Backend): Turns => (backend as PartInInterpreter).turns!;

export interface GuestStatistics {
  /** Of all vcpus. */
  readonly instructions: number;
  /** That passed for the guest, where its time follows from its instructions. */
  readonly seconds: number | undefined;
}

/** Undefined where the backend does not count. @param vm its descriptor */
export function guestStatistics(backend: Backend, vm: number): GuestStatistics | undefined {
  if (backend.name === "kvm") return undefined;
  const { instructions, seconds } = (backend as InterpreterBackend).guestTime(vm);
  return { instructions, seconds: isDeterministic(backend) ? seconds : undefined };
}

/** The last exceptions of a vcpu that does not run, the oldest first; none on KVM, which does not see them. */
export function exceptionsOf(backend: Backend, vcpu: number): readonly TakenException[] {
  return backend.name === "kvm" ? [] : (backend as InterpreterBackend).exceptionsOf(vcpu);
}

/** What another isolate needs to interrupt this backend's threads. */
export type InterruptShare = { readonly name: "kvm" } | {
  readonly name: "interpreter";
  readonly memory: WebAssembly.Memory;
};

export function shareInterrupts(backend: Backend): InterruptShare {
  if (backend.name === "kvm") return { name: "kvm" };
  return { name: "interpreter", memory: (backend as InterpreterBackend).threadMemory() };
}

/** `interruptThread` of the backend that the share is of. */
export async function interrupterFromShare(share: InterruptShare): Promise<(thread: number) => void> {
  if (share.name === "kvm") return (await import("../linux/backend.ts")).linuxBackend().interruptThread;
  const { Threads } = await import("../interpreter/threads.ts");
  // The memory may have grown since, and an older view of it not hold every vcpu.
  return (thread) => new Threads(share.memory.buffer).interrupt(thread);
}

/** To be awaited before a guest runs on this thread. */
export async function prepareToRun(backend: Backend) {
  if (backend.name === "interpreter") await (backend as InterpreterBackend).prepare();
}

/** To be awaited before a guest is shared with several threads: what they run is made here, once. */
export async function prepareToShare(backend: Backend) {
  if (backend.name === "interpreter") {
    await (await import("../interpreter/engine_room.ts")).openEngineRoomInPart();
  }
}

/** Begins to load what a thread that runs vcpus of that backend will need: a good part of a guest's start. */
export async function loadAhead(backend: string) {
  if (backend !== "interpreter") return;
  const [{ openEngineRoomInPart }] = await Promise.all([
    import("../interpreter/engine_room.ts"),
    import("../interpreter/backend_share.ts"),
  ]);
  (await openEngineRoomInPart()).makeModule();
}

/** Whether KVM_RUN was interrupted on this thread because `loadMore` is to be awaited before the next. */
export const wantsMore = (backend: Backend): boolean =>
  backend.name === "interpreter" && (backend as PartInInterpreter).wantsMore();

export const loadMore = (backend: Backend): Promise<void> => (backend as PartInInterpreter).loadAll();

/** How a thread runs vcpus. */
export interface Running {
  /** Told what the interpreter's do. */
  readonly trace: Trace | undefined;
  /** Whether it looks at `wantsMore` each time KVM_RUN was interrupted. */
  readonly loadsMore: boolean;
}

/**
 * Loads no backend but the one that it is.
 * @param runs undefined where no vcpus run on this thread
 */
export async function backendFromShare(share: BackendShare, runs?: Running): Promise<Backend> {
  if (share.name === "kvm") return (await import("../linux/backend.ts")).linuxBackend();
  if (runs) {
    const { openEngineRoom, openEngineRoomInPart } = await import("../interpreter/engine_room.ts");
    // What is told of an instruction may be anything about any.
    const open = runs.loadsMore && !runs.trace ? openEngineRoomInPart : openEngineRoom;
    await open(runs.trace);
  }
  return (await import("../interpreter/backend_share.ts")).interpreterFromShare(share);
}
