// Generated code for SVE's loads and stores of elements one after another in memory (Arm DDI 0487, "SVE memory
// accesses"): a quadword at once where all of its lanes are active, else lane by lane.

import { cpuWord } from "../cpu_layout.ts";
import { type Fields, type Meaning, orSp, predicate, read, vector } from "../definition.ts";
import { widen } from "../simd_vocabulary.ts";
import type { AccessBytes, QuadwordTarget, Target } from "../target.ts";
import {
  add,
  and32,
  bind32,
  bind64,
  const32,
  const64,
  eq32,
  extend16,
  extend32,
  extend8,
  extendU32,
  type I32,
  type I64,
  mul,
  or32,
  sequence,
  shl,
  shrU,
  shrU32,
  sub,
  type V128,
  when,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { fromLow, zeroQ } from "./load_store_lanes.ts";
import type { MemoryElement } from "./sve_memory_elements.ts";
import { type Kept, laneBits, lanesIn, withKept } from "./sve_predicate_bits.ts";

/** How the address is given: by an index register, or by a number of vectors in the immediate. */
export type Offset = "register" | "vectors";

export const vectorLengthOf = (t: Target): I64 => extendU32(t.state32(cpuWord.vectorLength));

export const bytesOf = ({ msz }: MemoryElement) => 1 << msz as AccessBytes;
/** log2 of how much wider the lane is. */
const widening = ({ msz, size }: MemoryElement) => size - msz;

/** Of the first lane's element. */
export function firstAddress(t: Target, element: MemoryElement, offset: Offset): I64 {
  const { msz } = element;
  if (offset === "register") return add(t.x("Rn"), shl(t.x("Rm"), const64(msz)));
  return add(t.x("Rn"), mul(t.immediate(), shrU(vectorLengthOf(t), const64(widening(element)))));
}

const isAnyActive = (t: Target, size: number, use: (isAny: I32) => Statement): Statement =>
  withKept(1, (any) =>
    sequence(
      t.eachQuadword(({ bits }) => any.set(or32(any.get, lanesIn(size, bits("Pg"))))),
      use(any.get),
    ));

/** SP is checked as a base where a lane is active. */
export const withBase = (t: Target, { isSp }: Fields, size: number, statement: Statement): Statement =>
  isSp ? sequence(isAnyActive(t, size, (any) => when(any, t.checkSp())), statement) : statement;

/** For each lane's first byte in the quadword. */
export const eachLaneOf = (size: number, body: (byte: I32) => Statement): Statement =>
  withKept(1, (byte: Kept) => (c) =>
    c.loop(() => {
      const top = c.depth - 1;
      body(byte.get)(c);
      byte.set((code) => {
        byte.get(code);
        code.i32(1 << size);
        code.op(0x6a);
      })(c);
      byte.get(c);
      c.i32(16);
      c.op(0x49);
      c.branchIf(top);
    }));

export const isBit = (bits: I32, n: I32) => and32(shrU32(bits, n), const32(1));

export function extended(element: MemoryElement, value: I64): I64 {
  const { msz, isSigned } = element;
  return isSigned ? [extend8, extend16, extend32][msz]!(value) : value;
}

/** Of a quadword's lanes, all of which are active. */
function loadWhole(t: Target, { msz, size, isSigned }: MemoryElement, address: I64): V128 {
  if (msz === size) return t.loadQ(address);
  let value = fromLow(t.load(16 >> size - msz as AccessBytes, address));
  for (let wide = msz + 1; wide <= size; wide++) value = widen(wide, value, isSigned, false);
  return value;
}

/** An element's address by the byte of its lane in the register. */
const placeOf = (first: I64, element: MemoryElement, byte: I64): I64 =>
  add(first, shrU(byte, const64(widening(element))));

type Body = (quadword: QuadwordTarget, first: I64, bits: I32) => Statement;

const loadQuadword = (t: Target, element: MemoryElement): Body => (quadword, first, bits) => {
  const { size } = element, { setZ, setLane, offset } = quadword;
  const load = (byte: I64) =>
    extended(element, t.load(bytesOf(element), placeOf(first, element, add(offset(), byte))));
  const laneByLane = eachLaneOf(size, (byte) => {
    const at = extendU32(byte);
    return when(isBit(bits, byte), setLane("Zt", size, at, load(at)), setLane("Zt", size, at, const64(0)));
  });
  return when(
    eq32(bits, const32(laneBits(size))),
    setZ("Zt", loadWhole(t, element, placeOf(first, element, offset()))),
    when(bits, laneByLane, setZ("Zt", zeroQ)),
  );
};

const storeQuadword = (t: Target, element: MemoryElement): Body => (quadword, first, bits) => {
  const { size, msz } = element, { z, lane, offset } = quadword;
  const laneByLane = eachLaneOf(size, (byte) => {
    const at = extendU32(byte);
    const store = t.store(
      bytesOf(element),
      placeOf(first, element, add(offset(), at)),
      lane("Zt", size, at),
    );
    return when(isBit(bits, byte), store);
  });
  if (msz < size) return when(bits, laneByLane);
  return when(
    eq32(bits, const32(laneBits(size))),
    t.storeQ(placeOf(first, element, offset()), z("Zt")),
    when(bits, laneByLane),
  );
};

const overQuadwords = (t: Target, element: MemoryElement, first: I64, body: Body): Statement =>
  t.eachQuadword((quadword) =>
    bind32(lanesIn(element.size, quadword.bits("Pg")), (bits) => body(quadword, first, bits))
  );

type Code = Pick<Meaning, "operands" | "forms" | "immediate" | "emit">;

const meaning = (
  offset: Offset,
  vectors: (fields: Fields) => number,
  emit: NonNullable<Meaning["emit"]>,
): Code => ({
  operands: {
    Zt: vector("Zt"),
    Pg: predicate("Pg"),
    Rn: orSp("Rn"),
    ...(offset === "register" && { Rm: read("Rm") }),
  },
  ...(offset === "vectors" && { immediate: vectors }),
  forms: ["isSp"],
  emit,
});

/** Where no lane can fault, as all are in one page or two that are at hand; else `run` does it, lane by lane. */
const access = (body: typeof loadQuadword, isWrite: boolean) =>
(
  element: MemoryElement,
  offset: Offset,
  vectors: (fields: Fields) => number,
): Code =>
  meaning(offset, vectors, (t, form) => {
    const inMemory = bind64(firstAddress(t, element, offset), (first) => {
      const length = shrU(vectorLengthOf(t), const64(widening(element)));
      const last = sub(add(first, length), const64(1));
      return when(
        and32(t.isAtHand(first, isWrite), t.isAtHand(last, isWrite)),
        overQuadwords(t, element, first, body(t, element)),
        t.fallBack(),
      );
    });
    return withBase(t, form, element.size, inMemory);
  });

/** @param vectors of the fields, by which the address is further on */
export const contiguousLoad = access(loadQuadword, false);
export const contiguousStore = access(storeQuadword, true);
