// Arm DDI 0487, "SVE encodings", "SVE Integer Reduction": one number of all active lanes, to a SIMD&FP
// register.

import type { Definition } from "../definition.ts";
import { hasSizes, sve, v, z } from "./sve_assembly.ts";
import { isActive, lanesOf, setScalar } from "./sve_registers.ts";

interface Row {
  readonly name: string;
  readonly opcode: string;
  readonly isSigned?: boolean;
  /** What there is where no lane is active, given the lane's bits. */
  readonly none: (bits: number) => bigint;
  readonly join: (a: bigint, b: bigint) => bigint;
}

const zero = () => 0n;
const ones = (bits: number) => (1n << BigInt(bits)) - 1n;
const greatest = (bits: number) => (1n << BigInt(bits - 1)) - 1n;
const least = (bits: number) => -(1n << BigInt(bits - 1));
const max = (a: bigint, b: bigint) => a > b ? a : b;
const min = (a: bigint, b: bigint) => a < b ? a : b;

const sums: readonly Row[] = [
  { name: "SADDV", opcode: "000 000", isSigned: true, none: zero, join: (a, b) => a + b },
  { name: "UADDV", opcode: "000 001", none: zero, join: (a, b) => a + b },
];
const rows: readonly Row[] = [
  { name: "SMAXV", opcode: "001 000", isSigned: true, none: least, join: max },
  { name: "UMAXV", opcode: "001 001", none: zero, join: max },
  { name: "SMINV", opcode: "001 010", isSigned: true, none: greatest, join: min },
  { name: "UMINV", opcode: "001 011", none: ones, join: min },
  { name: "ORV", opcode: "011 000", none: zero, join: (a, b) => a | b },
  { name: "EORV", opcode: "011 001", none: zero, join: (a, b) => a ^ b },
  { name: "ANDV", opcode: "011 010", none: ones, join: (a, b) => a & b },
];

/** @param isSum whether the result is of 64 bits, whatever the lanes are */
function reduction({ name, opcode, isSigned = false, none, join }: Row, isSum: boolean): Definition {
  const resultSize = (size: number) => isSum ? 3 : size;
  return sve(name, `00000100 size:2 ${opcode} 001 Pg:3 Zn:5 Vd:5`, {
    valid: hasSizes(...(isSum && isSigned ? [0, 1, 2] : [0, 1, 2, 3])),
    assembly: ({ size, Pg, Zn, Vd }) =>
      `${name.toLowerCase()} ${v(Vd!, resultSize(size!))}, p${Pg}, ${z(Zn!, size!)}`,
    run(cpu, { size, Pg, Zn, Vd }) {
      const active = lanesOf(cpu, Zn!, size!, isSigned).filter((_, lane) => isActive(cpu, Pg!, size!, lane));
      setScalar(cpu, Vd!, resultSize(size!), active.reduce(join, none(8 << size!)));
    },
  });
}

export const sveIntegerReduce: readonly Definition[] = [
  ...sums.map((row) => reduction(row, true)),
  ...rows.map((row) => reduction(row, false)),
];
