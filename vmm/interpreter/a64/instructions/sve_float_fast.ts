// Fast paths of SVE's floating-point instructions in single and double precision: WebAssembly's arithmetic on
// whole quadwords where every active lane's result is the architecture's and FPSR stays as it is, else the
// reference. Results wait in scratch memory until all are known to be so (Arm DDI 0487, shared pseudocode
// "FPRound", "FPProcessException").

import { type Fields, type Meaning, predicate, vector } from "../definition.ts";
import {
  andBits,
  andNot,
  bindQ,
  byteBits,
  constant,
  notBits,
  orBits,
  splatBits,
} from "../simd_vocabulary.ts";
import type { QuadwordTarget, Target } from "../target.ts";
import { const64, type I32, or32, sequence, type V128, when } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { isKnown } from "./float_fast.ts";
import { isPlain } from "./float_vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { unreachable } from "./simd_class.ts";
import {
  abs,
  add,
  ceil,
  div,
  floor,
  gt,
  isFinite,
  isNormal,
  isNumber,
  isZero,
  max,
  min,
  mul,
  nearest,
  neg,
  sqrt,
  sub,
  trunc,
} from "./simd_float_fast.ts";
import { byteOf, type Indexing, splatIndexed } from "./sve_indexed.ts";
import { withKept } from "./sve_predicate_bits.ts";

/** 0 for single precision, 1 for double. */
type Operate = (type: number, ...operands: V128[]) => V128;

export interface FastPath {
  readonly compute: Operate;
  /** Lanes of ones where the result, the first, may be used; given that it is known to be inexact, if so. */
  readonly allowed: Operate;
  /** The result may be inexact; and lanes of ones where it is not. */
  readonly rounds?: boolean;
  readonly isExact?: Operate;
}

const nowhere = constant(new Array<number>(16).fill(0));

/** Whether all lanes are ones, those that are not active aside. */
const rejected = (lanes: V128, active: V128 | undefined): V128 =>
  active ? andNot(active, lanes) : notBits(lanes);

/** Keeps whether a lane was not allowed: then what the result's register had is taken from scratch memory again. */
function overQuadwords(
  t: Target,
  result: string,
  compute: (quadword: QuadwordTarget, reject: (lanes: V128) => Statement) => Statement,
): Statement {
  return withKept(1, (rejects) =>
    sequence(
      t.eachQuadword((quadword) =>
        compute(quadword, (lanes) => rejects.set(or32(rejects.get, byteBits(lanes))))
      ),
      when(
        rejects.get,
        sequence(t.eachQuadword(({ setZ, scratch }) => setZ(result, scratch())), t.fallBack()),
      ),
    ));
}

/**
 * @param names of the operands' fields in the order of the computation
 * @param result the field of the destination; where `Pg` is, lanes that are not active stay
 * @param indexing of the operand Zm, which is a lane of each quadword
 */
export const floatFast = (
  { compute, allowed, rounds = false, isExact }: FastPath,
  result: string,
  names: readonly string[],
  isMerging: boolean,
  indexing?: Indexing,
): Pick<Meaning, "operands" | "forms" | "immediate" | "emit"> => ({
  operands: {
    ...Object.fromEntries([...new Set([result, ...names])].map((name) => [name, vector(name)])),
    ...(isMerging && { Pg: predicate("Pg") }),
  },
  forms: indexing ? [] : ["size"],
  ...(indexing && { immediate: byteOf(indexing) }),
  emit(t: Target, form: Fields) {
    const size = indexing?.size ?? form.size;
    if (size === 0) return unreachable;
    // Half precision has no arithmetic here.
    if (size === 1) return t.fallBack();
    const type = size! - 2;
    const each = (knows: boolean) =>
      overQuadwords(t, result, ({ z, setZ, mask, setScratch }, reject) => {
        const store = (value: V128, operands: readonly V128[], active?: V128) => {
          const lanes = allowed(type, value, ...operands);
          const all = rounds && !knows
            ? andBits(lanes, (isExact ?? (() => nowhere))(type, ...operands))
            : lanes;
          return sequence(
            reject(rejected(all, active)),
            setScratch(z(result)),
            setZ(result, active ? bitselect(value, z(result), active) : value),
          );
        };
        const element = indexing ? splatIndexed(t, indexing, z("Zm")) : nowhere;
        return bindQ(element, (m) => {
          const operands = names.map((name) => indexing && name === "Zm" ? m : z(name));
          return bindQ(compute(type, ...operands), (value) =>
            isMerging
              ? bindQ(mask("Pg", size!), (active) =>
                store(value, operands, active))
              : store(value, operands));
        });
      });
    const plain: I32 = isPlain(t);
    if (!rounds) return when(plain, each(true), t.fallBack());
    return when(plain, when(isKnown(t), each(true), isExact ? each(false) : t.fallBack()), t.fallBack());
  },
});

const finite: Operate = (type, value) => isFinite(type, value);
const areNumbers: Operate = (type, _, a, b) => andBits(isNumber(type, a!), isNumber(type, b!));

/** A sum lacks nothing. */
const isExactSum: Operate = (type, a, b) =>
  bindQ(add(type, a!, b!), (sum) =>
    bindQ(sub(type, sum, a!), (second) => {
      const lost = add(type, sub(type, a!, sub(type, sum, second)), sub(type, b!, second));
      return isZero(type, lost);
    }));

