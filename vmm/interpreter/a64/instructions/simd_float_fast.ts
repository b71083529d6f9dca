// Fast paths of floating-point instructions on vectors: WebAssembly's arithmetic on all lanes at once where
// every lane's result is the architecture's and FPSR stays as it is, else the reference (WebAssembly Core
// Specification, "Vector Instructions"; Arm DDI 0487, shared pseudocode "FPRound", "FPProcessException").

import { type Fields, type Meaning, type Operand, vector } from "../definition.ts";
import {
  addLanes,
  andBits,
  bindQ,
  constant,
  everySecond,
  greaterS,
  keepLow,
  orBits,
  pick,
  rearrange,
} from "../simd_vocabulary.ts";
import { splatBits } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { and32, const64, type I32, type V128, when } from "../vocabulary.ts";
import type { Code, Statement, Value } from "../wasm/code.ts";
import { isKnown } from "./float_fast.ts";
import { isPlain } from "./float_vocabulary.ts";

const prefix = 0xfd;

function write(c: Code, opcode: number) {
  if (opcode < 0x80) c.op(prefix, opcode);
  else c.op(prefix, opcode & 0x7f | 0x80, opcode >> 7);
}

/** By the opcodes for single and for double precision. */
type Opcodes = readonly [single: number, double: number];

const ofOne = (opcodes: Opcodes) => (type: number, a: V128): V128 => (c) => {
  a(c);
  write(c, opcodes[type]!);
};
const ofTwo = (opcodes: Opcodes) => (type: number, a: V128, b: V128): V128 => (c) => {
  a(c);
  b(c);
  write(c, opcodes[type]!);
};

export const abs = ofOne([0xe0, 0xec]), neg = ofOne([0xe1, 0xed]), sqrt = ofOne([0xe3, 0xef]);
export const add = ofTwo([0xe4, 0xf0]), sub = ofTwo([0xe5, 0xf1]), mul = ofTwo([0xe6, 0xf2]);
export const div = ofTwo([0xe7, 0xf3]), min = ofTwo([0xe8, 0xf4]), max = ofTwo([0xe9, 0xf5]);
export const ceil = ofOne([0x67, 0x74]), floor = ofOne([0x68, 0x75]), trunc = ofOne([0x69, 0x7a]);
export const nearest = ofOne([0x6a, 0x94]);
export const eq = ofTwo([0x41, 0x47]), lt = ofTwo([0x43, 0x49]);
export const gt = ofTwo([0x44, 0x4a]), ge = ofTwo([0x46, 0x4c]);
const areAllTrue = ofOne([0xa3, 0xc3]);

const zero = constant(new Array<number>(16).fill(0));
const highOnes = constant(Array.from({ length: 16 }, (_, byte) => byte < 8 ? 0 : 0xff));

/** The bits of infinity in every lane; of the least number that no rounding makes normal, half the exponent. */
const infinity = (type: number) => splatBits(2 + type, const64(type ? 0x7ffn << 52n : 0xff << 23));
const leastExponent = (type: number) => const64(type ? 1n << 52n : 1 << 23);

export const isFinite = (type: number, value: V128) => lt(type, abs(type, value), infinity(type));
/** With one added to its exponent an infinity or NaN is negative, and the others are compared as integers. */
export const isNormal = (type: number, value: V128) => {
  const size = 2 + type, least = const64(type ? (3n << 52n) - 1n : (3 << 23) - 1);
  const next = addLanes(size, abs(type, value), splatBits(size, leastExponent(type)));
  return greaterS(size, next, splatBits(size, least));
};
export const isZero = (type: number, value: V128) => eq(type, value, zero);
export const isNumber = (type: number, value: V128) => eq(type, value, value);

type Compute = (type: number, a: V128, b: V128) => V128;
/** Lanes of ones where the result may be used. */
type Allowed = (type: number, a: V128, b: V128, result: V128) => V128;

interface Path {
  readonly compute: Compute;
  readonly allowed: Allowed;
  /** The result may be inexact. */
  readonly rounds?: boolean;
  /** Of one operand. */
  readonly isUnary?: boolean;
  readonly isPairwise?: boolean;
  /** The second operand is a single lane, the lowest. */
  readonly isByElement?: boolean;
}

const finite: Allowed = (type, _a, _b, result) => isFinite(type, result);
const numbers: Allowed = (type, a, b) => andBits(isNumber(type, a), isNumber(type, b));
const number: Allowed = (type, a) => isNumber(type, a);

