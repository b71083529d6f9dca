// What an instruction's code does to a region, found out by writing it once for nobody: which registers it reads and
// writes, what becomes of the flags, where it goes.

import { Code, type Statement } from "../wasm/code.ts";
import { const32, const64, type I64 } from "../vocabulary.ts";
import { local } from "../interpreter_target.ts";
import { instructionCode, type KnownInstruction, type RegionCode } from "./region_target.ts";

export interface Uses {
  /** A bit for each of X0 to X30 and SP. */
  readonly reads: number;
  readonly writes: number;
  readonly readsFlags: boolean;
  readonly writesFlags: boolean;
  /** Whether the flags' value can be computed later, as nothing it is made of changes. */
  readonly canDeferFlags: boolean;
  /** Whether the interpreter may have to run it. */
  readonly mayLeave: boolean;
  readonly branches: boolean;
  /** Whether it does so on no condition. */
  readonly alwaysBranches: boolean;
  /** Of its code, about. */
  readonly bytes: number;
}

const nothing: Statement = () => {};

/** Counts the accesses to memory. */
class CountingCode extends Code {
  accesses = 0;

  clear() {
    this.accesses = 0;
    this.bytes.clear();
  }

  override access(opcode: readonly number[], alignment: number, offset: number) {
    this.accesses++;
    super.access(opcode, alignment, offset);
  }
}

const scratch = new CountingCode(new Array(local.tlb + 1).fill("i64"));

class Survey implements RegionCode {
  readonly cpuAt = 0;
  readonly isGuarded = false;
  readonly c = scratch;

  constructor() {
    scratch.clear();
  }

  reads = 0;
  writes = 0;
  readsFlags = false;
  writesFlags = false;
  canDeferFlags = true;
  mayLeave = false;
  branches = false;
  alwaysBranches = false;
  #readCount = 0;

  /** How often anything but WebAssembly's locals was read. */
  get #touched(): number {
    return this.#readCount + this.c.accesses;
  }

  x(register: number): I64 {
    return (c) => {
      this.#readCount++;
      this.reads |= 1 << register;
      c.i64(0);
    };
  }

  setX(register: number, value: I64): Statement {
    return (c) => {
      value(c);
      this.writes |= 1 << register;
      // Where it is written on one path only, what it was counts.
      if (c.depth > 0) this.reads |= 1 << register;
      c.op(0x1a);
    };
  }

  nzcv() {
    return (c: Code) => {
      this.#readCount++;
      this.readsFlags = true;
      const32(0)(c);
    };
  }

  setNzcv(value: (c: Code) => void): Statement {
    return (c) => {
      const before = this.#touched;
      value(c);
      c.op(0x1a);
      this.writesFlags = true;
      const isSure = c.depth === 0;
      if (!isSure) this.readsFlags = true;
      this.canDeferFlags &&= isSure && this.#touched === before;
    };
  }

  pc(): I64 {
    return const64(0);
  }

  branch(): Statement {
    return (c) => this.#noteBranch(c);
  }

  branchTo(address: I64): Statement {
    return (c) => {
      address(c);
      c.op(0x1a);
      this.#noteBranch(c);
    };
  }

  #noteBranch(c: Code) {
    this.branches = true;
    this.alwaysBranches ||= c.depth === 0;
  }

  leave = () => {
    this.mayLeave = true;
  };

  clearUpper = nothing;
}

export function surveyOf(instruction: KnownInstruction): Uses {
  const survey = new Survey();
  instructionCode(instruction, survey)(survey.c);
  const { reads, writes, readsFlags, writesFlags, canDeferFlags, branches, alwaysBranches } = survey;
  return {
    reads,
    writes,
    readsFlags,
    writesFlags,
    canDeferFlags: canDeferFlags && writesFlags,
    mayLeave: survey.mayLeave || instruction.definition.uses !== undefined,
    branches,
    alwaysBranches,
    bytes: survey.c.bytes.length,
  };
}
