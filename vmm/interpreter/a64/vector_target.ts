// The vector registers as generated code has them: in memory, a quadword at a time.

import { cpuWord, vectorBytes } from "./cpu_layout.ts";
import { i32Load16U, loadAt, loads, simd, storeAt, stores, v128Load, v128Store } from "./memory_code.ts";
import { andBits, constant, equal, splat, splatBits, swizzle } from "./simd_vocabulary.ts";
import type { AccessBytes, QuadwordTarget, Target } from "./target.ts";
import { add, const64, extendU32, type I32, type I64, shrU, type V128 } from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";

export type VectorTarget = Pick<
  Target,
  "q" | "setQ" | "eachQuadword" | "scratchQ" | "setScratchQ" | "scratchLane" | "setScratchLane"
>;

/** Where generated code finds a vcpu's state. */
export interface StatePlaces {
  /** The state's address. */
  readonly cpu: I64;
  /** The address of an operand that is a register. */
  readonly place: (operand: string) => I64;
  readonly names: readonly string[];
  readonly state32: (offset: number) => I32;
  /** Clears a vector but for its first quadword: (its place). */
  readonly clearUpper: (code: Code) => void;
}

export function vectorTarget(places: StatePlaces): VectorTarget {
  const { cpu, place } = places;
  return {
    q: (operand, quadword = 0) => loadAt(v128Load, place(operand), 16 * quadword, 4),
    setQ: (operand, value) => (c) => {
      const at = c.local("i64");
      const there: I64 = (code) => code.get(at);
      place(operand)(c);
      c.set(at);
      storeAt(v128Store, there, value)(c);
      places.state32(cpuWord.upperInUse)(c);
      c.if(() => {
        there(c);
        places.clearUpper(c);
      });
      c.release("i64", at);
    },
    eachQuadword: (body) => eachQuadword(places, body),
    scratchQ: (offset) => loadAt(v128Load, add(cpu, offset), cpuWord.scratch),
    setScratchQ: (offset, value) => storeAt(v128Store, add(cpu, offset), value, cpuWord.scratch),
    scratchLane: (size, offset) => loadAt(loads[1 << size as AccessBytes], add(cpu, offset), cpuWord.scratch),
    setScratchLane: (size, offset, value) =>
      storeAt(stores[1 << size as AccessBytes], add(cpu, offset), value, cpuWord.scratch),
  };
}

const eachQuadword =
  ({ cpu, place, names, state32 }: StatePlaces, body: (quadword: QuadwordTarget) => Statement): Statement =>
  (c) => {
    const offset = c.local("i64"), end = c.local("i64");
    const places = new Map(names.map((name) => [name, c.local("i64")]));
    places.forEach((one, name) => {
      place(name)(c);
      c.set(one);
    });
    c.i64(0);
    c.set(offset);
    extendU32(state32(cpuWord.vectorLength))(c);
    c.set(end);
    c.loop(() => {
      const top = c.depth - 1;
      const at = (operand: string): I64 => (code) => code.get(places.get(operand)!);
      body(quadwordTarget(cpu, at, (code) => code.get(offset)))(c);
      add((code) => code.get(offset), const64(16))(c);
      c.tee(offset);
      c.get(end);
      c.op(0x54);
      c.branchIf(top);
    });
    for (const one of [offset, end, ...places.values()]) c.release("i64", one);
  };

/**
 * @param at the address of a register
 * @param offset in bytes of a vector
 */
function quadwordTarget(cpu: I64, at: (operand: string) => I64, offset: I64): QuadwordTarget {
  const vectorPlace = (operand: string) => add(at(operand), offset);
  const predicatePlace = (operand: string) => add(at(operand), shrU(offset, const64(3)));
  const bits = (operand: string): I32 => loadAt(i32Load16U, predicatePlace(operand));
  const lanePlace = (operand: string, byte: I64) => add(vectorPlace(operand), byte);
  const scratchPlace = add(cpu, offset);
  return {
    z: (operand) => loadAt(v128Load, vectorPlace(operand), 0, 4),
    setZ: (operand, value) => storeAt(v128Store, vectorPlace(operand), value),
    mask: (operand, size) => laneMask(size, bits(operand)),
    bits,
    setBits: (operand, value) => storeAt([0x3b], predicatePlace(operand), value),
    offset: () => offset,
    lane: (operand, size, byte) => loadAt(loads[1 << size as AccessBytes], lanePlace(operand, byte)),
    setLane: (operand, size, byte, value) =>
      storeAt(stores[1 << size as AccessBytes], lanePlace(operand, byte), value),
    scratch: () => loadAt(v128Load, scratchPlace, cpuWord.scratch, 4),
    setScratch: (value) => storeAt(v128Store, scratchPlace, value, cpuWord.scratch),
  };
}

const eachByte = (of: (byte: number) => number) => constant(Array.from({ length: 16 }, (_, n) => of(n)));

/** From 16 bits of a predicate, of which the lowest of each lane's counts. */
function laneMask(size: number, bits: I32): V128 {
  if (size === 0) {
    const bit = eachByte((n) => 1 << (n & 7));
    return equal(0, andBits(swizzle(splat(1, bits), eachByte((n) => n >> 3)), bit), bit);
  }
  // Each lane has all of the bits, and its own number's is the one that counts.
  const bytes = 1 << size,
    bit = eachByte((n) => n % bytes > 1 ? 0 : 1 << (n - n % bytes) >> 8 * (n % bytes) & 0xff);
  return equal(size, andBits(splatBits(size, extendU32(bits)), bit), bit);
}

const zeros: V128 = (c) => c.op(simd, 12, ...new Array<number>(16).fill(0));

/** The quadwords beyond the first of the vector that is there. */
export const clearUpperQuadwords = (there: I64): Statement => (c) => {
  for (let upper = 16; upper < vectorBytes; upper += 16) storeAt(v128Store, there, zeros, upper)(c);
};
