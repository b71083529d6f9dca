// The words in which the fast paths of floating-point instructions are defined: scalars in vector registers,
// and WebAssembly's arithmetic on them, which rounds to nearest and tells of no exception (WebAssembly Core
// Specification, "Numeric Instructions", "Vector Instructions"). `type` is 0 for single precision, 1 for
// double.

import { cpuWord } from "../cpu_layout.ts";
import type { FloatFormat } from "../float/format.ts";
import { IXC } from "../float/status.ts";
import { extract64 } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import {
  and32,
  bind,
  const32,
  const64,
  eqz32,
  type I32,
  type I64,
  shl,
  shrU,
  type V128,
} from "../vocabulary.ts";
import type { Value } from "../wasm/code.ts";

export type F = Value<"f32" | "f64">;

const prefix = 0xfd;
export const zeroVector: V128 = (c) => c.op(prefix, 0x0c, ...new Array<number>(16).fill(0));
const types = ["f32", "f64"] as const;

/** The lowest lane's bits, extended by zeroes. */
export function laneBits({ bits }: FloatFormat, vector: V128): I64 {
  const low = extract64(vector, 0);
  const unused = const64(64 - bits);
  return bits === 64 ? low : shrU(shl(low, unused), unused);
}

/** A vector whose lowest lane has the value's low bits, and the others zeroes. */
export const scalarOf = ({ bits }: FloatFormat, value: I64): V128 => (c) => {
  const unused = const64(64 - bits);
  zeroVector(c);
  (bits === 64 ? value : shrU(shl(value, unused), unused))(c);
  c.op(prefix, 0x1e, 0);
};

/** A lane as a number, and a vector with a lane replaced by one. */
export const laneAt = (type: number, vector: V128, lane: number): F => (c) => {
  vector(c);
  c.op(prefix, type ? 0x21 : 0x1f, lane);
};
export const withLane = (type: number, vector: V128, lane: number, value: F): V128 => (c) => {
  vector(c);
  value(c);
  c.op(prefix, type ? 0x22 : 0x20, lane);
};
export const lowest = (type: number, vector: V128): F => laneAt(type, vector, 0);
/** The others are zeroes. */
export const scalar = (type: number, value: F): V128 => withLane(type, zeroVector, 0, value);

const operation =
  (single: number, perType: number) => (type: number, ...operands: readonly Value[]): Value => (c) => {
    operands.forEach((operand) => operand(c));
    c.op(single + perType * type);
  };
const arithmetic = (single: number) => operation(single, 14);
const comparison = (single: number) => operation(single, 6);

export const fabs = arithmetic(0x8b), fneg = arithmetic(0x8c), fceil = arithmetic(0x8d);
export const ffloor = arithmetic(0x8e), ftrunc = arithmetic(0x8f), fnearest = arithmetic(0x90);
export const fsqrt = arithmetic(0x91), fadd = arithmetic(0x92), fsub = arithmetic(0x93);
export const fmul = arithmetic(0x94), fdiv = arithmetic(0x95), fmin = arithmetic(0x96);
export const fmax = arithmetic(0x97);
export const feq = comparison(0x5b), fne = comparison(0x5c), flt = comparison(0x5d), fgt = comparison(0x5e);
export const fge = comparison(0x60);

export const constF = (type: number, value: number): F => (c) => {
  const view = new DataView(new ArrayBuffer(type ? 8 : 4));
  if (type) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  c.op(type ? 0x44 : 0x43, ...new Uint8Array(view.buffer));
};

const conversion = (opcode: number) => (value: Value): Value => (c) => {
  value(c);
  c.op(opcode);
};
export const promote = conversion(0xbb), demote = conversion(0xb6);
export const bitsOf = conversion(0xbd), fromBits = conversion(0xbf);

/** From an integer of 32 bits, or with `sf` of 64. */
export const fromInteger = (type: number, sf: number, unsigned: boolean, value: Value): F =>
  conversion(0xb2 + 5 * type + 2 * sf + (unsigned ? 1 : 0))(value);
/** To one, the nearest where it does not fit. */
export const toInteger = (type: number, sf: number, unsigned: boolean, value: F): Value => (c) => {
  value(c);
  c.op(0xfc, 4 * sf + 2 * type + (unsigned ? 1 : 0));
};

export const bindF = (type: number, value: F, use: (once: F) => Value): Value =>
  bind(types[type]!, value, use);

/** FPCR asks for what WebAssembly does. */
export const isPlain = (t: Target): I32 => eqz32(t.state32(cpuWord.fpcr));
/** An inexact result changes nothing: FPSR.IXC is set already. Not 0 where it is so. */
export const isInexactKnown = (t: Target): I32 => and32(t.state32(cpuWord.fpsr), const32(IXC));

export const isFinite = (type: number, value: F): I32 => flt(type, fabs(type, value), constF(type, Infinity));

/** So far from the least normal number that no rounding began below it. */
const safelyNormal = [2 ** -125, 2 ** -1021] as const;

/** Finite, and neither a denormal number nor rounded to a normal one from them. */
export const isNormal = (type: number, value: F): I32 =>
  and32(isFinite(type, value), fge(type, fabs(type, value), constF(type, safelyNormal[type]!)));
