// "Atomic memory operations" (Arm DDI 0487, "Loads and Stores"; FEAT_LSE): LDADD and theirs, SWP.

import { type Fields, instruction, read, write } from "../definition.ts";
import type { AccessBytes, Target } from "../target.ts";
import { bind64, geS, geU, type I32, type I64, ltS, ltU, not, select } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { updateMemory } from "./atomic_access.ts";
import { atomicReplace, type AtomicUpdate, atomicUpdate } from "./atomic_code.ts";
import { FEAT_LSE } from "./compare_and_swap.ts";
import { base, baseOf, withCheckedBase } from "./load_store_base.ts";
import { sizeBytes, sizeLetter, sizeSuffix } from "./load_store_exclusive.ts";
import { generalName, offsetAddress } from "./load_store_names.ts";
import { signExtended, zeroExtended } from "./narrow_values.ts";
import { ifTranslated } from "./translated_access.ts";

interface Operation {
  /** The mnemonic's middle. */
  readonly name: string;
  /** o3 and opc. */
  readonly bits: string;
  /** What is written, of what was there and the register, both of so many bits. */
  readonly update: (old: bigint, value: bigint, bits: number) => bigint;
  /** The same as code; a function where WebAssembly has no such access. */
  readonly atomic: AtomicUpdate | ((old: I64, value: I64, bytes: AccessBytes) => I64);
}

const isLess = (a: bigint, b: bigint, bits: number) => BigInt.asIntN(bits, a) < BigInt.asIntN(bits, b);

type Compare = (a: I64, b: I64) => I32;

const extreme =
  (compare: Compare, extend: (bytes: AccessBytes, value: I64) => I64) =>
  (old: I64, value: I64, bytes: AccessBytes): I64 =>
    select(compare(extend(bytes, old), extend(bytes, value)), old, value);

const operations: readonly Operation[] = [
  { name: "add", bits: "0 000", update: (old, value) => old + value, atomic: "add" },
  { name: "clr", bits: "0 001", update: (old, value) => old & ~value, atomic: "and" },
  { name: "eor", bits: "0 010", update: (old, value) => old ^ value, atomic: "xor" },
  { name: "set", bits: "0 011", update: (old, value) => old | value, atomic: "or" },
  {
    name: "smax",
    bits: "0 100",
    update: (old, value, bits) => isLess(old, value, bits) ? value : old,
    atomic: extreme(geS, signExtended),
  },
  {
    name: "smin",
    bits: "0 101",
    update: (old, value, bits) => isLess(old, value, bits) ? old : value,
    atomic: extreme(ltS, signExtended),
  },
  {
    name: "umax",
    bits: "0 110",
    update: (old, value) => old < value ? value : old,
    atomic: extreme(geU, zeroExtended),
  },
  {
    name: "umin",
    bits: "0 111",
    update: (old, value) => old < value ? old : value,
    atomic: extreme(ltU, zeroExtended),
  },
  { name: "swp", bits: "1 000", update: (_, value) => value, atomic: "xchg" },
];

/** What was there. */
function updated(t: Target, { name, atomic }: Operation, bytes: AccessBytes, place: I64): I64 {
  const value = t.x("Rs");
  if (typeof atomic === "string") {
    return atomicUpdate(atomic, bytes, place, name === "clr" ? not(value) : value);
  }
  return atomicReplace(bytes, place, (old) => atomic(old, value, bytes));
}

function emit(t: Target, form: Fields, operation: Operation): Statement {
  const bytes = sizeBytes[form.size!]!;
  const update = (place: I64) => t.setX("Rt", updated(t, operation, bytes, place));
  const access = bind64(t.x("Rn"), (address) => ifTranslated(t, { bytes, isWrite: true }, address, update));
  return withCheckedBase(t, form, access);
}

/** STADD is LDADD whose result nobody wants. */
function mnemonic(name: string, { A, R, Rt }: Fields): string {
  if (name === "swp") return name + (A ? "a" : "") + (R ? "l" : "");
  return (Rt === 31 && !A ? "st" : "ld") + name + (A ? "a" : "") + (R ? "l" : "");
}

function assembly(name: string, f: Fields): string {
  const letter = sizeLetter[f.size!]!;
  const full = mnemonic(name, f);
  const result = full.startsWith("st") ? "" : `${generalName(letter, f.Rt!)}, `;
  return `${full}${sizeSuffix[f.size!]} ${generalName(letter, f.Rs!)}, ${result}${offsetAddress(f, 0)}`;
}

function definitionOf(operation: Operation) {
  const { name, bits, update } = operation;
  return instruction(
    name === "swp" ? "SWP" : `LD${name.toUpperCase()}`,
    `size:2 111 0 00 A:1 R:1 1 Rs:5 ${bits} 00 Rn:5 Rt:5`,
    {
      needs: FEAT_LSE,
      operands: { Rs: read("Rs"), Rt: write("Rt"), ...base },
      forms: ["size", "isSp"],
      assembly: (f) => assembly(name, f),
      emit: (t, form) => emit(t, form, operation),
      run(cpu, f) {
        const bytes = sizeBytes[f.size!]!;
        const value = BigInt.asUintN(8 * bytes, cpu.readX(f.Rs!));
        const old = updateMemory(cpu, baseOf(cpu, f), bytes, (was) => update(was, value, 8 * bytes));
        cpu.writeX(f.Rt!, old);
      },
    },
  );
}

export const atomicMemory = operations.map(definitionOf);
