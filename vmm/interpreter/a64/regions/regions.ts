// A vcpu's compiled regions: where it is often found, code is compiled, and the op there enters it. A page of ops that is
// decoded anew has none.

import type { CodePages, OpPage } from "../code_pages.ts";
import { pageSize } from "../cpu_layout.ts";
import type { Decoder } from "../decoder.ts";
import { handlers, mostRegions, opField, opShift, opSize, pageEndOp, regionEntry } from "../op.ts";
import { generateRegion } from "./generate_region.ts";
import { startOf, unitsOf } from "./layout.ts";
import { KnownWords, Planner } from "./plan.ts";

/**
 * How often an op is found before it is compiled, and how many times as often before that is done anew: each time
 * stands for some thousands of instructions.
 */
const timesFound = 4, factor = 2;

export interface RegionParts {
  readonly code: CodePages;
  readonly decoder: Decoder;
  readonly view: DataView;
  /** Byte offset of the vcpu's state. */
  readonly cpuAt: number;
  /** Of the memory. */
  readonly pages: number;
  /** Of functions. */
  readonly table: WebAssembly.Table;
  /** What a region's module imports. */
  readonly imports: WebAssembly.ModuleImports;
  /** Writes an op as its instruction says. */
  readonly decode: (op: number) => void;
}

/** Where a page of ops has what an op's region needs. */
const entryAt = (ops: number, offset: number) => ops + regionEntry.at + (offset >> regionEntry.shift);

export class Regions {
  /** By op. */
  readonly #found = new Map<number, { times: number; needed: number }>();
  /** By page of ops: the places that its regions have in the table. */
  readonly #places = new Map<number, number[]>();
  readonly #free: number[] = [];
  #used = 0;
  readonly #known: KnownWords;

  constructor(readonly parts: RegionParts) {
    this.#known = new KnownWords(parts.decoder);
    parts.code.onForget = (ops) => ops === "all" ? this.forgetAll() : this.#forget(ops);
  }

  get count(): number {
    return this.#used - this.#free.length;
  }

  /** The vcpu was found at that op. */
  found(op: number) {
    if (this.parts.view.getUint16(op + opField.handler, true) === handlers.region) return;
    const found = this.#found.get(op) ?? { times: 0, needed: timesFound };
    this.#found.set(op, found);
    if (++found.times < found.needed) return;
    this.compile(op);
    found.needed *= factor;
  }

  /** Makes a region of the code there; its page is one that is known. Throws `notLoaded`. */
  compile(op: number) {
    const { code, view, cpuAt, pages, table, imports } = this.parts;
    const page = code.pageOf(op);
    const entry = op - page.ops >> opShift;
    if (entry >= pageSize) return;
    const plan = new Planner(this.#known, (at) => view.getUint32(page.at + at, true)).plan(entry);
    const units = unitsOf(plan);
    if (units.length === 0) return;
    const module = new WebAssembly.Module(generateRegion(units, { cpuAt, ...page }, pages));
    const { exports } = new WebAssembly.Instance(module, { host: imports });
    const place = this.#place(page);
    table.set(place, exports.run as () => void);
    for (const unit of units) this.#install(page.ops, startOf(unit) << opShift, place);
  }

  /** @param offset of the op in its page */
  #install(ops: number, offset: number, place: number) {
    const { view, decode } = this.parts;
    const handlerAt = ops + offset + opField.handler, entry = entryAt(ops, offset);
    if (view.getUint16(handlerAt, true) === handlers.decode) decode(ops + offset);
    const handler = view.getUint16(handlerAt, true);
    // The former region's entry has the former handler.
    if (handler !== handlers.region) view.setUint16(entry + regionEntry.handler, handler, true);
    view.setUint16(entry + regionEntry.place, place, true);
    view.setUint16(handlerAt, handlers.region, true);
  }

  #place({ ops }: OpPage): number {
    if (this.count === mostRegions) this.forgetAll();
    const place = this.#free.pop() ?? this.#used++;
    const places = this.#places.get(ops);
    if (places) places.push(place);
    else this.#places.set(ops, [place]);
    return place;
  }

  forgetAll() {
    for (const page of [...this.#places.keys()]) this.#forget(page);
    this.#found.clear();
  }

  #forget(ops: number) {
    const places = this.#places.get(ops);
    if (!places) return;
    this.#restore(ops);
    for (const place of places) {
      this.parts.table.set(place, null);
      this.#free.push(place);
    }
    this.#places.delete(ops);
  }

  /** The page may be one that runs: its ops go on to be run, one by one. */
  #restore(ops: number) {
    const { view } = this.parts;
    for (let offset = 0; offset < pageEndOp; offset += opSize) {
      const handlerAt = ops + offset + opField.handler;
      if (view.getUint16(handlerAt, true) !== handlers.region) continue;
      view.setUint16(handlerAt, view.getUint16(entryAt(ops, offset) + regionEntry.handler, true), true);
    }
  }
}
