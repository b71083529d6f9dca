// The instructions that vcpus of a host have, and the engine made for them: once in each thread. Those of the vector
// registers are most of all, and many guests have none of them: they can be loaded when a guest comes to the first.

import { arenaPages } from "./arena.ts";
import { Decoder, hotForms } from "./a64/decoder.ts";
import type { Definition } from "./a64/definition.ts";
import { engineModule, type EngineProgram, engineProgram } from "./a64/engine.ts";
import { generalInstructions, isGeneral } from "./a64/instructions/general.ts";
import type { HostProfile } from "./host_profile.ts";

const hot = hotForms(generalInstructions);
/** The same for every host: a decoder does not find what its host lacks. */
let module: WebAssembly.Module | undefined;
/** The last one made: a machine's vcpus have the same. */
let latest: { readonly features: string; readonly program: EngineProgram } | undefined;
/** Once they are loaded. */
let vectorInstructions: readonly Definition[] | undefined;
/** Decoders made before. */
let incomplete: Decoder[] = [];

/** @param made the module, where another thread has made it */
export function instructionSet(profile: HostProfile, made?: WebAssembly.Module): EngineProgram {
  const features = Object.entries(profile.idRegisters).join();
  if (latest?.features !== features) {
    module ??= made;
    latest = { features, program: engineProgram(decoderOf(profile), arenaPages, sharedModule()) };
  }
  return latest.program;
}

/** Made once, for all threads and hosts. */
export const sharedModule = (): WebAssembly.Module => module ??= engineModule(hot, arenaPages);

function decoderOf(profile: HostProfile): Decoder {
  const isOffered = (definition: Definition) => offers(profile, definition);
  const decoder = new Decoder(generalInstructions, isOffered, isGeneral, hot);
  if (vectorInstructions) decoder.add(vectorInstructions);
  else incomplete.push(decoder);
  return decoder;
}

/** Whether a vcpu of this thread has come to an instruction that is not loaded. */
export const wantsMoreInstructions = (): boolean => incomplete.some(({ wantsMore }) => wantsMore);

export async function loadAllInstructions() {
  ({ vectorInstructions } = await import("./a64/instructions/vector.ts"));
  for (const decoder of incomplete) decoder.add(vectorInstructions);
  incomplete = [];
}

function offers({ idRegisters }: HostProfile, { needs }: Definition): boolean {
  if (!needs) return true;
  const [register, shift, least] = needs;
  return Number((idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn) >= least;
}
