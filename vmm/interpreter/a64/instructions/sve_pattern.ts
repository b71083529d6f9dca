// How many lanes a predicate constraint names (Arm DDI 0487, shared pseudocode "DecodePredCount").

import type { Target } from "../target.ts";
import { and32, const32, eq32, when, wrap } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

const all = 31;

/** Generated code for all lanes, where that is what the immediate's low bits name; else `run` does it. */
export const whenAll = (t: Target, statement: () => Statement): Statement =>
  when(eq32(and32(wrap(t.immediate()), const32(31)), const32(all)), statement(), t.fallBack());

const fixed = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256];

/** @param lanes of the vector; a number that it does not have counts as 0 */
export function decodePredCount(pattern: number, lanes: number): number {
  const count = fixed[pattern - 1];
  if (pattern === 0) return 1 << 31 - Math.clz32(lanes);
  if (count !== undefined) return count <= lanes ? count : 0;
  if (pattern === 29) return lanes - lanes % 4;
  if (pattern === 30) return lanes - lanes % 3;
  return pattern === 31 ? lanes : 0;
}
