// A region as one WebAssembly function: general registers are locals, the flags are one too or are not computed at
// all, branches are branches. It calls nothing, so that the locals stay in registers: what is rare, it leaves to the
// interpreter at the instruction in question. How many instructions it runs, it counts as the interpreter does.

import { cpuWord, registerAt, slot } from "../cpu_layout.ts";
import { local } from "../interpreter_target.ts";
import { StateCode } from "../memory_code.ts";
import { instructionSize, opShift } from "../op.ts";
import { add, const64, getLocal, setLocal } from "../vocabulary.ts";
import type { Code } from "../wasm/code.ts";
import { Module } from "../wasm/module.ts";
import { BlockWriter, regionLocal, type RegionPlaces } from "./block_writer.ts";
import { flagsLiveAt, startOf, type Unit } from "./layout.ts";
import type { Block } from "./plan.ts";

export const regionSignature = { params: ["i64", "i64", "i64", "i64"], results: ["i64"] } as const;

const registers = slot.sp + 1;
const { page, answer, flags, label, x0 } = regionLocal;

class RegionWriter {
  readonly #starts: ReadonlySet<number>;
  readonly #blocks: BlockWriter;
  readonly #state: StateCode;
  /** A bit for each register. */
  readonly #used: number;
  readonly #written: number;
  /** Depths of WebAssembly's blocks: what ends the region, the dispatch, and the region's blocks that come later. */
  #exit = 0;
  #dispatch = 0;
  readonly #ahead = new Map<number, number>();
  /** The loop of WebAssembly's that is being written. */
  #loop: { readonly at: number; readonly depth: number } | undefined;

  constructor(
    readonly c: Code,
    readonly units: readonly Unit[],
    readonly places: RegionPlaces,
    clearUpper: (c: Code) => void,
  ) {
    this.#starts = new Set(units.map(startOf));
    const blocks = units.flatMap((unit) => unit.blocks);
    this.#state = new StateCode(const64(0), places.cpuAt);
    const uses = blocks.flatMap(({ instructions }) => instructions.map((one) => one.uses));
    this.#written = uses.reduce((bits, { writes }) => bits | writes, 0);
    this.#used = uses.reduce((bits, { reads }) => bits | reads, this.#written);
    const flagsLive = flagsLiveAt(blocks);
    this.#blocks = new BlockWriter(c, places, {
      leave: () => c.branch(this.#exit),
      reach: (to) => this.#reach(to),
      needsFlags: (at) => flagsLive.has(at),
      clearUpper,
    });
  }

  write() {
    const { c } = this;
    this.#declare();
    this.#load();
    c.block(() => {
      this.#exit = c.depth - 1;
      c.loop(() => {
        this.#dispatch = c.depth - 1;
        this.#writeUnits();
      });
    });
    this.#store();
    c.get(answer);
  }

  #declare() {
    const { c } = this;
    const types = ["i64", "i64", "i32", "i32", ...new Array<"i64">(registers).fill("i64")] as const;
    types.forEach((type, n) => {
      if (c.local(type) !== page + n) throw new Error("the region's locals are out of order");
    });
  }

  #eachRegister(bits: number, body: (register: number) => void) {
    for (let n = 0; n < registers; n++) if (bits >>> n & 1) body(n);
  }

  #load() {
    const { c, places } = this;
    const state = this.#state;
    // label = (op - ops) >> opShift
    c.get(local.op);
    c.i64(places.ops);
    c.op(0x7d, 0xa7);
    c.i32(opShift);
    c.op(0x76);
    c.set(label);
    setLocal(page, add(state.state64(cpuWord.pageBias), const64(places.ops / 2 ** opShift)))(c);
    this.#eachRegister(this.#used, (n) => setLocal(x0 + n, state.state64(registerAt(n)))(c));
    setLocal(flags, state.state32(cpuWord.nzcv))(c);
  }

  #store() {
    const { c } = this;
    const state = this.#state;
    this.#eachRegister(this.#written, (n) => state.setState64(registerAt(n), getLocal(x0 + n))(c));
    state.setState32(cpuWord.nzcv, getLocal(flags))(c);
    state.setState64(cpuWord.limit, getLocal(local.limit))(c);
  }

  /** Each unit's code comes after the block of WebAssembly's that ends before it, out of which branches reach it. */
  #writeUnits() {
    const { c } = this;
    c.openBlock();
    const elsewhere = c.depth - 1;
    for (const { blocks } of this.units.toReversed()) this.#openBefore(blocks[0]!);
    this.#writeDispatch(elsewhere);
    for (const { blocks, isLoop } of this.units) {
      this.#closeBefore(blocks[0]!);
      if (isLoop) this.#writeLoop(blocks);
      else this.#blocks.write(blocks[0]!);
    }
    c.endBlock();
    // No block begins there: answer = ops + (label << opShift)
    c.i64(this.places.ops);
    c.get(label);
    c.op(0xad);
    c.i64(opShift);
    c.op(0x86, 0x7c);
    c.set(answer);
    c.branch(this.#exit);
  }

  #openBefore({ at }: Block) {
    this.c.openBlock();
    this.#ahead.set(at, this.c.depth - 1);
  }

  #closeBefore({ at }: Block) {
    this.c.endBlock();
    this.#ahead.delete(at);
  }

  /** To the block whose offset `label` has. */
  #writeDispatch(elsewhere: number) {
    const { c } = this;
    const starts = [...this.#starts];
    const least = starts[0]!, most = starts.at(-1)!;
    const table = new Array<number>((most - least) / instructionSize + 1).fill(elsewhere);
    for (const at of starts) table[(at - least) / instructionSize] = this.#ahead.get(at)!;
    c.get(label);
    c.i32(least);
    c.op(0x6b);
    c.i32(Math.log2(instructionSize));
    // A rotation, so that what is no instruction's offset is out of the table.
    c.op(0x78);
    c.branchTable(table, elsewhere);
  }

  #writeLoop([first, ...others]: readonly Block[]) {
    const { c } = this;
    c.loop(() => {
      this.#loop = { at: first!.at, depth: c.depth - 1 };
      for (const one of others.toReversed()) this.#openBefore(one);
      this.#blocks.write(first!);
      for (const one of others) {
        this.#closeBefore(one);
        this.#blocks.write(one);
      }
    });
    this.#loop = undefined;
  }

  #reach(to: number): boolean {
    const { c } = this;
    const depth = this.#loop?.at === to ? this.#loop.depth : this.#ahead.get(to);
    if (depth !== undefined) {
      c.branch(depth);
      return true;
    }
    if (!this.#starts.has(to)) return false;
    c.i32(to);
    c.set(label);
    c.branch(this.#dispatch);
    return true;
  }
}

/** @param pages of the memory it runs over */
export function generateRegion(
  units: readonly Unit[],
  places: RegionPlaces,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const module = new Module(pages);
  const clearUpper = module.importFunction("clearUpper", { params: ["i64"], results: [] });
  module.defineFunction(
    regionSignature,
    (c) => new RegionWriter(c, units, places, (code) => code.call(clearUpper)).write(),
    "run",
  );
  return module.binary();
}
