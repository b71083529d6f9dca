// Instructions' code for the interpreter: operands are read from the op, registers and flags lie in memory.

import { cpuWord, pageBits, pageSize, tlbEntries, tlbEntry, vectorBytes } from "./cpu_layout.ts";
import type { Form } from "./decoder.ts";
import { guardedFlag, opField, opShift, opSize } from "./op.ts";
import { andBits, constant, equal, splat, splatBits, swizzle } from "./simd_vocabulary.ts";
import type { AccessBytes, QuadwordTarget, Target } from "./target.ts";
import { add, and, const64, extendU32, type I32, type I64, shrU, type V128 } from "./vocabulary.ts";
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

const loads: Record<AccessBytes, readonly number[]> = { 1: [0x31], 2: [0x33], 4: [0x35], 8: [0x29] };
const stores: Record<AccessBytes, readonly number[]> = { 1: [0x3c], 2: [0x3d], 4: [0x3e], 8: [0x37] };
const simd = 0xfd;
const v128Load = [simd, 0], v128Store = [simd, 11];
const i64Load = [0x29], i64Store = [0x37], i32Load = [0x28], i32Store = [0x36];
const i32Load16U = [0x2f], i64Load16U = [0x33], i64Load32U = [0x35], i64Load32S = [0x34];

/** Of an op: what `local.word` has of it, and an operand. */
const wordBytes = 8, operandBytes = 2;

const cpu: I64 = (c) => c.get(local.cpu);
const op: I64 = (c) => c.get(local.op);

export const loadAt = (opcode: readonly number[], address: I64, offset = 0, alignment = 0) => (c: Code) => {
  address(c);
  c.access(opcode, alignment, offset);
};
export const storeAt =
  (opcode: readonly number[], address: I64, value: (c: Code) => void, offset = 0): Statement => (c) => {
    address(c);
    value(c);
    c.access(opcode, 0, offset);
  };

export const state64 = (offset: number): I64 => loadAt(i64Load, cpu, offset, 3);
export const setState64 = (offset: number, value: I64): Statement => storeAt(i64Store, cpu, value, offset);
export const state32 = (offset: number): I32 => loadAt(i32Load, cpu, offset, 2);
export const setState32 = (offset: number, value: I32): Statement => storeAt(i32Store, cpu, value, offset);

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
    q: (operand, quadword = 0) => loadAt(v128Load, place(operand), 16 * quadword, 4),
    setQ: (operand, value) => (c) => {
      const at = c.local("i64");
      const there: I64 = (code) => code.get(at);
      place(operand)(c);
      c.set(at);
      storeAt(v128Store, there, value)(c);
      state32(cpuWord.upperInUse)(c);
      c.if(() => {
        there(c);
        calls.clearUpper(c);
      });
      c.release("i64", at);
    },
    eachQuadword: (body) => (c) => {
      const offset = c.local("i64"), end = c.local("i64");
      const places = new Map(names.map((name) => [name, c.local("i64")]));
      places.forEach((one, name) => {
        place(name)(c);
        c.set(one);
      });
      c.i64(0);
      c.set(offset);
      extendU32(state32(cpuWord.vectorLength))(c);
      c.set(end);
      c.loop(() => {
        const top = c.depth - 1;
        const at = (operand: string): I64 => (code) => code.get(places.get(operand)!);
        body(quadwordTarget(at, (code) => code.get(offset)))(c);
        add((code) => code.get(offset), const64(16))(c);
        c.tee(offset);
        c.get(end);
        c.op(0x54);
        c.branchIf(top);
      });
      for (const one of [offset, end, ...places.values()]) c.release("i64", one);
    },
    scratchQ: (offset) => loadAt(v128Load, add(cpu, offset), cpuWord.scratch),
    setScratchQ: (offset, value) => storeAt(v128Store, add(cpu, offset), value, cpuWord.scratch),
    scratchLane: (size, offset) => loadAt(loads[1 << size as AccessBytes], add(cpu, offset), cpuWord.scratch),
    setScratchLane: (size, offset, value) =>
      storeAt(stores[1 << size as AccessBytes], add(cpu, offset), value, cpuWord.scratch),
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
      loadMemory(loads[bytes], "i64", bytes, address, (c, at) => slowLoad(c, calls, bytes, at, 0)),
    store: (bytes, address, value) =>
      storeMemory(
        stores[bytes],
        "i64",
        bytes,
        address,
        value,
        (c, at, held) => slowStore(c, calls, bytes, at, 0, () => c.get(held)),
      ),
    isAtHand: (at, isWrite) => (c) => {
      const address = c.local("i64"), entry = c.local("i64");
      at(c);
      c.set(address);
      lookUp(c, 1, isWrite ? tlbEntry.writeTag : tlbEntry.readTag, address, entry);
      c.release("i64", address);
      c.release("i64", entry);
    },
    loadQ: (address) => loadMemory(v128Load, "v128", 16, address, (c, at) => slowLoadQ(c, calls, at)),
    storeQ: (address, value) =>
      storeMemory(v128Store, "v128", 16, address, value, (c, at, held) => {
        for (const half of [0, 1]) slowStore(c, calls, 8, at, 8 * half, () => extractLane(c, held, half));
      }),
  };
}

