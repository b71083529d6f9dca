// Generated code of SVE's instructions that move lanes to other places: what they move is copied to scratch memory
// first, as the result's register may be one of theirs (Arm DDI 0487, "SVE encodings", "SVE Permute Vector -
// Unpredicated", "- Extract" and "- Interleaving").

import { type Meaning, vector } from "../definition.ts";
import { everySecond, pick, rearrange, splatBits, widen } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import {
  add,
  bind64,
  const64,
  type I64,
  ltU,
  select,
  sequence,
  shl,
  shrU,
  sub,
  type V128,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { fromLow } from "./load_store_lanes.ts";
import { unreachable } from "./simd_class.ts";
import { alternating } from "./sve_lanes.ts";
import { vectorLengthOf } from "./sve_memory_quadwords.ts";
import { quadwords } from "./sve_quadwords.ts";

type Code = Pick<Meaning, "operands" | "forms" | "immediate" | "emit">;

/** A quadword of the result, given where it is in the vector. */
type Moved = (t: Target, offset: I64, size: number) => V128;

/** The operands' bytes one after the other in scratch memory; then the result, of what is there. */
function moving(
  t: Target,
  result: string,
  operands: readonly string[],
  size: number,
  moved: Moved,
): Statement {
  const copy = t.eachQuadword(({ z, offset }) =>
    sequence(
      ...operands.map((operand, n) =>
        t.setScratchQ(n ? add(offset(), vectorLengthOf(t)) : offset(), z(operand))
      ),
    )
  );
  return sequence(copy, t.eachQuadword(({ setZ, offset }) => setZ(result, moved(t, offset(), size))));
}

const vectors = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, vector(name)]));

const ofScratch = (names: readonly [result: string, ...operands: string[]], moved: Moved): Code => ({
  operands: vectors(...new Set(names)),
  forms: ["size"],
  emit: (t, { size }) => moving(t, names[0], names.slice(1), size!, moved),
});

/** Lanes of the low halves of two in turn. */
const interleaved = (size: number, a: I64, b: I64): V128 =>
  pick(fromLow(a), fromLow(b), (byte) => {
    const lane = byte >> size;
    return (lane >> 1 << size) + byte % (1 << size) + (lane & 1 ? 16 : 0);
  });

/** Where what half as much of a quadword is of begins: in the lower half of a vector, or in the upper one. */
const halfway = (t: Target, offset: I64, part: 0 | 1): I64 =>
  part ? shrU(add(offset, vectorLengthOf(t)), const64(1)) : shrU(offset, const64(1));

/** By name, with the upper half of the lanes or the odd ones. */
export const interleavingCode: Readonly<Record<string, (part: 0 | 1) => Code>> = {
  ZIP: (part) =>
    ofScratch(["Zd", "Zn", "Zm"], (t, offset, size) => {
      const half = halfway(t, offset, part);
      return interleaved(size, t.scratchLane(3, half), t.scratchLane(3, add(half, vectorLengthOf(t))));
    }),
  UZP: (part) =>
    ofScratch(["Zd", "Zn", "Zm"], (t, offset, size) => {
      const from = shl(offset, const64(1));
      return everySecond(size, t.scratchQ(from), t.scratchQ(add(from, const64(16))), part === 1);
    }),
  TRN: (part) =>
    quadwords(
      { operands: ["Zd", "Zn", "Zm"], sizes: [0, 1, 2, 3] },
      (size, of) => alternating(size, of("Zn"), of("Zm"), part),
    ),
};

export const reversingCode = ofScratch(["Zd", "Zn"], (t, offset, size) => {
  const from = sub(sub(vectorLengthOf(t), const64(16)), offset);
  return rearrange(t.scratchQ(from), (byte) => (15 - byte) ^ (1 << size) - 1);
});

/** From a position on, which is the immediate; one past the first counts as 0. */
export const extractingCode: Code = {
  ...ofScratch(["Zdn", "Zdn", "Zm"], (t, offset) => {
    const position = t.immediate();
    return t.scratchQ(add(offset, select(ltU(position, vectorLengthOf(t)), position, const64(0))));
  }),
  forms: [],
};

export const unpackingCode = (isSigned: boolean, part: 0 | 1): Code => ({
  operands: vectors("Zd", "Zn"),
  forms: ["size"],
  emit: (t, { size }) =>
    size === 0 ? unreachable : moving(
      t,
      "Zd",
      ["Zn"],
      size!,
      (_, offset) => widen(size!, fromLow(t.scratchLane(3, halfway(t, offset, part))), isSigned, false),
    ),
});

/** The lane that begins at the immediate, which may be past the vector; by its size. */
export const duplicatingCode = (sizeOf: (tsz: number) => number): Code => ({
  operands: vectors("Zd", "Zn"),
  forms: ["tsz"],
  emit(t, { tsz }) {
    const size = sizeOf(tsz!);
    if (tsz === 0) return unreachable;
    if (size > 3) return t.fallBack();
    const at = t.immediate();
    return moving(
      t,
      "Zd",
      ["Zn"],
      size,
      () => splatBits(size, select(ltU(at, vectorLengthOf(t)), t.scratchLane(size, at), const64(0))),
    );
  },
});

/** Lanes by numbers, which are lanes of Zm; zeroes for those that there are not. */
export const lookingUpCode: Code = {
  operands: vectors("Zd", "Zn", "Zm"),
  forms: ["size"],
  emit(t, form) {
    const size = form.size!;
    const copy = t.eachQuadword(({ z, offset }) => t.setScratchQ(offset(), z("Zn")));
    const count = shrU(vectorLengthOf(t), const64(size));
    const look = t.eachQuadword(({ lane, setLane }) =>
      sequence(
        ...Array.from({ length: 16 >> size }, (_, n) => {
          const at = const64(n << size);
          // Any number is shown a place that is there.
          return bind64(lane("Zm", size, at), (number) =>
            setLane("Zd", size, at, select(ltU(number, count), entry(t, size, number, count), const64(0))));
        }),
      )
    );
    return sequence(copy, look);
  },
};

const entry = (t: Target, size: number, number: I64, count: I64): I64 =>
  t.scratchLane(size, shl(select(ltU(number, count), number, const64(0)), const64(size)));
