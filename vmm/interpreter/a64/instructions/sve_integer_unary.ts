// Arm DDI 0487, "SVE encodings", "SVE Integer Unary Arithmetic - Predicated", and of "SVE Permute Vector -
// Predicated" the reversals within lanes: active lanes of Zd become the result of Zn's.

import type { Definition } from "../definition.ts";
import { hasSizes, merging, sve, z } from "./sve_assembly.ts";
import { mergeOfOne, type OfOne } from "./sve_lane_operations.ts";

const lengthOf = (value: bigint) => value === 0n ? 0 : value.toString(2).length;
const leadingZeroes: OfOne = (n, bits) => BigInt(bits - lengthOf(n));
/** Bits after the highest that are the same as it. */
const leadingSigns: OfOne = (n, bits) => BigInt(bits - 1 - lengthOf(n < 0n ? ~n : n));

const countOnes: OfOne = (n) => {
  let count = 0n;
  for (let rest = n; rest !== 0n; rest &= rest - 1n) count++;
  return count;
};

/** In pieces of so many bits, the last first. */
const reversed = (piece: number): OfOne => (n, bits) => {
  let result = 0n;
  for (let at = 0; at < bits; at += piece) {
    result = result << BigInt(piece) | BigInt.asUintN(piece, n >> BigInt(at));
  }
  return result;
};

const low = (bits: number): OfOne => (n) => BigInt.asUintN(bits, n);
const lowSigned = (bits: number): OfOne => (n) => BigInt.asIntN(bits, n);
/** A lane's sign, its highest bit. */
const sign = (bits: number) => 1n << BigInt(bits - 1);

interface Row {
  readonly name: string;
  /** Bits 21 to 13 of the encoding. */
  readonly opcode: string;
  readonly compute: OfOne;
  readonly isSigned?: boolean;
  readonly sizes?: readonly number[];
}

const rows: readonly Row[] = [
  { name: "SXTB", opcode: "010 000 101", compute: lowSigned(8), sizes: [1, 2, 3] },
  { name: "UXTB", opcode: "010 001 101", compute: low(8), sizes: [1, 2, 3] },
  { name: "SXTH", opcode: "010 010 101", compute: lowSigned(16), sizes: [2, 3] },
  { name: "UXTH", opcode: "010 011 101", compute: low(16), sizes: [2, 3] },
  { name: "SXTW", opcode: "010 100 101", compute: lowSigned(32), sizes: [3] },
  { name: "UXTW", opcode: "010 101 101", compute: low(32), sizes: [3] },
  { name: "ABS", opcode: "010 110 101", compute: (n) => n < 0n ? -n : n, isSigned: true },
  { name: "NEG", opcode: "010 111 101", compute: (n) => -n },
  { name: "CLS", opcode: "011 000 101", compute: leadingSigns, isSigned: true },
  { name: "CLZ", opcode: "011 001 101", compute: leadingZeroes },
  { name: "CNT", opcode: "011 010 101", compute: countOnes },
  { name: "CNOT", opcode: "011 011 101", compute: (n) => n === 0n ? 1n : 0n },
  { name: "FABS", opcode: "011 100 101", compute: (n, bits) => n & ~sign(bits), sizes: [1, 2, 3] },
  { name: "FNEG", opcode: "011 101 101", compute: (n, bits) => n ^ sign(bits), sizes: [1, 2, 3] },
  { name: "NOT", opcode: "011 110 101", compute: (n) => ~n },
];

const reversals: readonly Row[] = [
  { name: "REVB", opcode: "100 100 100", compute: reversed(8), sizes: [1, 2, 3] },
  { name: "REVH", opcode: "100 101 100", compute: reversed(16), sizes: [2, 3] },
  { name: "REVW", opcode: "100 110 100", compute: reversed(32), sizes: [3] },
  { name: "RBIT", opcode: "100 111 100", compute: reversed(1) },
];

const definition = (
  group: string,
  { name, opcode, compute, isSigned = false, sizes = [0, 1, 2, 3] }: Row,
): Definition =>
  sve(`${name} (predicated)`, `${group} size:2 ${opcode} Pg:3 Zn:5 Zd:5`, {
    valid: hasSizes(...sizes),
    assembly: (f) => `${name.toLowerCase()} ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`,
    run: mergeOfOne(compute, isSigned),
  });

export const sveIntegerUnary: readonly Definition[] = [
  ...rows.map((row) => definition("00000100", row)),
  ...reversals.map((row) => definition("00000101", row)),
];