/**
 * @param at the address of a register
 * @param offset in bytes of a vector
 */
function quadwordTarget(at: (operand: string) => I64, offset: I64): QuadwordTarget {
  const vectorPlace = (operand: string) => add(at(operand), offset);
  const predicatePlace = (operand: string) => add(at(operand), shrU(offset, const64(3)));
  const bits = (operand: string): I32 => loadAt(i32Load16U, predicatePlace(operand));
  const lanePlace = (operand: string, byte: I64) => add(vectorPlace(operand), byte);
  const scratchPlace = add(cpu, offset);
  return {
    z: (operand) => loadAt(v128Load, vectorPlace(operand), 0, 4),
    setZ: (operand, value) => storeAt(v128Store, vectorPlace(operand), value),
    mask: (operand, size) => laneMask(size, bits(operand)),
    bits,
    setBits: (operand, value) => storeAt([0x3b], predicatePlace(operand), value),
    offset: () => offset,
    lane: (operand, size, byte) => loadAt(loads[1 << size as AccessBytes], lanePlace(operand, byte)),
    setLane: (operand, size, byte, value) =>
      storeAt(stores[1 << size as AccessBytes], lanePlace(operand, byte), value),
    scratch: () => loadAt(v128Load, scratchPlace, cpuWord.scratch, 4),
    setScratch: (value) => storeAt(v128Store, scratchPlace, value, cpuWord.scratch),
  };
}

const eachByte = (of: (byte: number) => number) => constant(Array.from({ length: 16 }, (_, n) => of(n)));

/** From 16 bits of a predicate, of which the lowest of each lane's counts. */
function laneMask(size: number, bits: I32): V128 {
  if (size === 0) {
    const bit = eachByte((n) => 1 << (n & 7));
    return equal(0, andBits(swizzle(splat(1, bits), eachByte((n) => n >> 3)), bit), bit);
  }
  // Each lane has all of the bits, and its own number's is the one that counts.
  const bytes = 1 << size,
    bit = eachByte((n) => n % bytes > 1 ? 0 : 1 << (n - n % bytes) >> 8 * (n % bytes) & 0xff);
  return equal(size, andBits(splatBits(size, extendU32(bits)), bit), bit);
}

const zeros: V128 = (c) => c.op(simd, 12, ...new Array<number>(16).fill(0));

/** The quadwords beyond the first of the vector that is there. */
export const clearUpperQuadwords = (there: I64): Statement => (c) => {
  for (let upper = 16; upper < vectorBytes; upper += 16) storeAt(v128Store, there, zeros, upper)(c);
};

const pageMask = const64(-pageSize);

/** Pushes whether the whole access hits the TLB; `address` and `entry` are locals that it sets. */
export function lookUp(c: Code, bytes: number, tag: number, address: number, entry: number) {
  const offset = and(
    shrU((code) => code.get(address), const64(pageBits - Math.log2(tlbEntry.size))),
    const64((tlbEntries - 1) * tlbEntry.size),
  );
  add((code) => code.get(local.tlb), offset)(c);
  c.set(entry);
  // An access that crosses into the next page misses: its last byte's page is not the entry's.
  and(add((code) => code.get(address), const64(bytes - 1)), pageMask)(c);
  loadAt(i64Load, (code) => code.get(entry), tag, 3)(c);
  c.op(0x51);
}

/** Of the byte, by the entry that `lookUp` set. */
export const hostAddress = (address: number, entry: number): I64 =>
  add((c) => c.get(address), loadAt(i64Load, (c) => c.get(entry), tlbEntry.addend, 3));

function loadMemory(
  opcode: readonly number[],
  type: "i64" | "v128",
  bytes: number,
  at: I64,
  missed: (c: Code, address: number) => void,
): (c: Code) => void {
  return (c) => {
    const address = c.local("i64"), entry = c.local("i64");
    at(c);
    c.set(address);
    lookUp(c, bytes, tlbEntry.readTag, address, entry);
    c.if(loadAt(opcode, hostAddress(address, entry)), () => missed(c, address), type);
    c.release("i64", address);
    c.release("i64", entry);
  };
}

function storeMemory(
  opcode: readonly number[],
  type: "i64" | "v128",
  bytes: number,
  at: I64,
  value: (c: Code) => void,
  missed: (c: Code, address: number, value: number) => void,
): Statement {
  return (c) => {
    const address = c.local("i64"), entry = c.local("i64"), held = c.local(type);
    at(c);
    c.set(address);
    value(c);
    c.set(held);
    lookUp(c, bytes, tlbEntry.writeTag, address, entry);
    c.if(
      storeAt(opcode, hostAddress(address, entry), (code) => code.get(held)),
      () => missed(c, address, held),
    );
    c.release("i64", address);
    c.release("i64", entry);
    c.release(type, held);
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
