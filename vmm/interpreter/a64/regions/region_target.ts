// Instructions' code for a compiled region: operands are constants, general registers and flags are what the region
// holds them in. What is rare is left to the interpreter, which runs the whole instruction anew.

import { cpuWord, registerAt, slot, tlbEntry } from "../cpu_layout.ts";
import type { Definition, Fields } from "../definition.ts";
import { isAtHand, loadMemory, storeMemory } from "../guest_access.ts";
import { local } from "../interpreter_target.ts";
import { loads, StateCode, stores, v128Load, v128Store } from "../memory_code.ts";
import type { AccessBytes, QuadwordTarget, Target } from "../target.ts";
import { type VectorTarget, vectorTarget } from "../vector_target.ts";
import {
  and,
  const32,
  const64,
  getLocal,
  type I32,
  type I64,
  low32,
  ne,
  type V128,
  when,
} from "../vocabulary.ts";
import type { Code, Statement } from "../wasm/code.ts";

/** An instruction whose word is known. */
export interface KnownInstruction {
  readonly definition: Definition;
  readonly fields: Fields;
}

/** What a region gives the code of an instruction. */
export interface RegionCode {
  /** Byte offset of the vcpu's state. */
  readonly cpuAt: number;
  readonly isGuarded: boolean;
  /** Of slots 0 to 31: the general registers and SP. */
  x(register: number): I64;
  setX(register: number, value: I64): Statement;
  nzcv(): I32;
  setNzcv(value: I32): Statement;
  /** The instruction's address. */
  pc(): I64;
  /** To the instruction's `branchOffset`. */
  branch(): Statement;
  branchTo(address: I64): Statement;
  /** Goes on in the interpreter, before the instruction. */
  leave(c: Code): void;
  /** Clears a vector but for its first quadword: (its place). */
  clearUpper(c: Code): void;
}

const tlb: I64 = getLocal(local.tlb);
const quadword = { type: "v128", bytes: 16, tlb } as const;
const zero = const64(0);
const drop = 0x1a;

export class RegionTarget extends StateCode implements Target {
  readonly #leave = (c: Code) => this.code.leave(c);
  #madeVectors: VectorTarget | undefined;

  constructor(readonly instruction: KnownInstruction, readonly code: RegionCode) {
    // Addresses that are constants cost no check of bounds.
    super(zero, code.cpuAt);
  }

  #valueOf(operand: string): number {
    const { definition, fields } = this.instruction;
    const value = definition.operands?.[operand]?.(fields);
    if (value === undefined) throw new Error(`${definition.name} has no operand "${operand}"`);
    return value;
  }

  x(operand: string): I64 {
    const at = this.#valueOf(operand);
    // What was discarded is read by those that keep some of it.
    return at >= registerAt(slot.zero) ? zero : this.code.x(at / registerAt(1));
  }

  setX(operand: string, value: I64): Statement {
    const at = this.#valueOf(operand);
    if (at !== registerAt(slot.discarded)) return this.code.setX(at / registerAt(1), value);
    return (c) => {
      value(c);
      c.op(drop);
    };
  }

  w(operand: string): I64 {
    return low32(this.x(operand));
  }

  setW(operand: string, value: I64): Statement {
    return this.setX(operand, low32(value));
  }

  number(operand: string): I64 {
    return const64(this.#valueOf(operand));
  }

  immediate(): I64 {
    const { definition, fields } = this.instruction;
    return const64(definition.immediate?.(fields) ?? 0);
  }

  /** Seldom asked for: most instructions have to do with general registers alone. */
  get #vectors(): VectorTarget {
    const { cpuAt } = this.code;
    return this.#madeVectors ??= vectorTarget({
      cpu: const64(cpuAt),
      place: (operand) => const64(cpuAt + this.#valueOf(operand)),
      names: Object.keys(this.instruction.definition.operands ?? {}),
      state32: (offset) => this.state32(offset),
      clearUpper: (c) => this.code.clearUpper(c),
    });
  }

  q(operand: string, quadword?: number): V128 {
    return this.#vectors.q(operand, quadword);
  }

  setQ(operand: string, value: V128): Statement {
    return this.#vectors.setQ(operand, value);
  }

  eachQuadword(body: (quadword: QuadwordTarget) => Statement): Statement {
    return this.#vectors.eachQuadword(body);
  }

  scratchQ(offset: I64): V128 {
    return this.#vectors.scratchQ(offset);
  }

  setScratchQ(offset: I64, value: V128): Statement {
    return this.#vectors.setScratchQ(offset, value);
  }

  scratchLane(size: number, offset: I64): I64 {
    return this.#vectors.scratchLane(size, offset);
  }

  setScratchLane(size: number, offset: I64, value: I64): Statement {
    return this.#vectors.setScratchLane(size, offset, value);
  }

  nzcv(): I32 {
    return this.code.nzcv();
  }

  setNzcv(value: I32): Statement {
    return this.code.setNzcv(value);
  }

  pc(): I64 {
    return this.code.pc();
  }

  inGuardedPage(): I32 {
    return const32(this.code.isGuarded ? 1 : 0);
  }

  branch(): Statement {
    return this.code.branch();
  }

  branchTo(address: I64): Statement {
    return this.code.branchTo(address);
  }

  branchAsNext(): Statement {
    return this.code.branch();
  }

  checkSp(): Statement {
    return when(ne(and(this.state64(cpuWord.spAlignment), this.code.x(slot.sp)), zero), this.#leave);
  }

  fallBack(): Statement {
    return this.#leave;
  }

  load(bytes: AccessBytes, address: I64): I64 {
    return loadMemory({ opcode: loads[bytes], type: "i64", bytes, tlb }, address, this.#leave);
  }

  store(bytes: AccessBytes, address: I64, value: I64): Statement {
    return storeMemory({ opcode: stores[bytes], type: "i64", bytes, tlb }, address, value, this.#leave);
  }

  isAtHand(address: I64, isWrite: boolean): I32 {
    return isAtHand(tlb, isWrite ? tlbEntry.writeTag : tlbEntry.readTag, address);
  }

  loadQ(address: I64): V128 {
    return loadMemory({ ...quadword, opcode: v128Load }, address, this.#leave);
  }

  storeQ(address: I64, value: V128): Statement {
    return storeMemory({ ...quadword, opcode: v128Store }, address, value, this.#leave);
  }
}

/** The instruction's code, but for the check whether FP or SVE instructions trap. */
export const instructionCode = (instruction: KnownInstruction, code: RegionCode): Statement =>
  instruction.definition.emit!(new RegionTarget(instruction, code), instruction.fields);
