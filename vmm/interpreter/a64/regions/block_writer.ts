// The code of a region's blocks: their instructions one after the other, the flags where they are asked for, and the
// ways out of the region.

import { cpuWord, pageSize } from "../cpu_layout.ts";
import { local } from "../interpreter_target.ts";
import { StateCode } from "../memory_code.ts";
import { opShift, opSize } from "../op.ts";
import { add, const32, const64, getLocal, type I32, type I64, setLocal } from "../vocabulary.ts";
import type { Code, Kept, Statement } from "../wasm/code.ts";
import { fallsThrough } from "./layout.ts";
import type { Block, Instruction } from "./plan.ts";
import { instructionCode, type RegionCode, RegionTarget } from "./region_target.ts";

/** What is in the low bits of what a region returns, which is the op it ends at otherwise. */
export const ended = {
  /** The interpreter goes on with the op. */
  atOp: 0,
  /** The op is a jump, to the state's `pc`. */
  byJump: 1,
  /** No more instructions are to be run; the state's `pc` is the op's. */
  byBudget: 2,
  /** The interpreter runs the op's instruction, though a region may begin there. */
  beforeOp: 3,
  mask: 3,
} as const;

export interface RegionPlaces {
  /** Byte offset of the vcpu's state. */
  readonly cpuAt: number;
  /** Byte offset of the page's ops. */
  readonly ops: number;
  /** Whether it stands for a guarded page. */
  readonly isGuarded: boolean;
}

const page = local.tlb + 1;
/** Locals after those that all functions have. */
export const regionLocal = {
  /** The address of the page of code. */
  page,
  /** What is returned. */
  answer: page + 1,
  /** NZCV, where it is computed. */
  flags: page + 2,
  /** The offset in the page of where the dispatch leads. */
  label: page + 3,
  /** X0 to X30 and SP. */
  x0: page + 4,
} as const;
const { answer, flags, x0 } = regionLocal;

/** Where a block's branches lead to. */
export interface Flow {
  /** Out of the region, which returns `answer`. */
  leave(): void;
  /** To the block at that offset; false where none begins there. */
  reach(to: number): boolean;
  /** Whether the flags have to be there, before the block at that offset. */
  needsFlags(at: number): boolean;
  clearUpper(c: Code): void;
}

/** Flags that were not computed yet: how, and the locals that this takes. */
interface Pending {
  readonly value: I32;
  kept: Kept;
}

export class BlockWriter {
  readonly #state: StateCode;
  readonly #code: RegionCode;
  #pending: Pending | undefined;
  #current!: Instruction;
  /** What is known in this block not to trap. */
  readonly #checked = new Set<string>();

  constructor(readonly c: Code, readonly places: RegionPlaces, readonly flow: Flow) {
    this.#state = new StateCode(const64(0), places.cpuAt);
    this.#code = {
      cpuAt: places.cpuAt,
      isGuarded: places.isGuarded,
      x: (n) => getLocal(x0 + n),
      setX: (n, value) => setLocal(x0 + n, value),
      nzcv: () => getLocal(flags),
      setNzcv: (value) => () => this.#setFlags(value),
      pc: () => add(getLocal(page), const64(this.#current.at)),
      branch: () => this.#branchOf(this.#current),
      branchTo: (address) => () => this.#jump(this.#current.at, address),
      leave: () => this.#leaveBefore(),
      clearUpper: flow.clearUpper,
    };
  }

  write(block: Block) {
    this.#checked.clear();
    const { instructions } = block;
    for (let n = 0; n < instructions.length; n++) {
      const one = instructions[n]!;
      const fusedWith = one.fusedCondition === undefined ? undefined : instructions[n + 1];
      this.#writeInstruction(one, fusedWith);
      if (fusedWith) n++;
    }
    if (block.leaves) this.#leaveAt(block.end);
    else if (fallsThrough(block) && this.flow.needsFlags(block.end)) this.#computeFlags();
    this.#dropFlags();
  }

  #writeInstruction(one: Instruction, fusedWith: Instruction | undefined) {
    const { c } = this;
    this.#current = one;
    if (one.uses.readsFlags) {
      this.#computeFlags();
      this.#dropFlags();
    }
    const { uses } = one.definition;
    if (uses) this.#checkTrap(uses);
    const before = this.#pending;
    const kept = c.keeping(() => {
      if (fusedWith) this.#writeCompared(one, fusedWith);
      else instructionCode(one, this.#code)(c);
    });
    if (this.#pending && this.#pending !== before) this.#pending.kept = kept;
    else c.releaseAll(kept);
  }

  #writeCompared(one: Instruction, branch: Instruction) {
    const { definition, fields, fusedCondition } = one;
    const target = new RegionTarget(one, this.#code);
    definition.emitCompared!(target, fields, fusedCondition!, this.#branchOf(branch))(this.c);
  }

  /** Once in a block: nothing in a region changes whether they trap. */
  #checkTrap(uses: "fp" | "sve") {
    if (this.#checked.has(uses)) return;
    this.#checked.add(uses);
    const { c } = this;
    this.#state.state32(uses === "sve" ? cpuWord.sveTrap : cpuWord.fpTrap)(c);
    c.if(() => this.#leaveBefore());
    if (uses === "sve") this.#state.setState32(cpuWord.upperInUse, const32(1))(c);
  }

  #setFlags(value: I32) {
    if (this.#current.uses.canDeferFlags) {
      this.#dropFlags();
      this.#pending = { value, kept: [] };
      return;
    }
    setLocal(flags, value)(this.c);
    this.#dropFlags();
  }

  #computeFlags() {
    if (this.#pending) setLocal(flags, this.#pending.value)(this.c);
  }

  #dropFlags() {
    if (this.#pending) this.c.releaseAll(this.#pending.kept);
    this.#pending = undefined;
  }

  #opAt(at: number): number {
    return this.places.ops + (at << opShift);
  }

  #leave(at: number, how: number) {
    this.#computeFlags();
    this.c.i64(this.#opAt(at) + how);
    this.c.set(answer);
    this.flow.leave();
  }

  #leaveAt(at: number) {
    this.#leave(at, ended.atOp);
  }

  #leaveBefore() {
    this.c.rare();
    this.#leave(this.#current.at, ended.beforeOp);
  }

  #setPc(address: I64) {
    this.#state.setState64(cpuWord.pc, address)(this.c);
  }

  /** The interpreter finds the code there. */
  #jump(at: number, address: I64) {
    this.#setPc(address);
    this.#leave(at, ended.byJump);
  }

  #branchOf = ({ at, to }: Instruction): Statement => () => {
    if (to! < 0 || to! >= pageSize) return this.#jump(at, add(getLocal(page), const64(to!)));
    this.#countBranch(at, to!);
    if (this.flow.needsFlags(to!)) this.#computeFlags();
    if (!this.flow.reach(to!)) this.#leaveAt(to!);
  };

  /** As the interpreter counts where it branches within a page. */
  #countBranch(at: number, to: number) {
    const { c } = this;
    add(getLocal(local.limit), const64(this.#opAt(to) - this.#opAt(at) - opSize))(c);
    c.tee(local.limit);
    c.i64(this.#opAt(to));
    c.op(0x57);
    c.if(() => {
      c.rare();
      this.#setPc(add(getLocal(page), const64(to)));
      this.#leave(to, ended.byBudget);
    });
  }
}
