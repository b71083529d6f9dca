// What an instruction's generated code can touch. The interpreter implements it with operands read from an op,
// compiled regions with operands that are known.

import type { Statement } from "./wasm/code.ts";
import type { I32, I64, V128 } from "./vocabulary.ts";

export type AccessBytes = 1 | 2 | 4 | 8;

/** The quadword that a loop over vectors is at. */
export interface QuadwordTarget {
  z(operand: string): V128;
  setZ(operand: string, value: V128): Statement;
  /** A predicate as a mask of lanes, from 8 to 64 bits by `size`: all ones where it is active. */
  mask(operand: string, size: number): V128;
  /** A predicate's 16 bits for the quadword, one for each byte; writing takes the low ones. */
  bits(operand: string): I32;
  setBits(operand: string, value: I32): Statement;
  /** Bytes from the register's start. */
  offset(): I64;
  /** A lane, from so many bytes on in the quadword: extended by zeroes. */
  lane(operand: string, size: number, byte: I64): I64;
  setLane(operand: string, size: number, byte: I64, value: I64): Statement;
  /** A quadword of the scratch memory, which no instruction but this one uses. */
  scratch(): V128;
  setScratch(value: V128): Statement;
}

export interface Target {
  /** A general register's 64 bits. */
  x(operand: string): I64;
  setX(operand: string, value: I64): Statement;
  /** The low word of a general register, extended by zeros; writing clears the high word. */
  w(operand: string): I64;
  setW(operand: string, value: I64): Statement;
  /** An operand that is a number. */
  number(operand: string): I64;
  immediate(): I64;
  /** A quadword of a vector register. */
  q(operand: string, quadword?: number): V128;
  /** Writes the low quadword and clears the rest of the vector. */
  setQ(operand: string, value: V128): Statement;
  /** Once for each quadword that a vector has at the current length, from the lowest on. */
  eachQuadword(body: (quadword: QuadwordTarget) => Statement): Statement;
  /** The scratch memory by offsets: two vectors' bytes; a lane is extended by zeroes. */
  scratchQ(offset: I64): V128;
  setScratchQ(offset: I64, value: V128): Statement;
  scratchLane(size: number, offset: I64): I64;
  setScratchLane(size: number, offset: I64, value: I64): Statement;
  /** A word of the vcpu's state, of 8 or 4 bytes. */
  state64(offset: number): I64;
  setState64(offset: number, value: I64): Statement;
  state32(offset: number): I32;
  setState32(offset: number, value: I32): Statement;
  /** N, Z, C, V in bits 31 to 28. */
  nzcv(): I32;
  setNzcv(value: I32): Statement;
  /** The instruction's own address. */
  pc(): I64;
  /** 1 in a guarded page, else 0. */
  inGuardedPage(): I32;
  /** To `branchOffset`. */
  branch(): Statement;
  branchTo(address: I64): Statement;
  /** As the next instruction, which stays within the page, does it. */
  branchAsNext(): Statement;
  /** Does what the definition's `run` does, in place of the generated code: for cases that are rare. */
  fallBack(): Statement;
  /** Raises the SP alignment fault if SP is misaligned and that is checked. */
  checkSp(): Statement;
  /** Zero-extended. Faults leave the instruction undone. */
  load(bytes: AccessBytes, address: I64): I64;
  store(bytes: AccessBytes, address: I64, value: I64): Statement;
  /** Whether an access there would be one of memory, for sure, and without a fault: 1, else 0. */
  isAtHand(address: I64, isWrite: boolean): I32;
  loadQ(address: I64): V128;
  storeQ(address: I64, value: V128): Statement;
}
