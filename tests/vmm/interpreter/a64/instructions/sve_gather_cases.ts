// Random cases of SVE's gather loads and scatter stores: most have all addresses in the oracle's memory, the
// others some beyond its end.

import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import type { Random } from "../../../../devices/random.ts";
import { type Case, MEMORY } from "../oracle/case.ts";
import type { RandomStates } from "../oracle/random_state.ts";
import { withBase } from "./load_store_cases.ts";
import { drawFields } from "./sve_cases.ts";

const size = Number(MEMORY.size);
const mostBytes = 8;

/** Bytes from the memory's start at which a lane's element is. */
function place(random: Random, mayFault: boolean): number {
  if (mayFault && random.below(8) === 0) return size + mostBytes * random.below(4);
  return random.below(size - mostBytes);
}

/** log2 of the bytes that an element has in memory. */
const elementSize = ({ name }: Definition) => "BHWD".indexOf(/^\w*?([BHWD]) /.exec(name)![1]!);

/** The registers of the address: a base and a vector of offsets, or a vector of bases. */
export function drawGatherCase(states: RandomStates, definition: Definition): Case {
  const { random } = states;
  const fields = drawFields(random, definition);
  const each = states.nextCase([encode(definition.pattern, fields)]);
  const mayFault = random.below(4) === 0;
  const shift = BigInt(elementSize(definition));
  if (fields.Rn === undefined) {
    const given = withOffset(each, fields, random.below(1 << 20));
    const offset = fields.Rm === undefined ? BigInt(fields.imm5!) << shift : given.x[fields.Rm] ?? 0n;
    return withLanes(
      given,
      definition,
      fields.Zn!,
      () => BigInt(place(random, mayFault)) + MEMORY.base - offset,
    );
  }
  const isSigned = fields.xs !== 0, scale = /(?<!un)scaled/.test(definition.name) ? shift : 0n;
  const base = isSigned ? BigInt(random.below(size / 2)) : 0n;
  const offset = () => BigInt(place(random, mayFault)) - base >> scale;
  return withBase(withLanes(each, definition, fields.Zm!, offset), fields, MEMORY.base + base);
}

/** The general register beside a vector of bases, if there is one. */
function withOffset(each: Case, { Rm }: Fields, offset: number): Case {
  if (Rm === undefined || Rm === 31) return each;
  const x = each.x.slice();
  x[Rm] = BigInt(offset);
  return { ...each, x };
}

/** The vector's lanes have these values; above offsets of 32 bits in wider lanes is what was there. */
function withLanes(each: Case, { name }: Definition, Z: number, value: () => bigint): Case {
  const v = each.v.slice(), view = new DataView(v.buffer);
  const length = v.length / 32,
    step = /\b32-bit (un)?scaled|, S\)/.test(name) && !/unpacked/.test(name) ? 4 : 8;
  const isWord = step === 4 || /unpacked/.test(name);
  for (let at = Z * length; at < (Z + 1) * length; at += step) {
    if (isWord) view.setUint32(at, Number(BigInt.asUintN(32, value())), true);
    else view.setBigUint64(at, BigInt.asUintN(64, value()), true);
  }
  return { ...each, v };
}
