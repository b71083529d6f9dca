// What sees all that a vcpu does: it stands around what the vcpu is given, so that one that nobody watches has
// nothing of it.

import type { VirtualMemory } from "./a64/cpu.ts";
import type { Engine, EngineHost } from "./a64/engine.ts";
import type { CpuSurroundings } from "./a64/surroundings.ts";

export interface Watch {
  /** In place of the memory that it was made with. */
  readonly memory: VirtualMemory;
  surroundings(around: CpuSurroundings): CpuSurroundings;
  host(host: EngineHost): EngineHost;
  /** The engine that was made with them. */
  attach(engine: Engine): void;
  /** In place of the engine's own `run`. */
  run(engine: Engine, budget: number): void;
}

export type MakeWatch = (memory: VirtualMemory) => Watch;
