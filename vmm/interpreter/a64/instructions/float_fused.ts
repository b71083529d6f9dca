// Fast paths of FMADD, FMSUB, FNMADD and FNMSUB, in arithmetic that rounds every step: the exact errors of
// sums and products, and a last step rounded to odd so that no rounding happens twice (S. Boldo, G.
// Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd").

import { type Meaning, vector } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, and, and32, const64, eqz, type I32, or32, select, xor } from "../vocabulary.ts";
import type { Value } from "../wasm/code.ts";
import { isKnown, isZero, operand, orFallBack } from "./float_fast.ts";
import { bindF, bitsOf, constF, demote, type F, fabs, fadd, feq, fge, flt } from "./float_vocabulary.ts";
import { fmul, fne, fneg, fromBits, fsub, isFinite, isNormal, isPlain, promote } from "./float_vocabulary.ts";

const single = 0, double = 1;
const plus = (a: F, b: F) => fadd(double, a, b);
const minus = (a: F, b: F) => fsub(double, a, b);
const times = (a: F, b: F) => fmul(double, a, b);
const once = (value: F, use: (value: F) => Value) => bindF(double, value, use);

/** The rounded sum and what it lacks. */
const twoSum = (a: F, b: F, use: (sum: F, error: F) => Value): Value =>
  once(
    plus(a, b),
    (sum) =>
      once(minus(sum, a), (second) =>
        once(plus(minus(a, minus(sum, second)), minus(b, second)), (error) => use(sum, error))),
  );

/** Into halves of at most 26 bits each. */
const split = (a: F, use: (high: F, low: F) => Value): Value =>
  once(
    times(a, constF(double, 2 ** 27 + 1)),
    (scaled) =>
      once(minus(scaled, minus(scaled, a)), (high) => once(minus(a, high), (low) => use(high, low))),
  );

/** The rounded product and what it lacks. */
const twoProduct = (a: F, b: F, use: (product: F, error: F) => Value): Value =>
  once(times(a, b), (product) =>
    split(a, (aHigh, aLow) =>
      split(b, (bHigh, bLow) => {
        const rest = minus(times(aHigh, bHigh), product);
        const middle = plus(plus(rest, times(aHigh, bLow)), times(aLow, bHigh));
        return once(plus(middle, times(aLow, bLow)), (error) => use(product, error));
      })));

/**
 * A rounded sum, rounded to odd instead: of the numbers beside the exact one, the one whose last bit is set.
 */
function toOdd(sum: F, error: F): F {
  const isEven = eqz(and(bitsOf(sum), const64(1)));
  const isTurned = and32(isEven, fne(double, error, constF(double, 0)));
  // Away from zero where both have the same sign.
  const isBeyond: Value = (c) => {
    xor(bitsOf(sum), bitsOf(error))(c);
    c.i64(0);
    c.op(0x59);
  };
  const step = select(isTurned, select(isBeyond, const64(1), const64(-1)), const64(0));
  return fromBits(add(bitsOf(sum), step));
}

/** `allowed`: whether `result` is the architecture's, FPCR aside. */
export type Use = (allowed: I32, result: F) => Value;

/** Single precision: the product is exact in double precision. */
const fusedSingle = (t: Target, a: F, n: F, m: F, use: Use): Value =>
  twoSum(
    times(promote(n), promote(m)),
    promote(a),
    (sum, error) =>
      bindF(single, demote(toOdd(sum, error)), (result) => {
        const isUnrounded = and32(feq(double, error, constF(double, 0)), feq(double, promote(result), sum));
        const isAllowed = or32(
          and32(isKnown(t), isNormal(single, result)),
          and32(isUnrounded, isFinite(single, result)),
        );
        return use(isAllowed, result);
      }),
  );

/** Where no step of the algorithm can overflow or lose bits at the lower end. */
const isModerate = (value: F): I32 =>
  and32(
    flt(double, fabs(double, value), constF(double, 2 ** 900)),
    fge(double, fabs(double, value), constF(double, 2 ** -900)),
  );

const fusedDouble = (t: Target, a: F, n: F, m: F, use: Use): Value =>
  twoProduct(
    n,
    m,
    (product, productError) =>
      twoSum(a, productError, (small, smallError) =>
        twoSum(product, small, (great, greatError) =>
          twoSum(smallError, greatError, (rest, restError) => {
            const isFactorZero = or32(isZero(double, n), isZero(double, m));
            const general = plus(great, toOdd(rest, restError));
            return once(select(isFactorZero, plus(product, a), general), (result) => {
              const factors = and32(and32(isModerate(n), isModerate(m)), isModerate(product));
              const isInRange = and32(factors, or32(isModerate(a), isZero(double, a)));
              const isGeneral = and32(isInRange, or32(isKnown(t), isZero(double, rest)));
              return use(or32(isGeneral, and32(isFactorZero, isFinite(double, result))), result);
            });
          }))),
  );

/** a + n * m, rounded once. */
export const fused = (t: Target, type: number, a: F, n: F, m: F, use: Use): Value =>
  bindF(
    type,
    a,
    (a) => bindF(type, n, (n) => bindF(type, m, (m) => (type ? fusedDouble : fusedSingle)(t, a, n, m, use))),
  );

/** Of scalars: whether the addend is negated, and whether the product. */
export const fastFused = (addend: boolean, product: boolean): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn"), Rm: vector("Rm"), Ra: vector("Ra") },
  forms: ["type"],
  emit(t, form) {
    const type = form.type!;
    const get = (name: string, negated: boolean) => {
      const value = operand(t, type, name);
      return negated ? fneg(type, value) : value;
    };
    return fused(
      t,
      type,
      get("Ra", addend),
      get("Rn", product),
      get("Rm", false),
      (allowed, result) => orFallBack(t, type, and32(isPlain(t), allowed), result),
    );
  },
});
