// The integer instructions that reach no memory, and the branches (Arm DDI 0487, "A64 instruction set encoding",
// "Data Processing -- Immediate", "Data Processing -- Register", "Branches").

import type { Definition } from "../definition.ts";
import { addSubtractCarry } from "./add_subtract_carry.ts";
import { addSubtractExtended } from "./add_subtract_extended.ts";
import { addSubtractImmediate } from "./add_subtract_immediate.ts";
import { addSubtractShifted } from "./add_subtract_shifted.ts";
import { bitfield } from "./bitfield.ts";
import { branches } from "./branches.ts";
import { conditionalCompare } from "./conditional_compare.ts";
import { conditionalSelect } from "./conditional_select.ts";
import { dataProcessing1Source } from "./data_processing_1_source.ts";
import { dataProcessing2Source } from "./data_processing_2_source.ts";
import { dataProcessing3Source } from "./data_processing_3_source.ts";
import { extract } from "./extract.ts";
import { flagManipulation } from "./flag_manipulation.ts";
import { logicalImmediate } from "./logical_immediate.ts";
import { logicalShifted } from "./logical_shifted.ts";
import { moveWide } from "./move_wide.ts";
import { pcRelative } from "./pc_relative.ts";
import { pointerAuthentication } from "./pointer_authentication.ts";
import { pointerAuthenticationBranches } from "./pointer_authentication_branches.ts";
import { pointerAuthenticationHints } from "./pointer_authentication_hints.ts";
import { rotateFlags } from "./rotate_flags.ts";

export const integerInstructions: readonly Definition[] = [
  ...pcRelative,
  ...addSubtractImmediate,
  ...logicalImmediate,
  ...moveWide,
  ...bitfield,
  ...extract,
  ...addSubtractShifted,
  ...addSubtractExtended,
  ...addSubtractCarry,
  ...logicalShifted,
  ...conditionalCompare,
  ...conditionalSelect,
  ...dataProcessing1Source,
  ...dataProcessing2Source,
  ...dataProcessing3Source,
  ...rotateFlags,
  ...flagManipulation,
  ...branches,
  ...pointerAuthentication,
  ...pointerAuthenticationHints,
  ...pointerAuthenticationBranches,
];
