// Random cases of SVE's loads and stores, whose addresses are in the oracle's memory or at its edges, beyond
// which nothing is mapped.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import { type Case, MEMORY, type Outcome } from "../oracle/case.ts";
import type { RandomStates } from "../oracle/random_state.ts";
import type { Part } from "../oracle/state_differences.ts";
import { withBase } from "./load_store_cases.ts";
import { drawFields } from "./sve_cases.ts";

const size = Number(MEMORY.size);
/** Of elements or structures, which an index register counts. */
const mostIndex = 20;

/**
 * Where accesses begin: one in four so near an edge that some lanes are beyond it. Those are aligned: QEMU
 * 7.2 ends where an element or a structure is partly in a page that is not there. And of loads that suppress
 * faults no lane is before the memory: there it loads nothing, or from elsewhere.
 */
function place(random: Random, span: number, unit: number, mayBeBefore: boolean): number {
  const edge = random.below(8), near = unit * random.below(Math.ceil(span / unit));
  if (edge <= 1) return edge === 0 && mayBeBefore ? -near : size - near;
  const align = random.of([1, 1, 4, 16]);
  return Math.floor(random.below(size - span - mostIndex * unit) / align) * align;
}

/** How many elements a structure has. */
const countOf = ({ name }: Definition) => Number(/^(?:LD|ST)([234])/.exec(name)?.[1] ?? 1);

/** Whole elements of all sizes, and whole structures of them. */
const unitOf = (definition: Definition) => 8 * countOf(definition);

/** Bytes that "#-2, mul vl" adds to the base; the vector has `length` bytes. */
function vectorOffset(text: string, length: number): number {
  const times = Number(/#(-?\d+), mul vl/.exec(text)?.[1] ?? 0);
  if (/^(ldr|str) p/.test(text)) return times * length / 8;
  const inMemory = /^(?:ld|st)\S*([bhwd]) /.exec(text)?.[1], inLane = /\{z\d+\.([bhsd])/.exec(text)?.[1];
  if (inMemory === undefined || inLane === undefined) return times * length;
  return times * length * 2 ** ("bhwd".indexOf(inMemory) - "bhsd".indexOf(inLane));
}

/** Of a load or store whose base is a general register: the index, if there is one, is of a few elements. */
export function drawMemoryCase(states: RandomStates, definition: Definition): Case {
  const { random } = states;
  let fields = drawFields(random, definition);
  // One register cannot be both.
  while (fields.Rm !== undefined && fields.Rm === fields.Rn) fields = drawFields(random, definition);
  const each = states.nextCase([encode(definition.pattern, fields)]);
  const length = each.v.length / 32;
  const at = place(random, length * countOf(definition), unitOf(definition), !suppressesFaults(definition));
  const base = MEMORY.base + BigInt(at - vectorOffset(definition.assembly(fields), length));
  const placed = withBase(withIndex(random, each, fields, countOf(definition)), fields, base);
  return suppressesFaults(definition) ? withFirstLane(placed, fields) : placed;
}

const suppressesFaults = ({ name }: Definition) => /^LD[FN]F/.test(name);

/** QEMU 7.2 takes the wrong lanes of such loads for active where none of the first eight bytes' are. */
function withFirstLane(each: Case, { Pg }: Fields): Case {
  const p = each.p.slice();
  p[Pg! * p.length / 16]! |= 1;
  return { ...each, p };
}

function withIndex(random: Random, each: Case, { Rm }: Fields, step: number): Case {
  if (Rm === undefined || Rm === 31) return each;
  const x = each.x.slice();
  x[Rm] = BigInt(step * random.below(mostIndex));
  return { ...each, x };
}

/** Of what faults, how much has been stored is open; and QEMU's LDR then has loaded some of its register. */
export const ignoreFaults = (_: Case, { signal }: Outcome): readonly Part[] =>
  signal ? ["memory", "v", "p"] : [];
