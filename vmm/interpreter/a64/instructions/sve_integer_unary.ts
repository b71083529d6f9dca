// Arm DDI 0487, "SVE encodings", "SVE Integer Unary Arithmetic - Predicated", and of "SVE Permute Vector -
// Predicated" the reversals within lanes: active lanes of Zd become the result of Zn's.

import type { Definition } from "../definition.ts";
import {
  absolute,
  andBits,
  andNot,
  equal,
  negate,
  notBits,
  rearrange,
  shlLanes,
  shrSLanes,
  splatBits,
  xorBits,
} from "../simd_vocabulary.ts";
import { const32, const64, type V128 } from "../vocabulary.ts";
import { zeroQ } from "./load_store_lanes.ts";
import { hasSizes, merging, sve, z } from "./sve_assembly.ts";
import { mergeOfOne, type OfOne } from "./sve_lane_operations.ts";
import { signBit } from "./sve_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";

const lengthOf = (value: bigint) => value === 0n ? 0 : value.toString(2).length;
const leadingZeroes: OfOne = (n, bits) => BigInt(bits - lengthOf(n));
/** Bits after the highest that are the same as it. */
const leadingSigns: OfOne = (n, bits) => BigInt(bits - 1 - lengthOf(n < 0n ? ~n : n));

const countOnes: OfOne = (n) => {
  let count = 0n;
  for (let rest = n; rest !== 0n; rest &= rest - 1n) count++;
  return count;
};

const reversedBits: OfOne = (n, bits) => {
  let result = 0n;
  for (let at = 0; at < bits; at++) result = result << 1n | n >> BigInt(at) & 1n;
  return result;
};

/** Of all lanes of a quadword. */
type OfQuadword = (size: number, n: V128) => V128;

const low = (bits: number): OfQuadword => (size, n) =>
  andBits(n, splatBits(size, const64((1n << BigInt(bits)) - 1n)));
const lowSigned = (bits: number): OfQuadword => (size, n) => {
  const others = const32((8 << size) - bits);
  return shrSLanes(size, shlLanes(size, n, others), others);
};
const one = (size: number) => splatBits(size, const64(1));
/** Bytes within lanes, in pieces of so many; the last first. */
const reversedBytes = (piece: number): OfQuadword => (size, n) =>
  rearrange(n, (byte) => byte ^ (1 << size) - piece);

interface Generated {
  readonly name: string;
  /** Bits 21 to 13 of the encoding. */
  readonly opcode: string;
  readonly compute: OfQuadword;
  readonly sizes?: readonly number[];
}

const inQuadwords: readonly Generated[] = [
  { name: "SXTB", opcode: "010 000 101", compute: lowSigned(8), sizes: [1, 2, 3] },
  { name: "UXTB", opcode: "010 001 101", compute: low(8), sizes: [1, 2, 3] },
  { name: "SXTH", opcode: "010 010 101", compute: lowSigned(16), sizes: [2, 3] },
  { name: "UXTH", opcode: "010 011 101", compute: low(16), sizes: [2, 3] },
  { name: "SXTW", opcode: "010 100 101", compute: lowSigned(32), sizes: [3] },
  { name: "UXTW", opcode: "010 101 101", compute: low(32), sizes: [3] },
  { name: "ABS", opcode: "010 110 101", compute: absolute },
  { name: "NEG", opcode: "010 111 101", compute: negate },
  { name: "CNOT", opcode: "011 011 101", compute: (size, n) => andBits(equal(size, n, zeroQ), one(size)) },
  { name: "FABS", opcode: "011 100 101", compute: (size, n) => andNot(n, signBit(size)), sizes: [1, 2, 3] },
  { name: "FNEG", opcode: "011 101 101", compute: (size, n) => xorBits(n, signBit(size)), sizes: [1, 2, 3] },
  { name: "NOT", opcode: "011 110 101", compute: (_, n) => notBits(n) },
];

interface Row {
  readonly name: string;
  readonly opcode: string;
  readonly compute: OfOne;
  readonly isSigned?: boolean;
}

const rows: readonly Row[] = [
  { name: "CLS", opcode: "011 000 101", compute: leadingSigns, isSigned: true },
  { name: "CLZ", opcode: "011 001 101", compute: leadingZeroes },
  { name: "CNT", opcode: "011 010 101", compute: countOnes },
];

const reversals: readonly Generated[] = [
  { name: "REVB", opcode: "100 100 100", compute: reversedBytes(1), sizes: [1, 2, 3] },
  { name: "REVH", opcode: "100 101 100", compute: reversedBytes(2), sizes: [2, 3] },
  { name: "REVW", opcode: "100 110 100", compute: reversedBytes(4), sizes: [3] },
];

const assembly = (name: string): Definition["assembly"] => (f) =>
  `${name.toLowerCase()} ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`;

const generated = (group: string, { name, opcode, compute, sizes = [0, 1, 2, 3] }: Generated): Definition =>
  sve(`${name} (predicated)`, `${group} size:2 ${opcode} Pg:3 Zn:5 Zd:5`, {
    valid: hasSizes(...sizes),
    assembly: assembly(name),
    ...quadwords({ operands: ["Zd", "Zn"], sizes, isMerging: true }, (size, of) => compute(size, of("Zn"))),
  });

const laneByLane = (group: string, { name, opcode, compute, isSigned = false }: Row): Definition =>
  sve(`${name} (predicated)`, `${group} size:2 ${opcode} Pg:3 Zn:5 Zd:5`, {
    assembly: assembly(name),
    run: mergeOfOne(compute, isSigned),
  });

export const sveIntegerUnary: readonly Definition[] = [
  ...inQuadwords.map((row) => generated("00000100", row)),
  ...reversals.map((row) => generated("00000101", row)),
  ...rows.map((row) => laneByLane("00000100", row)),
  laneByLane("00000101", { name: "RBIT", opcode: "100 111 100", compute: reversedBits }),
];
