// The instructions of the Scalable Vector Extension (Arm DDI 0487, "SVE encodings"), without those of SVE2.

import type { Definition } from "../definition.ts";
import { sveFloatInstructions } from "./sve_float.ts";
import { sveIntegerInstructions } from "./sve_integer.ts";
import { sveMemory } from "./sve_memory.ts";
import { svePredicateInstructions } from "./sve_predicate.ts";

export const sveInstructions: readonly Definition[] = [
  ...svePredicateInstructions,
  ...sveIntegerInstructions,
  ...sveFloatInstructions,
  ...sveMemory,
];
