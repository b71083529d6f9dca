// The words in which AdvSIMD instructions are defined: what can be done with 128 bits at once, each a
// WebAssembly instruction or a few (WebAssembly Core Specification, "Vector Instructions"). A size is that of
// the encodings: lanes of 8, 16, 32 and 64 bits are 0 to 3.

import { bind, const32, type I32, type I64, type V128, wrap } from "./vocabulary.ts";
import type { Code, Value } from "./wasm/code.ts";

const prefix = 0xfd;

/** An instruction by its number, which the binary format writes in groups of 7 bits. */
function write(c: Code, opcode: number) {
  if (opcode < 0x80) c.op(prefix, opcode);
  else c.op(prefix, opcode & 0x7f | 0x80, opcode >> 7);
}

const apply = (opcode: number, ...operands: readonly Value[]): V128 => (c) => {
  operands.forEach((operand) => operand(c));
  write(c, opcode);
};

/** Most instructions of a size are so far from the same ones of the size below. */
const perSize = 0x20;
const unary = (first: number) => (size: number, a: V128): V128 => apply(first + perSize * size, a);
const binary = (first: number) => (size: number, a: V128, b: V128): V128 =>
  apply(first + perSize * size, a, b);
const byAmount = (first: number) => (size: number, a: V128, amount: I32): V128 =>
  apply(first + perSize * size, a, amount);

export const absolute = unary(0x60), negate = unary(0x61);
export const addLanes = binary(0x6e), subLanes = binary(0x71);
/** By the amount modulo the lane's bits. */
export const shlLanes = byAmount(0x6b), shrSLanes = byAmount(0x6c), shrULanes = byAmount(0x6d);
/** Not of 64 bits. */
export const minS = binary(0x76), minU = binary(0x77), maxS = binary(0x78), maxU = binary(0x79);

export const andBits = (a: V128, b: V128): V128 => apply(0x4e, a, b);
/** `a` but for the bits of `b`. */
export const andNot = (a: V128, b: V128): V128 => apply(0x4f, a, b);
export const orBits = (a: V128, b: V128): V128 => apply(0x50, a, b);
export const xorBits = (a: V128, b: V128): V128 => apply(0x51, a, b);
export const notBits = (a: V128): V128 => apply(0x4d, a);
export const countOnes = (a: V128): V128 => apply(0x62, a);

const comparison = (opcodes: readonly number[]) => (size: number, a: V128, b: V128): V128 =>
  apply(opcodes[size]!, a, b);
/** Lanes of all ones where it is so, else of zeroes. */
export const equal = comparison([0x23, 0x2d, 0x37, 0xd6]);
export const greaterS = comparison([0x27, 0x31, 0x3b, 0xd9]);
export const greaterEqualS = comparison([0x2b, 0x35, 0x3f, 0xdb]);
const greaterU3 = comparison([0x28, 0x32, 0x3c]);
const greaterEqualU3 = comparison([0x2c, 0x36, 0x40]);

/** 64 bits are compared as signed, with the highest bit inverted. */
const inverted = (a: V128): V128 => xorBits(a, splat(3, (c) => c.i64(1n << 63n)));
export const greaterU = (size: number, a: V128, b: V128): V128 =>
  size < 3 ? greaterU3(size, a, b) : greaterS(size, inverted(a), inverted(b));
export const greaterEqualU = (size: number, a: V128, b: V128): V128 =>
  size < 3 ? greaterEqualU3(size, a, b) : greaterEqualS(size, inverted(a), inverted(b));

/** All lanes the same: of an i32, or for 64 bits of an i64. */
export const splat = (size: number, value: Value): V128 => apply(0x0f + size, value);
export const splatBits = (size: number, value: I64): V128 => splat(size, size === 3 ? value : wrap(value));

/** 1 where a bit is set, else 0. */
export const anyBit = (a: V128): I32 => apply(0x53, a);

/** The highest bit of each byte, the lowest byte's in bit 0. */
export const byteBits = (a: V128): I32 => apply(0x64, a);

export const constant = (bytes: readonly number[]): V128 => (c) => c.op(prefix, 0x0c, ...bytes);

/** Bytes of `a` by number; from 16 on zero. */
export const swizzle = (a: V128, numbers: V128): V128 => apply(0x0e, a, numbers);

/** From lanes of the size below; `isUpper`: its upper half. */
export const widen = (size: number, a: V128, isSigned: boolean, isUpper: boolean): V128 =>
  apply(0x67 + perSize * size + (isSigned ? 0 : 2) + (isUpper ? 1 : 0), a);
/** The same, of the products of two. */
export const widenProduct = (size: number, a: V128, b: V128, isSigned: boolean, isUpper: boolean): V128 =>
  apply(0x7c + perSize * size + (isSigned ? 0 : 2) + (isUpper ? 1 : 0), a, b);

/** Of 16-bit lanes, signed: the sums of two neighbours' products, in lanes of 32 bits. */
export const dotOfPairs = (a: V128, b: V128): V128 => apply(0xba, a, b);

/** Not of 64 bits. There is no product of bytes: those of 16 bits have their low bytes picked. */
export function mulLanes(size: number, a: V128, b: V128): V128 {
  if (size > 0) return apply(0x75 + perSize * size, a, b);
  return pick(widenProduct(1, a, b, false, false), widenProduct(1, a, b, false, true), (n) => 2 * n);
}

/** The lane that begins at a byte, in every lane. */
export const splatLane = (size: number, a: V128, byte: I64): V128 => {
  const bytesOfLane = Array.from({ length: 16 }, (_, at) => at & (1 << size) - 1);
  return swizzle(a, addLanes(0, splatBits(0, byte), constant(bytesOfLane)));
};

/** 16 bytes by number: 0 to 15 of `a`, 16 to 31 of `b`. */
export const pick = (a: V128, b: V128, number: (byte: number) => number): V128 => (c) => {
  a(c);
  b(c);
  c.op(prefix, 0x0d, ...Array.from({ length: 16 }, (_, byte) => number(byte)));
};

/** 16 bytes by number, of one vector. */
export const rearrange = (a: V128, number: (byte: number) => number): V128 =>
  bindQ(a, (once) => pick(once, once, number));

/** The even lanes of `a`, then those of `b`; or the odd ones. */
export const everySecond = (size: number, a: V128, b: V128, isOdd: boolean): V128 => {
  const bytes = 1 << size;
  return pick(a, b, (n) => (2 * Math.floor(n / bytes) + (isOdd ? 1 : 0)) * bytes + n % bytes);
};

export const bindQ = (value: V128, use: (once: V128) => Value): Value => bind("v128", value, use);

/** A shift to the right by 1 to the lane's bits, of which all at once would be none. */
export const shiftRight = (size: number, a: V128, amount: I32, isSigned: boolean): V128 => {
  const shift = isSigned ? shrSLanes : shrULanes;
  return shift(
    size,
    shift(size, a, (c) => {
      amount(c);
      c.i32(1);
      c.op(0x6b);
    }),
    const32(1),
  );
};

export const extract64 = (a: V128, lane: number): I64 => (c) => {
  a(c);
  c.op(prefix, 0x1d, lane);
};

const lowBytes = (bytes: number) =>
  constant(Array.from({ length: 16 }, (_, byte) => byte < bytes ? 0xff : 0));
/** The low bytes alone. */
export const keepLow = (bytes: number, a: V128): V128 => bytes === 16 ? a : andBits(a, lowBytes(bytes));
