// The words in which instructions are defined: values of 32, 64 and 128 bits and what can be done with them,
// each a WebAssembly instruction or a few (WebAssembly Core Specification, "Numeric Instructions").

import type { Statement, Type, Value } from "./wasm/code.ts";

export type I32 = Value<"i32">;
export type I64 = Value<"i64">;
export type V128 = Value<"v128">;

const unary = (opcode: number) => (a: Value): Value => (c) => {
  a(c);
  c.op(opcode);
};
const binary = (opcode: number) => (a: Value, b: Value): Value => (c) => {
  a(c);
  b(c);
  c.op(opcode);
};

export const const32 = (value: number): I32 => (c) => c.i32(value);
export const const64 = (value: bigint | number): I64 => (c) => c.i64(value);

export const add = binary(0x7c), sub = binary(0x7d), mul = binary(0x7e);
/** Traps of WebAssembly: the divisor is not 0, and the quotient fits. */
export const divS = binary(0x7f), divU = binary(0x80), remU = binary(0x82);
export const and = binary(0x83), or = binary(0x84), xor = binary(0x85);
/** Shifts and rotations by the amount's low 6 bits. */
export const shl = binary(0x86), shrS = binary(0x87), shrU = binary(0x88), rotr = binary(0x8a);
export const clz = unary(0x79), popcnt = unary(0x7b);
export const eqz = unary(0x50), eq = binary(0x51), ne = binary(0x52);
export const ltS = binary(0x53), ltU = binary(0x54), gtS = binary(0x55), gtU = binary(0x56);
export const geS = binary(0x59), geU = binary(0x5a), leU = binary(0x58), leS = binary(0x57);
export const not = (a: I64): I64 => xor(a, const64(-1));

export const add32 = binary(0x6a), sub32 = binary(0x6b), and32 = binary(0x71), or32 = binary(0x72);
export const xor32 = binary(0x73), shl32 = binary(0x74), shrU32 = binary(0x76), shrS32 = binary(0x75);
/** Rotation by the amount's low 5 bits. */
export const rotr32 = binary(0x78);
export const mul32 = binary(0x6c), popcnt32 = unary(0x69), ctz32 = unary(0x68);
export const gtU32 = binary(0x4b), ltU32 = binary(0x49);
export const clz32 = unary(0x67), eqz32 = unary(0x45), eq32 = binary(0x46), ne32 = binary(0x47);
export const divS32 = binary(0x6d), divU32 = binary(0x6e);

/** The low word. */
export const wrap = unary(0xa7);
export const extendS32 = unary(0xac), extendU32 = unary(0xad);
/** Sign extension of the low 8, 16 and 32 bits. */
export const extend8 = unary(0xc2), extend16 = unary(0xc3), extend32 = unary(0xc4);
/** The low word alone. */
export const low32 = (a: I64): I64 => extendU32(wrap(a));

/** `a` where the condition is not 0. */
export const select = <T extends Type>(condition: I32, a: Value<T>, b: Value<T>): Value<T> => (c) => {
  a(c);
  b(c);
  condition(c);
  c.op(0x1b);
};

/** One or the other, of which only one is computed. */
export const choose = (condition: I32, a: I64, b: I64): I64 => (c) => {
  condition(c);
  c.if(a, b, "i64");
};

/** A local by its number. */
export const getLocal = (local: number): Value => (c) => c.get(local);
export const setLocal = (local: number, value: Value): Statement => (c) => {
  value(c);
  c.set(local);
};

/** Computes a value once, for what uses it several times. */
export const bind = (type: Type, value: Value, use: (once: Value) => Value): Value => (c) => {
  const local = c.local(type);
  value(c);
  c.set(local);
  use((code) => code.get(local))(c);
  c.release(type, local);
};
export const bind64 = (value: I64, use: (once: I64) => Value | Statement): Value => bind("i64", value, use);

export const bind32 = (value: I32, use: (once: I32) => Value | Statement): Value => bind("i32", value, use);

export const sequence = (...statements: readonly Statement[]): Statement => (c) =>
  statements.forEach((statement) => statement(c));

export const when = (condition: I32, then: Statement, otherwise?: Statement): Statement => (c) => {
  condition(c);
  c.if(then, otherwise);
};
