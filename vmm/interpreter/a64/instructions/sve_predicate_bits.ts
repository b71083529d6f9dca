// Generated code for predicates, 16 bits of them for each quadword of a vector (Arm DDI 0487, "SVE predicate
// registers", and the shared pseudocode "PredTest").

import type { QuadwordTarget, Target } from "../target.ts";
import { cpuWord } from "../cpu_layout.ts";
import {
  and32,
  bind32,
  clz32,
  const32,
  eqz32,
  type I32,
  ne32,
  or32,
  select,
  sequence,
  shl32,
  shrU32,
  sub32,
  when,
} from "../vocabulary.ts";
import { ltU32, xor32 } from "../vocabulary.ts";
import type { Code, Statement } from "../wasm/code.ts";

/** Of a quadword's bits those that are lanes', the lowest of each. */
export const laneBits = (size: number) => [0xffff, 0x5555, 0x1111, 0x0101][size]!;
export const lanesIn = (size: number, bits: I32): I32 => size ? and32(bits, const32(laneBits(size))) : bits;

const N = 31, Z = 30, C = 29;
const lowest = (bits: I32) => and32(bits, sub32(const32(0), bits));

type Each = (quadword: QuadwordTarget) => Statement;

/** A word that is kept from quadword to quadword. */
export interface Kept {
  readonly get: I32;
  readonly set: (value: I32) => Statement;
}

/** A loop with words that are kept, which begin as zeroes, and what is done after it. */
export const withKept = (count: number, body: (...kept: Kept[]) => Statement): Statement => (c: Code) => {
  const locals = Array.from({ length: count }, () => c.local("i32"));
  for (const one of locals) {
    c.i32(0);
    c.set(one);
  }
  const kept = locals.map((one): Kept => ({
    get: (code) => code.get(one),
    set: (value) => (code) => {
      value(code);
      code.set(one);
    },
  }));
  body(...kept)(c);
  for (const one of locals) c.release("i32", one);
};

/** What a result does to the flags, under a mask: both are bits of lanes, and the result is of the mask's. */
export type Test = (mask: I32, result: I32) => Statement;

/** For each quadword, and then the flags as PredTest has them. */
export const testing = (t: Target, each: (quadword: QuadwordTarget, test: Test) => Statement): Statement =>
  withKept(2, (flags, isLater) => {
    const test: Test = (mask, result) => {
      const first = shl32(ne32(and32(result, lowest(mask)), const32(0)), const32(N));
      const last = and32(shrU32(result, sub32(const32(31), clz32(mask))), const32(1));
      const others = and32(flags.get, const32(~(1 << C)));
      return when(
        mask,
        sequence(
          when(isLater.get, sequence(), flags.set(or32(flags.get, first))),
          isLater.set(const32(1)),
          flags.set(or32(others, shl32(xor32(last, const32(1)), const32(C)))),
          when(result, flags.set(and32(flags.get, const32(~(1 << Z))))),
        ),
      );
    };
    return sequence(
      flags.set(const32(1 << Z | 1 << C)),
      t.eachQuadword((quadword) => each(quadword, test)),
      t.setNzcv(flags.get),
    );
  });

/** The same, or without flags. */
export const maybeTesting = (
  t: Target,
  isTesting: boolean,
  each: (quadword: QuadwordTarget, test: Test) => Statement,
): Statement => isTesting ? testing(t, each) : t.eachQuadword((quadword) => each(quadword, () => sequence()));

/** As many lanes of a vector as there are. */
export const laneCountOf = (t: Target, size: number): I32 =>
  shrU32(t.state32(cpuWord.vectorLength), const32(size));

/** The first lanes of Pd active, so many or all; and the flags, if they are asked for, where all lanes count. */
export function setFirstLanes(t: Target, size: number, count: I32, setsFlags: boolean): Statement {
  const flagsOf = (n: I32) =>
    or32(
      select(n, const32(1 << N), const32(1 << Z)),
      shl32(ltU32(n, laneCountOf(t, size)), const32(C)),
    );
  const fill = (left: Kept): Each => ({ setBits }) => {
    const ones = sub32(shl32(const32(1), left.get), const32(1));
    const isFull = eqz32(ltU32(left.get, const32(16)));
    return sequence(
      setBits("Pd", lanesIn(size, select(isFull, const32(0xffff), ones))),
      left.set(select(isFull, sub32(left.get, const32(16)), const32(0))),
    );
  };
  return bind32(count, (n) =>
    withKept(1, (left) =>
      sequence(
        setsFlags ? t.setNzcv(flagsOf(n)) : sequence(),
        left.set(shl32(n, const32(size))),
        t.eachQuadword(fill(left)),
      )));
}
