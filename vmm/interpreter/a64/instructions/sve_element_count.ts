// Arm DDI 0487, "SVE encodings", "SVE Element Count": CNTB and its like, and INC and DEC by as much, of
// general registers and of vectors' lanes. With SQ and UQ before the name they saturate, and FPSR.QC stays as
// it is.

import { type Definition, type Fields, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, const64, extendU32, type I64, mul, shrU, sub } from "../vocabulary.ts";
import type { Cpu } from "../cpu.ts";
import { generalRegister } from "./assembly_names.ts";
import { patternName, type Run, sve, z } from "./sve_assembly.ts";
import { laneCountOf } from "./sve_predicate_bits.ts";
import { decodePredCount, whenAll } from "./sve_pattern.ts";
import { laneCount, lanesOf, setLanes } from "./sve_registers.ts";

const sizeLetters = ["b", "h", "w", "d"];

/** Nothing where it is "all" and once. */
function operand({ pattern, imm4 }: Fields): string {
  if (imm4) return `, ${patternName(pattern!)}, mul #${imm4 + 1}`;
  return pattern === 31 ? "" : `, ${patternName(pattern!)}`;
}

const countOf = (cpu: Cpu, f: Fields) =>
  BigInt(decodePredCount(f.pattern!, laneCount(cpu, f.size!)) * (f.imm4! + 1));

/** The nearest number of so many bits. */
export function saturate(value: bigint, bits: number, isUnsigned: boolean): bigint {
  const least = isUnsigned ? 0n : -(1n << BigInt(bits - 1));
  const most = (1n << BigInt(isUnsigned ? bits : bits - 1)) - 1n;
  return value < least ? least : value > most ? most : value;
}

/** Of "SQINC" and its like: what is done with a number and a count. */
export interface Saturating {
  readonly name: string;
  readonly isUnsigned: boolean;
  readonly isDecrement: boolean;
  /** Bits of the encoding. */
  readonly D: 0 | 1;
  readonly U: 0 | 1;
}

export const saturating: readonly Saturating[] = ([0, 1] as const).flatMap((D) =>
  ([0, 1] as const).map((U) => ({
    name: `${U ? "UQ" : "SQ"}${D ? "DEC" : "INC"}`,
    isUnsigned: U === 1,
    isDecrement: D === 1,
    D,
    U,
  }))
);

/** The number, read as signed or not, changed by the count. */
export const changed = (value: bigint, count: bigint, bits: number, row: Saturating) =>
  saturate(row.isDecrement ? value - count : value + count, bits, row.isUnsigned);

/** A general register of 64 or 32 bits; the latter, signed, is extended. */
export function changeRegister(cpu: Cpu, n: number, sf: number, count: bigint, row: Saturating) {
  const bits = sf ? 64 : 32, register = cpu.readX(n);
  const value = row.isUnsigned ? BigInt.asUintN(bits, register) : BigInt.asIntN(bits, register);
  cpu.writeX(n, changed(value, count, bits, row));
}

/** Of signed 32 bits the result has 64: "x0, w0". */
export function changedNames(n: number, sf: number, { isUnsigned }: Saturating): string {
  if (sf) return generalRegister(n, 1);
  return isUnsigned ? generalRegister(n, 0) : `${generalRegister(n, 1)}, ${generalRegister(n, 0)}`;
}

/** The pattern, and how many times it counts above it. */
const named = ({ pattern, imm4 }: Fields) => imm4! + 1 << 5 | pattern!;
const allLanes = (t: Target, size: number): I64 =>
  mul(extendU32(laneCountOf(t, size)), shrU(t.immediate(), const64(5)));

const count = sve("CNTB, CNTH, CNTW, CNTD", "00000100 size:2 10 imm4:4 111000 pattern:5 Rd:5", {
  assembly: (f) => `cnt${sizeLetters[f.size!]} ${generalRegister(f.Rd!, 1)}${operand(f)}`,
  operands: { Rd: write("Rd") },
  forms: ["size"],
  immediate: named,
  emit: (t, { size }) => whenAll(t, () => t.setX("Rd", allLanes(t, size!))),
  run: (cpu, f) => cpu.writeX(f.Rd!, countOf(cpu, f)),
});

const change = (name: string, D: 0 | 1) => [
  sve(`${name} (scalar)`, `00000100 size:2 11 imm4:4 11100 ${D} pattern:5 Rdn:5`, {
    assembly: (f) =>
      `${name.toLowerCase()}${sizeLetters[f.size!]} ${generalRegister(f.Rdn!, 1)}${operand(f)}`,
    operands: { Rdn: read("Rdn"), Rd: write("Rdn") },
    forms: ["size"],
    immediate: named,
    emit: (t, { size }) => whenAll(t, () => t.setX("Rd", (D ? sub : add)(t.x("Rdn"), allLanes(t, size!)))),
    run: (cpu, f) => cpu.writeX(f.Rdn!, cpu.readX(f.Rdn!) + (D ? -countOf(cpu, f) : countOf(cpu, f))),
  }),
  sve(`${name} (vector)`, `00000100 size:2 11 imm4:4 11000 ${D} pattern:5 Zdn:5`, {
    valid: ({ size }) => size !== 0,
    assembly: (f) => `${name.toLowerCase()}${sizeLetters[f.size!]} ${z(f.Zdn!, f.size!)}${operand(f)}`,
    run: (cpu, f) => {
      const by = D ? -countOf(cpu, f) : countOf(cpu, f);
      setLanes(cpu, f.Zdn!, f.size!, lanesOf(cpu, f.Zdn!, f.size!).map((value) => value + by));
    },
  }),
];

const saturatingVector = (row: Saturating): Run => (cpu, f) => {
  const by = countOf(cpu, f), values = lanesOf(cpu, f.Zdn!, f.size!, !row.isUnsigned);
  setLanes(cpu, f.Zdn!, f.size!, values.map((value) => changed(value, by, 8 << f.size!, row)));
};

const changeSaturating = (row: Saturating) => {
  const mnemonic = ({ size }: Fields) => row.name.toLowerCase() + sizeLetters[size!];
  return [
    sve(`${row.name} (scalar)`, `00000100 size:2 1 sf:1 imm4:4 1111 ${row.D}${row.U} pattern:5 Rdn:5`, {
      assembly: (f) => `${mnemonic(f)} ${changedNames(f.Rdn!, f.sf!, row)}${operand(f)}`,
      run: (cpu, f) => changeRegister(cpu, f.Rdn!, f.sf!, countOf(cpu, f), row),
    }),
    sve(`${row.name} (vector)`, `00000100 size:2 10 imm4:4 1100 ${row.D}${row.U} pattern:5 Zdn:5`, {
      valid: ({ size }) => size !== 0,
      assembly: (f) => `${mnemonic(f)} ${z(f.Zdn!, f.size!)}${operand(f)}`,
      run: saturatingVector(row),
    }),
  ];
};

export const sveElementCount: readonly Definition[] = [
  count,
  ...change("INC", 0),
  ...change("DEC", 1),
  ...saturating.flatMap(changeSaturating),
];
