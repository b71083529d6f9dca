// Fast paths of scalar floating-point instructions in single and double precision: WebAssembly's arithmetic
// where its result is the architecture's and FPSR stays as it is, else the reference (Arm DDI 0487, shared
// pseudocode "FPRound", "FPProcessException").

import { type Fields, type Meaning, type Operand, vector } from "../definition.ts";
import { DOUBLE, type FloatFormat, SINGLE } from "../float/format.ts";
import type { Target } from "../target.ts";
import { and32, type I32, type I64, or32, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import {
  bindF,
  constF,
  type F,
  feq,
  isFinite,
  isInexactKnown,
  isNormal,
  isPlain,
  laneBits,
  lowest,
  scalar,
  scalarOf,
} from "./float_vocabulary.ts";

type Unary = (type: number, a: F) => F;
type Binary = (type: number, a: F, b: F) => F;

export const formats: readonly FloatFormat[] = [SINGLE, DOUBLE];

const vectors = (...names: readonly string[]): Record<string, Operand> =>
  Object.fromEntries(names.map((name) => [name, vector(name)]));

/** With these vector registers as operands. */
export const fast = (
  names: readonly string[],
  emit: (target: Target, form: Fields) => Statement,
): Partial<Meaning> => ({ operands: vectors(...names), forms: ["type"], emit });

export const operand = (t: Target, type: number, name: string): F => lowest(type, t.q(name));

/** Stores the result where the condition holds; else the reference computes it. */
export const orFallBack = (t: Target, type: number, condition: I32, result: F): Statement =>
  when(condition, t.setQ("Rd", scalar(type, result)), t.fallBack());

/** The result's bits from the operand's: no number is computed, so nothing is raised. */
export const fastBits = (compute: (format: FloatFormat, a: I64) => I64) =>
  fast(["Rd", "Rn"], (t, { type }) => {
    const format = formats[type!]!;
    return t.setQ("Rd", scalarOf(format, compute(format, laneBits(format, t.q("Rn")))));
  });

/** `isAllowed`: FPCR aside, the result is the architecture's and FPSR stays. */
export const binary = (
  t: Target,
  type: number,
  [first, second]: readonly [F, F],
  compute: Binary,
  isAllowed: (t: Target, type: number, a: F, b: F, result: F) => I32,
): Statement =>
  bindF(
    type,
    first,
    (a) =>
      bindF(type, second, (b) =>
        bindF(type, compute(type, a, b), (result) =>
          orFallBack(t, type, and32(isPlain(t), isAllowed(t, type, a, b, result)), result))),
  );

export const fastBinary = (
  compute: Binary,
  isAllowed: (t: Target, type: number, a: F, b: F, result: F) => I32,
): Partial<Meaning> =>
  fast(
    ["Rd", "Rn", "Rm"],
    (t, { type }) => binary(t, type!, [operand(t, type!, "Rn"), operand(t, type!, "Rm")], compute, isAllowed),
  );

export const fastUnary = (
  compute: Unary,
  isAllowed: (t: Target, type: number, a: F, result: F) => I32,
): Partial<Meaning> =>
  fast(
    ["Rd", "Rn"],
    (t, { type }) =>
      bindF(type!, operand(t, type!, "Rn"), (a) =>
        bindF(type!, compute(type!, a), (result) =>
          orFallBack(t, type!, and32(isPlain(t), isAllowed(t, type!, a, result)), result))),
  );

export const isKnown = (t: Target): I32 => (c) => {
  isInexactKnown(t)(c);
  c.i32(0);
  c.op(0x47);
};
export const isZero = (type: number, a: F): I32 => feq(type, a, constF(type, 0));

/** A sum is inexact only where it is normal. */
export const sumAllowed = (t: Target, type: number, _a: F, _b: F, result: F): I32 =>
  and32(isKnown(t), isFinite(type, result));

/** A product is zero for a factor that is, or it is too small. */
export const productAllowed = (t: Target, type: number, a: F, b: F, result: F): I32 =>
  or32(
    and32(isKnown(t), isNormal(type, result)),
    and32(isZero(type, result), or32(isZero(type, a), isZero(type, b))),
  );

export const quotientAllowed = (t: Target, type: number, a: F, _b: F, result: F): I32 =>
  or32(and32(isKnown(t), isNormal(type, result)), and32(isZero(type, result), isZero(type, a)));

export const rootAllowed = (t: Target, type: number, _: F, result: F): I32 =>
  and32(isKnown(t), isFinite(type, result));

/** One of the operands, neither of which is a NaN. */
export const bothNumbers = (_t: Target, type: number, a: F, b: F): I32 =>
  and32(feq(type, a, a), feq(type, b, b));

export const isNumber = (_t: Target, type: number, a: F): I32 => feq(type, a, a);

/** Inexact only where the result differs. */
export const exactOrKnown = (t: Target, type: number, a: F, result: F): I32 =>
  and32(feq(type, a, a), or32(isKnown(t), feq(type, a, result)));
