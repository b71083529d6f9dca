// The pages of ops that stand for a guest's pages of code, in a pool of fixed size: when it is full, all is
// forgotten and decoded anew.

import { codeEntries, codeEntriesAt, codeEntry, noTag, pageBits, pageSize } from "./cpu_layout.ts";
import { guardedFlag, handlers, opField, opPageSize, opShift, opSize, pageEndOp } from "./op.ts";

/** Where a page of instructions lies in the shared memory, and whether branches to it are guarded (FEAT_BTI). */
export interface CodePage {
  readonly at: number;
  readonly isGuarded: boolean;
}

/** A page of ops: where it lies, and the page of code that it stands for. */
export interface OpPage extends CodePage {
  readonly ops: number;
}

export class CodePages {
  /** Told of a page of ops all of which are to be decoded anew. */
  onForget: (ops: number | "all") => void = () => {};
  readonly #view: DataView;
  /** By the byte offset of the page of code in the shared memory, plus one if it is guarded: which page of the pool. */
  readonly #pages = new Map<number, number>();
  /** The other way round. */
  readonly #codeAt: number[] = [];
  readonly #count: number;
  #used = 0;

  /**
   * @param base byte offset of the pool
   * @param cpu byte offset of the vcpu whose table of code pages this is
   */
  constructor(buffer: ArrayBufferLike, readonly base: number, size: number, readonly cpu: number) {
    this.#view = new DataView(buffer);
    this.#count = Math.floor(size / opPageSize);
    this.forgetAddresses();
  }

  /**
   * Makes a virtual page known to the engine.
   * @param level PSTATE's bits of the exception level: who may execute a page is another at each
   */
  enter(address: bigint, { at, isGuarded }: CodePage, level: number) {
    const tag = address & -BigInt(pageSize) | BigInt(level);
    const index = Number(BigInt.asUintN(32, address) >> BigInt(pageBits)) & codeEntries - 1;
    const entry = this.cpu + codeEntriesAt + index * codeEntry.size;
    const ops = this.#opsOf(at, isGuarded);
    this.#view.setBigInt64(entry + codeEntry.tag, BigInt.asIntN(64, tag), true);
    this.#view.setBigUint64(entry + codeEntry.ops, BigInt(ops), true);
  }

  #opsOf(code: number, isGuarded: boolean): number {
    const key = code + (isGuarded ? 1 : 0);
    const known = this.#pages.get(key);
    if (known !== undefined) return this.#place(known);
    if (this.#used === this.#count) this.forgetAll();
    const page = this.#used++;
    this.#pages.set(key, page);
    this.#codeAt[page] = code;
    this.#clear(page);
    const at = this.#place(page);
    this.#view.setUint16(at + guardedFlag, isGuarded ? 1 : 0, true);
    return at;
  }

  #place(page: number): number {
    return this.base + page * opPageSize;
  }

  #numberOf(op: number): number {
    return Math.floor((op - this.base) / opPageSize);
  }

  /** The operands stay: one of the ops may be running. */
  #clear(page: number) {
    const at = this.#place(page);
    for (let op = at; op < at + pageEndOp; op += opSize) {
      this.#view.setUint16(op + opField.handler, handlers.decode, true);
    }
    this.#view.setUint16(at + pageEndOp + opField.handler, handlers.pageEnd, true);
    this.onForget(at);
  }

  /** The page that an op is of. */
  pageOf(op: number): OpPage {
    const page = this.#numberOf(op), ops = this.#place(page);
    return {
      ops,
      at: this.#codeAt[page]!,
      isGuarded: this.#view.getUint16(ops + guardedFlag, true) !== 0,
    };
  }

  /** The byte offset of the instruction that an op stands for. */
  instructionOf(op: number): number {
    const page = this.#numberOf(op);
    return this.#codeAt[page]! + (op - this.#place(page) >> opShift);
  }

  /** Whether there are ops of this page of code. */
  has(code: number): boolean {
    return this.#pages.has(code) || this.#pages.has(code + 1);
  }

  /** Translations have changed: what is decoded stays. */
  forgetAddresses() {
    const first = this.cpu + codeEntriesAt;
    for (let entry = first; entry < first + codeEntries * codeEntry.size; entry += codeEntry.size) {
      this.#view.setBigInt64(entry + codeEntry.tag, noTag, true);
    }
  }

  /** The instructions of a page of code may have changed. */
  forgetCode(code: number) {
    for (const key of [code, code + 1]) {
      const page = this.#pages.get(key);
      if (page !== undefined) this.#clear(page);
    }
  }

  /** The instructions at these offsets of all pages are to be decoded anew. */
  forgetOffsets(offsets: Iterable<number>) {
    for (const offset of offsets) {
      for (let page = 0; page < this.#used; page++) {
        const op = this.#place(page) + (offset << opShift);
        this.#view.setUint16(op + opField.handler, handlers.decode, true);
        // The one before may stand for both.
        if (offset > 0) this.#view.setUint16(op - opSize + opField.handler, handlers.decode, true);
      }
    }
  }

  forgetAll() {
    this.#pages.clear();
    this.#used = 0;
    this.onForget("all");
    this.forgetAddresses();
  }
}