function emit(t: Target, { sz, Q }: Fields, path: Path): Statement {
  const type = sz!;
  const condition = (a: V128, b: V128, result: V128): I32 => {
    const lanes = path.allowed(type, a, b, result);
    const all = and32(isPlain(t), areAllTrue(type, Q ? lanes : orBits(lanes, highOnes)));
    return path.rounds ? and32(isKnown(t), all) : all;
  };
  return bindQ(
    t.q("Rn"),
    (n) =>
      bindQ(
        path.isUnary ? zero : t.q("Rm"),
        (m) =>
          withOperands(path, type, Q!, n, m, (a, b) =>
            bindQ(path.compute(type, a, b), (result) =>
              when(condition(a, b, result), t.setQ("Rd", keepLow(8 << Q!, result)), t.fallBack()))),
      ),
  );
}

/** What is computed with: for pairwise instructions the first and the second lanes of all pairs. */
function withOperands(
  { isPairwise, isByElement }: Path,
  type: number,
  Q: number,
  n: V128,
  m: V128,
  use: (a: V128, b: V128) => Value,
): Value {
  const bytes = 4 << type;
  if (isByElement) return bindQ(rearrange(m, (byte) => byte % bytes), (all) => use(n, all));
  if (!isPairwise) return use(n, m);
  const low = Q ? n : pick(n, m, (byte) => byte < 8 ? byte : byte + 8);
  return bindQ(low, (first) => {
    const second = Q ? m : first;
    const size = 2 + type;
    return bindQ(
      everySecond(size, first, second, false),
      (a) => bindQ(everySecond(size, first, second, true), (b) => use(a, b)),
    );
  });
}

const path = (each: Path): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn"), ...each.isUnary ? {} : { Rm: vector("Rm") } },
  forms: ["sz", "Q"],
  emit: (t, form) => emit(t, form, each),
});

/** A product, or quotient, may be zero only for an operand that is. */
const orZero = (isOperandZero: Compute): Allowed => (type, a, b, result) =>
  orBits(isNormal(type, result), andBits(isZero(type, result), isOperandZero(type, a, b)));

const unary = (compute: Compute, allowed: Allowed, rounds = false) =>
  path({ compute, allowed, rounds, isUnary: true });

const bits = (compute: Compute): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn") },
  forms: ["sz", "Q"],
  emit: (t, { sz, Q }) => t.setQ("Rd", keepLow(8 << Q!, compute(sz!, t.q("Rn"), zero))),
});

const product: Path = {
  compute: mul,
  allowed: orZero((type, a, b) => orBits(isZero(type, a), isZero(type, b))),
  rounds: true,
};

/** @param element where the element lies */
export const fastMultiplyByElement = (element: Operand): Partial<Meaning> => {
  const each = path({ ...product, isByElement: true });
  return { ...each, operands: { ...each.operands, Rm: element } };
};

/** By name; of the vector instructions, not their scalar forms. */
export const fastThreeSame: Readonly<Record<string, Partial<Meaning>>> = {
  FADD: path({ compute: add, allowed: finite, rounds: true }),
  FSUB: path({ compute: sub, allowed: finite, rounds: true }),
  FMUL: path(product),
  FDIV: path({ compute: div, allowed: orZero(isZero), rounds: true }),
  FMAX: path({ compute: max, allowed: numbers }),
  FMIN: path({ compute: min, allowed: numbers }),
  FMAXNM: path({ compute: max, allowed: numbers }),
  FMINNM: path({ compute: min, allowed: numbers }),
  FADDP: path({ compute: add, allowed: finite, rounds: true, isPairwise: true }),
  FMAXP: path({ compute: max, allowed: numbers, isPairwise: true }),
  FMINP: path({ compute: min, allowed: numbers, isPairwise: true }),
  FABD: path({ compute: (type, a, b) => abs(type, sub(type, a, b)), allowed: finite, rounds: true }),
  FCMEQ: path({ compute: eq, allowed: numbers }),
  FCMGE: path({ compute: ge, allowed: numbers }),
  FCMGT: path({ compute: gt, allowed: numbers }),
};

export const fastTwoRegister: Readonly<Record<string, Partial<Meaning>>> = {
  FABS: bits(abs),
  FNEG: bits(neg),
  FSQRT: unary(sqrt, finite, true),
  FRINTN: unary(nearest, number),
  FRINTI: unary(nearest, number),
  FRINTP: unary(ceil, number),
  FRINTM: unary(floor, number),
  FRINTZ: unary(trunc, number),
  FCMEQ: unary((type, a) => eq(type, a, zero), number),
  FCMGE: unary((type, a) => ge(type, a, zero), number),
  FCMGT: unary((type, a) => gt(type, a, zero), number),
  FCMLE: unary((type, a) => ge(type, zero, a), number),
  FCMLT: unary((type, a) => gt(type, zero, a), number),
};
