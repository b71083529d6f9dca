// Instructions' code for the interpreter: operands are read from the op, registers and flags lie in memory.

import { cpuWord, tlbEntry } from "./cpu_layout.ts";
import type { Form } from "./decoder.ts";
import { isAtHand, loadMemory, storeMemory } from "./guest_access.ts";
import {
  i32Load16U,
  i64Load,
  i64Store,
  loadAt,
  loads,
  simd,
  StateCode,
  storeAt,
  stores,
  v128Load,
  v128Store,
} from "./memory_code.ts";
import { guardedFlag, opField, opShift, opSize } from "./op.ts";
import type { Target } from "./target.ts";
import { vectorTarget } from "./vector_target.ts";
import { add, and, const64, type I32, type I64, shrU } from "./vocabulary.ts";
import type { Code, Statement } from "./wasm/code.ts";

/** Locals that every function of the engine has under these numbers; `word` is the op's first eight bytes. */
export const local = { cpu: 0, op: 1, limit: 2, tlb: 3, word: 4 } as const;

/** Calls of the engine's own functions. */
export interface EngineCalls {
  /** Across pages, or through the MMU: (cpu, op, limit, tlb, address: i64, bytes: i32) -> i64. */
  readonly load: (code: Code) => void;
  /** (cpu, op, limit, tlb, address: i64, value: i64, bytes: i32). */
  readonly store: (code: Code) => void;
  /** Raises the fault of a misaligned SP. */
  readonly misalignedSp: (code: Code) => void;
  /** Runs the instruction as its definition's `run` says. */
  readonly fallBack: (code: Code) => void;
  /** Clears a vector but for its first quadword: (its place). */
  readonly clearUpper: (code: Code) => void;
  /** Leaves the current instruction, to the address on the stack, or by so many bytes of ops. */
  readonly jump: (code: Code) => void;
  readonly jumpNear: (code: Code) => void;
}

const i64Load16U = loads[2], i64Load32U = loads[4], i64Load32S = [0x34];

/** Of an op: what `local.word` has of it, and an operand. */
const wordBytes = 8, operandBytes = 2;

const cpu: I64 = (c) => c.get(local.cpu);
const op: I64 = (c) => c.get(local.op);
/** Of the exception level and PAN that now count. */
const tlb: I64 = (c) => c.get(local.tlb);
const quadword = { type: "v128", bytes: 16, tlb } as const;

const state = new StateCode(cpu);
export const state64 = (offset: number) => state.state64(offset);
export const setState64 = (offset: number, value: I64) => state.setState64(offset, value);
export const state32 = (offset: number) => state.state32(offset);
export const setState32 = (offset: number, value: I32) => state.setState32(offset, value);

/** The current instruction's address. */
export const currentPc: I64 = add(shrU(op, const64(opShift)), state64(cpuWord.pageBias));

export function interpreterTarget({ definition, isNear }: Form, calls: EngineCalls): Target {
  const names = Object.keys(definition.operands ?? {});
  const hasSmallImmediate = names.length > 3;

  function number(operand: string): I64 {
    const index = names.indexOf(operand);
    if (index < 0) throw new Error(`${definition.name} has no operand "${operand}"`);
    const at = opField.operands[index]!;
    if (at >= wordBytes) return loadAt(i64Load16U, op, at, 1);
    const shifted = shrU((c) => c.get(local.word), const64(8 * at));
    return at + operandBytes === wordBytes ? shifted : and(shifted, const64(2 ** (8 * operandBytes) - 1));
  }

  const place = (operand: string) => add(cpu, number(operand));
  const x = (operand: string): I64 => loadAt(i64Load, place(operand), 0, 3);
  const setX = (operand: string, value: I64) => storeAt(i64Store, place(operand), value);
  const immediate = (): I64 => loadAt(hasSmallImmediate ? i64Load32S : i64Load, op, opField.immediate, 2);

  return {
    x,
    setX,
    w: (operand) => loadAt(i64Load32U, place(operand), 0, 2),
    setW: (operand, value) =>
      setX(operand, (c) => {
        value(c);
        c.op(0xa7, 0xad);
      }),
    number,
    immediate,
    ...vectorTarget({ cpu, place, names, state32, clearUpper: calls.clearUpper }),
    state64,
    setState64,
    state32,
    setState32,
    nzcv: () => state32(cpuWord.nzcv),
    setNzcv: (value) => setState32(cpuWord.nzcv, value),
    pc: () => currentPc,
    inGuardedPage: () => loadAt(i32Load16U, state64(cpuWord.pageOps), guardedFlag, 1),
    branch: () => (c) => {
      if (isNear) {
        immediate()(c);
        return calls.jumpNear(c);
      }
      add(currentPc, immediate())(c);
      calls.jump(c);
    },
    branchTo: (address) => (c) => {
      address(c);
      calls.jump(c);
    },
    branchAsNext: () => (c) => {
      loadAt(i64Load, op, opSize + opField.immediate, 3)(c);
      add(op, const64(opSize))(c);
      c.set(local.op);
      calls.jumpNear(c);
    },
    checkSp: () => (c) => {
      and(state64(cpuWord.spAlignment), state64(8 * 31))(c);
      c.op(0x50, 0x45);
      c.if(calls.misalignedSp);
    },
    fallBack: () => calls.fallBack,
    load: (bytes, address) =>
      loadMemory(
        { opcode: loads[bytes], type: "i64", bytes, tlb },
        address,
        (c, at) => slowLoad(c, calls, bytes, at, 0),
      ),
    store: (bytes, address, value) =>
      storeMemory(
        { opcode: stores[bytes], type: "i64", bytes, tlb },
        address,
        value,
        (c, at, held) => slowStore(c, calls, bytes, at, 0, () => c.get(held)),
      ),
    isAtHand: (address, isWrite) => isAtHand(tlb, isWrite ? tlbEntry.writeTag : tlbEntry.readTag, address),
    loadQ: (address) =>
      loadMemory({ ...quadword, opcode: v128Load }, address, (c, at) => slowLoadQ(c, calls, at)),
    storeQ: (address, value) =>
      storeMemory({ ...quadword, opcode: v128Store }, address, value, (c, at, held) => {
        for (const half of [0, 1]) slowStore(c, calls, 8, at, 8 * half, () => extractLane(c, held, half));
      }),
  };
}

function pushAccess(c: Code, address: number, offset: number) {
  c.get(local.cpu);
  c.get(local.op);
  c.get(local.limit);
  c.get(local.tlb);
  add((code) => code.get(address), const64(offset))(c);
}

function slowLoad(c: Code, calls: EngineCalls, bytes: number, address: number, offset: number) {
  pushAccess(c, address, offset);
  c.i32(bytes);
  calls.load(c);
}

function slowLoadQ(c: Code, calls: EngineCalls, address: number) {
  slowLoad(c, calls, 8, address, 0);
  c.op(simd, 18);
  slowLoad(c, calls, 8, address, 8);
  c.op(simd, 30, 1);
}

function slowStore(
  c: Code,
  calls: EngineCalls,
  bytes: number,
  address: number,
  offset: number,
  value: Statement,
) {
  pushAccess(c, address, offset);
  value(c);
  c.i32(bytes);
  calls.store(c);
}

function extractLane(c: Code, vector: number, lane: number) {
  c.get(vector);
  c.op(simd, 29, lane);
}