const negated = (operate: Operate): Operate => (type, a, b) => operate(type, a!, neg(type, b!));
const swapped = (path: FastPath): FastPath => ({
  ...path,
  compute: (type, a, b) => path.compute(type, b!, a!),
  allowed: (type, value, a, b) => path.allowed(type, value, b!, a!),
  ...(path.isExact && { isExact: (type: number, a?: V128, b?: V128) => path.isExact!(type, b!, a!) }),
});

/** A product and sum, rounded once where the processor has an instruction for it. */
const multiplyAdd = (type: number, n: V128, m: V128, a: V128): V128 => (c) => {
  n(c);
  m(c);
  a(c);
  c.op(0xfd, type ? 0x87 : 0x85, 0x02);
};

/** Whether it is, which WebAssembly leaves to the processor: (1 + e)(1 - e) - 1 is -e * e, or else 0. */
function isRoundedOnce(): boolean {
  const code = [0, ...[0, 1, 2].flatMap((n) => [0x20, n, 0xfd, 0x14]), 0xfd, 0x87, 0x02, 0xfd, 0x21, 0, 0x0b];
  const module = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 8, 1, 0x60, 3, 0x7c, 0x7c, 0x7c, 1, 0x7c],
    ...[3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0],
    ...[10, code.length + 2, 1, code.length, ...code],
  );
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  const e = 2 ** -30;
  return (f as (n: number, m: number, a: number) => number)(1 + e, 1 - e, -1) === -e * e;
}
const isFused = isRoundedOnce();

/** Numbers whose products' lowest bits are none too small to be there. */
const isModerate = (type: number, value: V128) =>
  gt(type, abs(type, value), splatBits(2 + type, const64(type ? (1023n - 900n) << 52n : (127 - 90) << 23)));

/** The product lacks nothing. */
const isExactProduct: Operate = (type, a, b) =>
  bindQ(mul(type, a!, b!), (product) => {
    const isWhole = isZero(type, multiplyAdd(type, a!, b!, neg(type, product)));
    return orBits(andBits(isModerate(type, product), isWhole), eitherIsZero(type, a!, b!));
  });

const eitherIsZero = (type: number, a: V128, b: V128) => orBits(isZero(type, a), isZero(type, b));
const normalOrZero =
  (isOperandZero: (type: number, a: V128, b: V128) => V128): Operate => (type, value, a, b) =>
    orBits(isNormal(type, value), andBits(isZero(type, value), isOperandZero(type, a!, b!)));

const sum: FastPath = {
  compute: (type, a, b) => add(type, a!, b!),
  allowed: finite,
  rounds: true,
  isExact: isExactSum,
};
const difference: FastPath = {
  compute: (type, a, b) => sub(type, a!, b!),
  allowed: finite,
  rounds: true,
  isExact: negated(isExactSum),
};
const quotient: FastPath = {
  compute: (type, a, b) => div(type, a!, b!),
  allowed: normalOrZero((type, a) => isZero(type, a)),
  rounds: true,
};
const greatest: FastPath = { compute: (type, a, b) => max(type, a!, b!), allowed: areNumbers };
const least: FastPath = { compute: (type, a, b) => min(type, a!, b!), allowed: areNumbers };

const product: FastPath = {
  compute: (type, a, b) => mul(type, a!, b!),
  allowed: normalOrZero(eitherIsZero),
  rounds: true,
  ...(isFused && { isExact: isExactProduct }),
};

const root: FastPath = { compute: (type, a) => sqrt(type, a!), allowed: finite, rounds: true };
const rounded = (compute: (type: number, a: V128) => V128): FastPath => ({
  compute: (type, a) => compute(type, a!),
  allowed: (type, _, a) => isNumber(type, a!),
});

/** By name. */
export const floatFastPaths: Readonly<Record<string, FastPath>> = {
  FADD: sum,
  FSUB: difference,
  FSUBR: swapped(difference),
  FMUL: product,
  FDIV: quotient,
  FDIVR: swapped(quotient),
  FMAX: greatest,
  FMIN: least,
  FMAXNM: greatest,
  FMINNM: least,
  FSQRT: root,
  FRINTN: rounded(nearest),
  FRINTI: rounded(nearest),
  FRINTP: rounded(ceil),
  FRINTM: rounded(floor),
  FRINTZ: rounded(trunc),
};

/** Of the addend and the factors. Undefined where the processor cannot round once. */
export function fusedFastPath(negatesProduct: boolean, negatesAddend: boolean): FastPath | undefined {
  if (!isFused) return undefined;
  const addend = (type: number, a: V128) => negatesAddend ? neg(type, a) : a;
  const factor = (type: number, n: V128) => negatesProduct ? neg(type, n) : n;
  return {
    compute: (type, a, n, m) => multiplyAdd(type, factor(type, n!), m!, addend(type, a!)),
    allowed: (type, value, _, n, m) =>
      orBits(isNormal(type, value), andBits(isFinite(type, value), eitherIsZero(type, n!, m!))),
    rounds: true,
    isExact: (type, a, n, m) =>
      bindQ(
        mul(type, factor(type, n!), m!),
        (rounded) => andBits(isExactProduct(type, n!, m!), isExactSum(type, rounded, addend(type, a!))),
      ),
  };
}
