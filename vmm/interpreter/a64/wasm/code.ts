// The body of a WebAssembly function, instruction by instruction (WebAssembly Core Specification, "Binary
// Format", "Instructions"). A `Value` is a piece of code that leaves one value on the stack.

import { Bytes } from "./bytes.ts";

export const types = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type Type = keyof typeof types;

/** Code that pushes one value of its type. */
export type Value<_T extends Type = Type> = (code: Code) => void;
/** Code that leaves the stack as it was. */
export type Statement = (code: Code) => void;

const noResult = 0x40;

export class Code {
  readonly bytes = new Bytes();
  readonly #locals: Type[] = [];
  readonly #free: Record<Type, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  /** Blocks that are open here. */
  depth = 0;

  constructor(readonly params: readonly Type[]) {}

  op(...bytes: readonly number[]) {
    for (const byte of bytes) this.bytes.byte(byte);
  }

  /** A local of that type that nobody uses; `release` gives it back. */
  local(type: Type): number {
    return this.#free[type].pop() ?? this.params.length + this.#locals.push(type) - 1;
  }

  release(type: Type, local: number) {
    this.#free[type].push(local);
  }

  get(local: number) {
    this.op(0x20);
    this.bytes.unsigned(local);
  }

  set(local: number) {
    this.op(0x21);
    this.bytes.unsigned(local);
  }

  tee(local: number) {
    this.op(0x22);
    this.bytes.unsigned(local);
  }

  i32(value: number) {
    this.op(0x41);
    this.bytes.signed(value | 0);
  }

  i64(value: bigint | number) {
    this.op(0x42);
    this.bytes.signed(BigInt.asIntN(64, BigInt(value)));
  }

  /** A load or store: opcode bytes, the alignment it relies on as a power of two, and a constant offset. */
  access(opcode: readonly number[], alignment: number, offset: number) {
    this.op(...opcode);
    this.bytes.unsigned(alignment);
    this.bytes.unsigned(offset);
  }

  call(index: number) {
    this.op(0x10);
    this.bytes.unsigned(index);
  }

  #open(opcode: number, result?: Type) {
    this.op(opcode, result ? types[result] : noResult);
    this.depth++;
  }

  #end() {
    this.op(0x0b);
    this.depth--;
  }

  block(body: Statement) {
    this.openBlock();
    body(this);
    this.endBlock();
  }

  /** For blocks too deep to be nested as functions. */
  openBlock() {
    this.#open(0x02);
  }

  endBlock() {
    this.#end();
  }

  loop(body: Statement) {
    this.#open(0x03);
    body(this);
    this.#end();
  }

  /** The condition, an i32, is on the stack. */
  if(then: Statement, otherwise?: Statement, result?: Type) {
    this.#open(0x04, result);
    then(this);
    if (otherwise) {
      this.op(0x05);
      otherwise(this);
    }
    this.#end();
  }

  /** To the block that was opened when the depth was `depth`. */
  branch(depth: number) {
    this.op(0x0c);
    this.bytes.unsigned(this.depth - depth - 1);
  }

  branchIf(depth: number) {
    this.op(0x0d);
    this.bytes.unsigned(this.depth - depth - 1);
  }

  branchTable(depths: readonly number[], otherwise: number) {
    this.op(0x0e);
    this.bytes.unsigned(depths.length);
    for (const depth of [...depths, otherwise]) this.bytes.unsigned(this.depth - depth - 1);
  }

  /** The locals' declarations, the code and its end. */
  body(): Bytes {
    const body = new Bytes();
    body.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      body.unsigned(1);
      body.byte(types[type]);
    }
    body.append(this.bytes.written);
    body.byte(0x0b);
    return body;
  }
}
