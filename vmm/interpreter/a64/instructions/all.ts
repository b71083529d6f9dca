// Every instruction there is.

import type { Definition } from "../definition.ts";
import { generalInstructions } from "./general.ts";
import { vectorInstructions } from "./vector.ts";

export const instructions: readonly Definition[] = [...generalInstructions, ...vectorInstructions];
