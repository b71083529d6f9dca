// The instructions that are about the system: Arm DDI 0487, "A64 instruction set encoding", "Branches,
// Exception Generating and System instructions", but for the branches.

import type { Definition } from "../definition.ts";
import { barriers } from "./barriers.ts";
import { exceptionGeneration } from "./exception_generation.ts";
import { hints } from "./hints.ts";
import { systemOperations } from "./system_operations.ts";
import { systemPstate } from "./system_pstate.ts";
import { systemRegisterMove } from "./system_register_move.ts";

export const systemInstructions: readonly Definition[] = [
  ...exceptionGeneration,
  ...hints,
  ...barriers,
  ...systemPstate,
  ...systemOperations,
  ...systemRegisterMove,
];
