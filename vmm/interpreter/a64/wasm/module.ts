// A WebAssembly module over one shared 64-bit memory (WebAssembly Core Specification, "Binary Format",
// "Modules"): functions that are imported, defined and exported; nothing else is needed here.

import { Bytes } from "./bytes.ts";
import { Code, type Type, types } from "./code.ts";

export interface Signature {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

const section = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 };
const external = { func: 0, table: 1, memory: 2 };
const funcref = 0x70;
/** Limits of a memory: with a maximum, shared, 64-bit. Where it never grows, V8 keeps its size in a register. */
const sharedMemory64 = 0x07;
const functionType = 0x60;

export class Module {
  readonly #types: string[] = [];
  readonly #typeBytes: Bytes[] = [];
  readonly #imports: { name: string; type: number }[] = [];
  /** The table's name, if there is one. */
  #table: string | undefined;
  readonly #functions: { type: number; code: Code; exported: string | undefined }[] = [];

  /** @param pages of 64 KiB, of the memory it imports as `host.memory` */
  constructor(readonly pages: number) {}

  /** The index of the type of functions like this. */
  typeIndex({ params, results }: Signature): number {
    const bytes = new Bytes();
    bytes.byte(functionType);
    for (const list of [params, results]) {
      bytes.unsigned(list.length);
      list.forEach((type) => bytes.byte(types[type]));
    }
    const key = bytes.written.join();
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#typeBytes.push(bytes);
    return this.#types.push(key) - 1;
  }

  /** All imports come before the first definition. Returns the function's index. */
  importFunction(name: string, signature: Signature): number {
    return this.#imports.push({ name, type: this.typeIndex(signature) }) - 1;
  }

  /** Of functions, for `Code.callIndirect`: at most one. */
  importTable(name: string) {
    this.#table = name;
  }

  /** Returns the index of the function that `write` gives a body. */
  defineFunction(signature: Signature, write: (code: Code) => void, exported?: string): number {
    const code = new Code(signature.params);
    write(code);
    const index = this.#functions.push({ type: this.typeIndex(signature), code, exported }) - 1;
    return this.#imports.length + index;
  }

  binary(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const write = (id: number, items: readonly ((to: Bytes) => void)[]) => {
      const body = new Bytes();
      body.unsigned(items.length);
      items.forEach((item) => item(body));
      out.byte(id);
      out.sized(body);
    };
    write(section.type, this.#typeBytes.map((bytes) => (to: Bytes) => to.append(bytes.written)));
    write(section.import, [
      (to) => this.#writeMemory(to),
      ...(this.#table === undefined ? [] : [(to: Bytes) => this.#writeTable(to, this.#table!)]),
      ...this.#imports.map(({ name, type }) => (to: Bytes) => {
        to.name("host");
        to.name(name);
        to.byte(external.func);
        to.unsigned(type);
      }),
    ]);
    write(section.function, this.#functions.map(({ type }) => (to: Bytes) => to.unsigned(type)));
    const exported = this.#functions.map((one, index) => ({ name: one.exported, index }));
    write(
      section.export,
      exported.filter(({ name }) => name !== undefined).map(({ name, index }) => (to: Bytes) => {
        to.name(name!);
        to.byte(external.func);
        to.unsigned(this.#imports.length + index);
      }),
    );
    this.#writeHints(out);
    write(section.code, this.#functions.map(({ code }) => (to: Bytes) => to.sized(code.body())));
    return out.written.slice();
  }

  /** Which branches are mostly taken (WebAssembly proposal "Branch Hinting"): before the code that it is about. */
  #writeHints(out: Bytes) {
    const hinted = this.#functions.map(({ code }, index) => ({ index, hints: code.hints }))
      .filter(({ hints }) => hints.length > 0);
    const body = new Bytes();
    body.name("metadata.code.branch_hint");
    body.unsigned(hinted.length);
    for (const { index, hints } of hinted) {
      body.unsigned(this.#imports.length + index);
      body.unsigned(hints.length);
      for (const { at, isLikely } of hints) {
        body.unsigned(at);
        body.unsigned(1);
        body.byte(isLikely ? 1 : 0);
      }
    }
    out.byte(section.custom);
    out.sized(body);
  }

  #writeTable(to: Bytes, name: string) {
    to.name("host");
    to.name(name);
    to.byte(external.table);
    to.byte(funcref);
    to.byte(0);
    to.unsigned(0);
  }

  #writeMemory(to: Bytes) {
    to.name("host");
    to.name("memory");
    to.byte(external.memory);
    to.byte(sharedMemory64);
    to.unsigned(this.pages);
    to.unsigned(this.pages);
  }
}
