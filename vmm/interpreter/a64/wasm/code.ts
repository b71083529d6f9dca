// The body of a WebAssembly function, instruction by instruction (WebAssembly Core Specification, "Binary
// Format", "Instructions"). A `Value` is a piece of code that leaves one value on the stack.

import { Bytes } from "./bytes.ts";

export const types = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type Type = keyof typeof types;

/** Code that pushes one value of its type. */
export type Value<_T extends Type = Type> = (code: Code) => void;
/** Locals, with their types. */
export type Kept = readonly (readonly [Type, number])[];
/** Code that leaves the stack as it was. */
export type Statement = (code: Code) => void;

const noResult = 0x40;

export class Code {
  readonly bytes = new Bytes();
  readonly #locals: Type[] = [];
  readonly #free: Record<Type, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #hints: { at: number; isLikely: boolean }[] = [];
  /** Calls, and what else is rare, that no arm of an `if` has been found rare for. */
  #calls = 0;
  #kept: [Type, number][] | undefined;
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
    if (this.#kept) this.#kept.push([type, local]);
    else this.#free[type].push(local);
  }

  /** The locals that the code gives back, which keep their values until whoever called this gives them back. */
  keeping(body: Statement): Kept {
    const outer = this.#kept, kept: [Type, number][] = this.#kept = [];
    body(this);
    this.#kept = outer;
    return kept;
  }

  releaseAll(kept: Kept) {
    for (const [type, local] of kept) this.release(type, local);
  }

  /** What is written here seldom runs: the arm of an `if` that it is in counts as rare. */
  rare() {
    this.#calls++;
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
    this.bytes.signed(typeof value === "number" ? value : BigInt.asIntN(64, value));
  }

  /** A load or store: opcode bytes, the alignment it relies on as a power of two, and a constant offset. */
  access(opcode: readonly number[], alignment: number, offset: number) {
    this.op(...opcode);
    this.bytes.unsigned(alignment);
    this.bytes.unsigned(offset);
  }

  call(index: number) {
    this.#calls++;
    this.op(0x10);
    this.bytes.unsigned(index);
  }

  /** Of the module's table: the index in it is on the stack, above the arguments. */
  callIndirect(type: number) {
    this.#calls++;
    this.op(0x11);
    this.bytes.unsigned(type);
    this.bytes.unsigned(0);
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

  /**
   * The condition, an i32, is on the stack. Where one arm calls or is rare and the other is not, it is hinted to be
   * rare: what is common is generated in place.
   */
  if(then: Statement, otherwise?: Statement, result?: Type) {
    const at = this.bytes.length;
    const before = this.#calls;
    this.#open(0x04, result);
    then(this);
    const inThen = this.#calls - before;
    if (otherwise) {
      this.op(0x05);
      otherwise(this);
    }
    this.#end();
    const inOther = this.#calls - before - inThen;
    if (inThen > 0 === inOther > 0) return;
    this.#hints.push({ at, isLikely: inThen === 0 });
    this.#calls = before;
  }

  /** To the block that was opened when the depth was `depth`. */
  branch(depth: number) {
    this.op(0x0c);
    this.bytes.unsigned(this.depth - depth - 1);
  }

  /** @param isLikely whether it mostly branches, where that is known */
  branchIf(depth: number, isLikely?: boolean) {
    if (isLikely !== undefined) this.#hints.push({ at: this.bytes.length, isLikely });
    this.op(0x0d);
    this.bytes.unsigned(this.depth - depth - 1);
  }

  branchTable(depths: readonly number[], otherwise: number) {
    this.op(0x0e);
    this.bytes.unsigned(depths.length);
    for (const depth of [...depths, otherwise]) this.bytes.unsigned(this.depth - depth - 1);
  }

  #declarations(): Bytes {
    const declarations = new Bytes();
    declarations.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      declarations.unsigned(1);
      declarations.byte(types[type]);
    }
    return declarations;
  }

  /** Which conditions mostly hold, by their places in the body, in their order. */
  get hints(): { readonly at: number; readonly isLikely: boolean }[] {
    const code = this.#declarations().length;
    return this.#hints.map(({ at, isLikely }) => ({ at: code + at, isLikely })).sort((a, b) => a.at - b.at);
  }

  /** The locals' declarations, the code and its end. */
  body(): Bytes {
    const body = this.#declarations();
    body.append(this.bytes.written);
    body.byte(0x0b);
    return body;
  }
}
