// What an instruction is: its encoding as the Arm manual draws it, its assembly, and its meaning, from which the
// engine, the disassembler and the tests are made (Arm DDI 0487, "A64 Base Instruction Descriptions").

import { parsePattern, type Pattern } from "./pattern.ts";
import { predicateAt, registerAt, slot, vectorAt } from "./cpu_layout.ts";
import type { Cpu } from "./cpu.ts";
import type { Target } from "./target.ts";
import type { Statement } from "./wasm/code.ts";

/** An encoding's fields by name, as unsigned numbers. */
export type Fields = Readonly<Record<string, number>>;

/** What an op keeps of a register: the byte offset of its slot; or any number of 16 bits. */
export type Operand = (fields: Fields) => number;

export interface Meaning {
  /** Up to five; a definition with more than three has an immediate of 32 bits at most. */
  readonly operands?: Readonly<Record<string, Operand>>;
  /** Fields on whose values the generated code depends: each combination is a handler of its own. */
  readonly forms?: readonly string[];
  readonly immediate?: (fields: Fields) => bigint | number;
  /** Bytes from the instruction to where it branches to. */
  readonly branchOffset?: (fields: Fields) => number;
  /** False for encodings that are unallocated though the pattern fits. */
  readonly valid?: (fields: Fields) => boolean;
  /** Fields of ID registers, any value of which from `least` up allows it: `ID_AA64ISAR0_EL1.CRC32`. */
  readonly needs?: Need;
  /** FP and AdvSIMD registers or SVE's: may trap. */
  readonly uses?: "fp" | "sve";
  /** In the engine's main function, for speed. */
  readonly isHot?: boolean;
  /** The assembly as binutils prints it; numbers as it prints them too. */
  readonly assembly: (fields: Fields) => string;
  /** The generated code: given the form's fields. */
  readonly emit?: (target: Target, form: Fields) => Statement;
  /**
   * Of a comparison: it, and what follows where one of `fusedConditions` then holds. It can take no exception. An op
   * stands for it and the conditional branch after it.
   */
  readonly emitCompared?: (target: Target, form: Fields, cond: number, then: Statement) => Statement;
  /** Or, for what is rare, the meaning itself. The PC is still the instruction's own. */
  readonly run?: (cpu: Cpu, fields: Fields) => After;
}

/** Where execution goes after `run`: on, to where `cpu.pc` was set, or there but out of the engine first. */
export type After = void | "jump" | "leave";

export type Need = readonly [register: string, shift: number, least: number];

export interface Definition extends Meaning {
  readonly name: string;
  readonly pattern: Pattern;
}

/** @param encoding bits from 31 down: `0`, `1`, and fields as `name:width` */
export function instruction(name: string, encoding: string, meaning: Meaning): Definition {
  return { name, pattern: parsePattern(encoding), ...meaning };
}

/** A general register that is read: 31 is zero. */
export const read = (field: string): Operand => (f) => registerAt(f[field] === 31 ? slot.zero : f[field]!);
/** A general register that is written: 31 is none. */
export const write = (field: string): Operand => (f) =>
  registerAt(f[field] === 31 ? slot.discarded : f[field]!);
/** A general register or, as 31, SP. */
export const orSp = (field: string): Operand => (f) => registerAt(f[field] === 31 ? slot.sp : f[field]!);
export const vector = (field: string): Operand => (f) => vectorAt(f[field]!);
export const predicate = (field: string): Operand => (f) => predicateAt(f[field]!);
