// Fast paths of conversions: between single and double precision, and between scalars and integers (Arm DDI
// 0487, "FCVT", "FCVTZS (scalar, integer)", "SCVTF (scalar, integer)" and their like).

import { type Fields, type Meaning, read, vector, write } from "../definition.ts";
import { DOUBLE } from "../float/format.ts";
import type { Target } from "../target.ts";
import {
  add,
  and32,
  bind64,
  const64,
  extend32,
  extendU32,
  type I32,
  type I64,
  ltU,
  or32,
  when,
  wrap,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { formats, isKnown, operand, orFallBack } from "./float_fast.ts";
import { bindF, constF, demote, type F, fabs, fceil, feq, ffloor, fge, flt } from "./float_vocabulary.ts";
import { fnearest, fromInteger, ftrunc, isFinite, isNormal, isPlain, promote } from "./float_vocabulary.ts";
import { laneBits, scalar, scalarOf, toInteger } from "./float_vocabulary.ts";
import { roundingByLetter } from "./float_round.ts";

const single = 0, double = 1;

const between = (emit: (t: Target) => Statement): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn") },
  emit,
});

/** Always exact. */
export const fastWidening = between((t) =>
  bindF(
    single,
    operand(t, single, "Rn"),
    (a) => orFallBack(t, double, and32(isPlain(t), feq(single, a, a)), promote(a)),
  )
);

export const fastNarrowing = between((t) =>
  bindF(double, operand(t, double, "Rn"), (a) =>
    bindF(single, demote(a), (result) => {
      const isExact = and32(feq(double, promote(result), a), isFinite(single, result));
      const isAllowed = or32(and32(isKnown(t), isNormal(single, result)), isExact);
      return orFallBack(t, single, and32(isPlain(t), isAllowed), result);
    }))
);

const roundingFunctions: Partial<Record<keyof typeof roundingByLetter, (type: number, a: F) => F>> = {
  N: fnearest,
  P: fceil,
  M: ffloor,
  Z: ftrunc,
};

/** Well inside the integers' range. */
function fits(type: number, sf: number, unsigned: boolean, rounded: F): I32 {
  const bits = sf ? 64 : 32;
  if (!unsigned) return flt(type, fabs(type, rounded), constF(type, 2 ** (bits - 1)));
  return and32(fge(type, rounded, constF(type, 0)), flt(type, rounded, constF(type, 2 ** bits)));
}

type Letter = keyof typeof roundingByLetter;

/** Rounds `a` to an integer of 64 bits if `sf`, else 32; `set` gets those bits. */
function convert(
  t: Target,
  { type, sf }: Fields,
  unsigned: boolean,
  round: (type: number, a: F) => F,
  set: (value: I64) => Statement,
): Statement {
  return bindF(type!, operand(t, type!, "Rn"), (a) =>
    bindF(type!, round(type!, a), (rounded) => {
      const isAllowed = or32(isKnown(t), feq(type!, a, rounded));
      const condition = and32(and32(isPlain(t), fits(type!, sf!, unsigned, rounded)), isAllowed);
      const result = toInteger(type!, sf!, unsigned, rounded);
      return when(condition, set(sf ? result : extendU32(result)), t.fallBack());
    }));
}

/** No fast path for ties away from zero. */
export function fastToInteger(letter: Letter, unsigned: boolean): Partial<Meaning> {
  const round = roundingFunctions[letter];
  if (!round) return {};
  return {
    operands: { Rd: write("Rd"), Rn: vector("Rn") },
    forms: ["sf", "type"],
    emit: (t, form) => convert(t, form, unsigned, round, (value) => t.setX("Rd", value)),
  };
}

/** As an integer in the vector register, of the same width. */
export function fastLaneToInteger(letter: Letter, unsigned: boolean): Partial<Meaning> {
  const round = roundingFunctions[letter];
  if (!round) return {};
  return {
    operands: { Rd: vector("Rd"), Rn: vector("Rn") },
    forms: ["sz"],
    emit: (t, { sz }) =>
      convert(t, { type: sz!, sf: sz! }, unsigned, round, (value) => t.setQ("Rd", scalarOf(DOUBLE, value))),
  };
}

/** Whether every integer of these bits is a number of the format. */
const isAlwaysExact = ({ sf, type }: Fields) => sf === 0 && type === double;

/** So many bits are exact. */
const exactBits = [24, 53] as const;

function isShort({ sf, type }: Fields, unsigned: boolean, value: I64): I32 {
  const limit = const64(2n ** BigInt(exactBits[type!]!));
  const twice = const64(2n ** BigInt(exactBits[type!]! + 1));
  if (unsigned) return ltU(value, limit);
  const wide = sf ? value : extend32(value);
  return ltU(add(wide, limit), twice);
}

function convertFrom(t: Target, form: Fields, unsigned: boolean, value: I64): Statement {
  const type = form.type!, sf = form.sf!;
  const result = fromInteger(type, sf, unsigned, sf ? value : wrap(value));
  if (isAlwaysExact(form)) return t.setQ("Rd", scalar(type, result));
  const isAllowed = or32(and32(isPlain(t), isKnown(t)), isShort(form, unsigned, value));
  return orFallBack(t, type, isAllowed, result);
}

export const fastFromInteger = (unsigned: boolean): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: read("Rn") },
  forms: ["sf", "type"],
  emit: (t, form) => convertFrom(t, form, unsigned, form.sf ? t.x("Rn") : t.w("Rn")),
});

/** From an integer in a vector register, of the same width. */
export const fastLaneFromInteger = (unsigned: boolean): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn") },
  forms: ["sz"],
  emit: (t, { sz }) =>
    bind64(
      laneBits(formats[sz!]!, t.q("Rn")),
      (value) => convertFrom(t, { type: sz!, sf: sz! }, unsigned, value),
    ),
});
