// Random cases of loads and stores whose addresses are in the oracle's memory or at its edges, beyond which nothing
// is mapped.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import { type Case, MEMORY } from "../oracle/case.ts";
import type { RandomStates } from "../oracle/random_state.ts";

const SP = 31;
/** Bytes from an edge of the memory within which a quarter of the accesses begin. */
const nearEdge = 72;
const size = Number(MEMORY.size);

/** Fields at random, of an encoding that is valid; one in four has SP as its base. */
export function drawFields(random: Random, { pattern, valid }: Definition): Fields {
  while (true) {
    const fields: Record<string, number> = {};
    for (const { name, width } of pattern.fields) fields[name] = random.below(2 ** width);
    if (fields.Rn !== undefined && random.below(4) === 0) fields.Rn = SP;
    if (valid?.(fields) ?? true) return fields;
  }
}

/** Offsets in the memory where accesses begin: most are aligned, some at an edge of it. */
function place(random: Random): number {
  const align = random.of([1, 1, 4, 16]);
  const edge = random.below(8);
  const at = edge === 0
    ? -random.below(nearEdge)
    : (edge === 1 ? size - random.below(nearEdge) : random.below(size - nearEdge));
  return Math.floor(at / align) * align;
}

/** The case whose base register has this value. */
export function withBase(each: Case, { Rn }: Fields, base: bigint): Case {
  const value = BigInt.asUintN(64, base);
  if (Rn === undefined) return each;
  if (Rn === SP) return { ...each, sp: value };
  const x = each.x.slice();
  x[Rn] = value;
  return { ...each, x };
}

/** The case whose index register has this value, which is small beyond the width that is used of it. */
function withIndex(random: Random, each: Case, { Rm, Rn }: Fields): Case {
  if (Rm === undefined || Rm === SP || Rm === Rn) return each;
  const x = each.x.slice();
  x[Rm] = BigInt.asUintN(64, BigInt(random.below(2 * nearEdge) - nearEdge));
  return { ...each, x };
}

/** @param offset what the instruction adds to its base before it accesses memory */
export function loadStoreCase(
  states: RandomStates,
  definition: Definition,
  offset: (fields: Fields) => number,
): Case {
  const { random } = states;
  const fields = drawFields(random, definition);
  const word = encode(definition.pattern, fields);
  // Done twice, the second time the TLB has the page.
  const each = states.nextCase(random.below(2) === 0 ? [word] : [word, word]);
  const base = MEMORY.base + BigInt(place(random)) - BigInt(offset(fields));
  return withBase(withIndex(random, each, fields), fields, base);
}

/** Of a definition whose immediate is an offset. */
export function immediateOffset({ name, immediate }: Definition): (fields: Fields) => number {
  const isAfter = /post-indexed|structure/.test(name);
  return (fields) => isAfter ? 0 : Number(immediate?.(fields) ?? 0);
}
