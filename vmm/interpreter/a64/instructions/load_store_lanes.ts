// Parts of a vector register as loads and stores move them (WebAssembly Core Specification, "Vector
// Instructions"; Arm DDI 0487, "Vector formats").

import type { I64, V128 } from "../vocabulary.ts";
import type { Code } from "../wasm/code.ts";

const simd = 0xfd;
const opcode = {
  constant: 0x0c,
  shuffle: 0x0d,
  extractLane64: 0x1d,
  replaceLane64: 0x1e,
  splat64: 0x12,
  bitselect: 0x52,
};

export const zeroQ: V128 = (c) => c.op(simd, opcode.constant, ...new Array<number>(16).fill(0));

/** The low and the high 64 bits. */
export const low = (value: V128): I64 => lane(value, 0);
export const high = (value: V128): I64 => lane(value, 1);

const lane = (value: V128, index: number): I64 => (c) => {
  value(c);
  c.op(simd, opcode.extractLane64, index);
};

const replaced = (vector: V128, index: number, value: I64): V128 => (c) => {
  vector(c);
  value(c);
  c.op(simd, opcode.replaceLane64, index);
};

/** 64 bits, and zeroes above them. */
export const fromLow = (value: I64): V128 => replaced(zeroQ, 0, value);

/** Both halves the same. */
export const bothHalves = (value: I64): V128 => (c) => {
  value(c);
  c.op(simd, opcode.splat64);
};

/** From two halves. */
export const fromHalves = (lower: I64, upper: I64): V128 => replaced(fromLow(lower), 1, upper);

/** Of each bit `ones` where `mask` has one, else `zeroes`. */
export const bitselect = (ones: V128, zeroes: V128, mask: V128): V128 => (c) => {
  ones(c);
  zeroes(c);
  mask(c);
  c.op(simd, opcode.bitselect);
};

/** 16 bytes by number: 0 to 15 of `a`, 16 to 31 of `b`. */
export const shuffle = (a: V128, b: V128, bytes: readonly number[]): V128 => (c: Code) => {
  a(c);
  b(c);
  c.op(simd, opcode.shuffle, ...bytes);
};
