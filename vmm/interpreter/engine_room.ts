// What executes instructions, loaded when a guest is about to run: questions about a host need none of it, and its
// many modules would slow every start.

import type { VcpuShare, VmShare } from "./machine_share.ts";
import type { Processor } from "./processor.ts";
import type { Turns } from "./turns.ts";
import type { Trace } from "../kvm/trace.ts";
import type { VcpuState } from "./vcpu_state.ts";
import type { MakeWatch } from "./watch.ts";

interface EngineRoom {
  /** Made once. */
  makeModule(): WebAssembly.Module;
  createProcessor(vm: VmShare, vcpu: VcpuShare, state: VcpuState, turns?: Turns): Processor;
  /** Whether a vcpu of this thread has come to an instruction that is not loaded: its KVM_RUN was interrupted. */
  wantsMore(): boolean;
  loadAll(): Promise<void>;
}

let room: EngineRoom | undefined;

/**
 * To be awaited before the first KVM_RUN of this thread.
 * @param trace is told what the vcpus of this thread do
 */
export async function openEngineRoom(trace?: Trace): Promise<EngineRoom> {
  const opened = await openEngineRoomInPart(trace);
  await opened.loadAll();
  return opened;
}

/** The same, but for instructions that many guests have none of: each KVM_RUN may turn out to want more. */
export async function openEngineRoomInPart(trace?: Trace): Promise<EngineRoom> {
  const [instructions, { Processor }, witnesses] = await Promise.all([
    import("./instruction_set.ts"),
    import("./processor.ts"),
    trace && import("./trace/witness.ts"),
  ]);
  const watching = (vcpu: VcpuShare): MakeWatch | undefined =>
    trace && witnesses && ((memory) => new witnesses.Witness(trace, vcpu.index, memory));
  return room = {
    makeModule: instructions.sharedModule,
    createProcessor: (vm, vcpu, state, turns) => new Processor(vm, vcpu, state, turns, watching(vcpu)),
    wantsMore: instructions.wantsMoreInstructions,
    loadAll: instructions.loadAllInstructions,
  };
}

/** Undefined before this thread has opened it. */
export const openedEngineRoom = (): EngineRoom | undefined => room;

/** Throws RangeError before it was opened. */
export function engineRoom(): EngineRoom {
  if (!room) throw new RangeError("the interpreter was not prepared to run guests");
  return room;
}
