// The instructions that vcpus of a host have, and the engine made for them: once in each thread.

import { arenaPages } from "./arena.ts";
import type { Definition } from "./a64/definition.ts";
import { type EngineProgram, engineProgram } from "./a64/engine.ts";
import { instructions } from "./a64/instructions/all.ts";
import type { HostProfile } from "./host_profile.ts";

/** The same for every host: a decoder does not find what its host lacks. */
let module: WebAssembly.Module | undefined;
/** The last one made: a machine's vcpus have the same, and making a decoder takes a while. */
let latest: { readonly features: string; readonly program: EngineProgram } | undefined;

/** @param made the module, where another thread has made it */
export function instructionSet(profile: HostProfile, made?: WebAssembly.Module): EngineProgram {
  const features = Object.entries(profile.idRegisters).join();
  if (latest?.features !== features) {
    module ??= made;
    const program = engineProgram(
      instructions,
      (definition) => offers(profile, definition),
      arenaPages,
      module,
    );
    latest = { features, program };
    module = program.module;
  }
  return latest.program;
}

/** Made once, for all threads and hosts. */
export const engineModule = (): WebAssembly.Module =>
  module ??= engineProgram(instructions, () => true, arenaPages).module;

function offers({ idRegisters }: HostProfile, { needs }: Definition): boolean {
  if (!needs) return true;
  const [register, shift, least] = needs;
  return Number((idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn) >= least;
}
