// What executes instructions, loaded when a guest is about to run: questions about a host need none of it, and its
// many modules would slow every start.

import type { HostProfile } from "./host_profile.ts";
import type { VcpuShare, VmShare } from "./machine_share.ts";
import type { Processor } from "./processor.ts";
import type { Turns } from "./turns.ts";
import type { VcpuState } from "./vcpu_state.ts";

interface EngineRoom {
  engineModule(profile: HostProfile): WebAssembly.Module;
  createProcessor(vm: VmShare, vcpu: VcpuShare, state: VcpuState, turns?: Turns): Processor;
}

let room: EngineRoom | undefined;

/** To be awaited before the first KVM_RUN or share of this thread. */
export async function openEngineRoom() {
  const [{ engineModule }, { Processor }] = await Promise.all([
    import("./instruction_set.ts"),
    import("./processor.ts"),
  ]);
  room = { engineModule, createProcessor: (...parts) => new Processor(...parts) };
}

/** Throws RangeError before it was opened. */
export function engineRoom(): EngineRoom {
  if (!room) throw new RangeError("the interpreter was not prepared to run guests");
  return room;
}
