// The instructions that every guest begins with: of the general registers and of the system, and all loads and stores
// but SVE's.

import type { Definition } from "../definition.ts";
import { integerInstructions } from "./integer.ts";
import { loadStoreInstructions } from "./load_store.ts";
import { systemInstructions } from "./system.ts";

export const generalInstructions: readonly Definition[] = [
  ...integerInstructions,
  ...loadStoreInstructions,
  ...systemInstructions,
];

/** Whether a word's definition is among these, if it has one at all (Arm DDI 0487, "Top-level encodings for A64"). */
export function isGeneral(word: number): boolean {
  const op1 = word >>> 25 & 0xf;
  const isSve = op1 === 0b0010, isFloatOrSimd = (op1 & 0b0111) === 0b0111;
  return !isSve && !isFloatOrSimd;
}
