// Parts of a vector register as loads and stores move them (WebAssembly Core Specification, "Vector
// Instructions"; Arm DDI 0487, "Vector formats").

import { constant, extract64, splat } from "../simd_vocabulary.ts";
import type { I64, V128 } from "../vocabulary.ts";

const prefix = 0xfd;
const opcode = { replaceLane64: 0x1e, bitselect: 0x52 };

export const zeroQ: V128 = constant(new Array<number>(16).fill(0));

/** The low and the high 64 bits. */
export const low = (value: V128): I64 => extract64(value, 0);
export const high = (value: V128): I64 => extract64(value, 1);

const replaced = (vector: V128, index: number, value: I64): V128 => (c) => {
  vector(c);
  value(c);
  c.op(prefix, opcode.replaceLane64, index);
};

/** 64 bits, and zeroes above them. */
export const fromLow = (value: I64): V128 => replaced(zeroQ, 0, value);

/** Both halves the same. */
export const bothHalves = (value: I64): V128 => splat(3, value);

/** From two halves. */
export const fromHalves = (lower: I64, upper: I64): V128 => replaced(fromLow(lower), 1, upper);

/** Of each bit `ones` where `mask` has one, else `zeroes`. */
export const bitselect = (ones: V128, zeroes: V128, mask: V128): V128 => (c) => {
  ones(c);
  zeroes(c);
  mask(c);
  c.op(prefix, opcode.bitselect);
};
