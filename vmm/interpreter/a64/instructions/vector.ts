// The instructions of the vector registers: floating-point, Advanced SIMD with the cryptographic ones, SVE.

import type { Definition } from "../definition.ts";
import { cryptoInstructions } from "./crypto.ts";
import { floatInstructions } from "./float.ts";
import { simdInstructions } from "./simd.ts";
import { sveInstructions } from "./sve.ts";
import { sve2Instructions } from "./sve2.ts";

export const vectorInstructions: readonly Definition[] = [
  ...simdInstructions,
  ...floatInstructions,
  ...cryptoInstructions,
  ...sveInstructions,
  ...sve2Instructions,
];
