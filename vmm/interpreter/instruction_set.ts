// The instructions that vcpus of a host have, and the engine made for them: once in each thread.

import { arenaPages } from "./arena.ts";
import type { Definition } from "./a64/definition.ts";
import { type EngineProgram, engineProgram } from "./a64/engine.ts";
import { instructions } from "./a64/instructions/all.ts";
import type { HostProfile } from "./host_profile.ts";

const programs = new WeakMap<HostProfile, EngineProgram>();

export function instructionSet(profile: HostProfile): EngineProgram {
  let program = programs.get(profile);
  if (!program) {
    program = engineProgram(instructions, (definition) => offers(profile, definition), arenaPages);
    programs.set(profile, program);
  }
  return program;
}

function offers({ idRegisters }: HostProfile, { needs }: Definition): boolean {
  if (!needs) return true;
  const [register, shift, least] = needs;
  return Number((idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn) >= least;
}
