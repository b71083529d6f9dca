// Every instruction there is.

import type { Definition } from "../definition.ts";
import { cryptoInstructions } from "./crypto.ts";
import { floatInstructions } from "./float.ts";
import { integerInstructions } from "./integer.ts";
import { loadStoreInstructions } from "./load_store.ts";
import { simdInstructions } from "./simd.ts";
import { sveInstructions } from "./sve.ts";
import { sve2Instructions } from "./sve2.ts";
import { systemInstructions } from "./system.ts";

export const instructions: readonly Definition[] = [
  ...integerInstructions,
  ...loadStoreInstructions,
  ...systemInstructions,
  ...simdInstructions,
  ...floatInstructions,
  ...cryptoInstructions,
  ...sveInstructions,
  ...sve2Instructions,
];
