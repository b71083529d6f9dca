// Arm DDI 0487, "SVE encodings", "SVE Integer Binary Arithmetic - Predicated" and "SVE Bitwise Shift -
// Predicated" by vectors: active lanes of the first operand's register become the result.

import type { Definition } from "../definition.ts";
import { addLanes, andBits, andNot, mulLanes, orBits, subLanes, xorBits } from "../simd_vocabulary.ts";
import { hasSizes, merging, sve, z, zNames } from "./sve_assembly.ts";
import {
  bothSigned,
  mergeLanes,
  mergeOfTwo,
  type OfTwo,
  type Signs,
  unsigned,
} from "./sve_lane_operations.ts";
import { type Both, distance, max, min } from "./sve_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { laneOf } from "./sve_registers.ts";

interface Row {
  readonly name: string;
  /** Bits 21 to 13 of the encoding. */
  readonly opcode: string;
  readonly signs: Signs;
  readonly compute: OfTwo;
  readonly sizes?: readonly number[];
}

const highHalf: OfTwo = (a, b, bits) => a * b >> BigInt(bits);
/** By zero it is zero. */
const quotient: OfTwo = (a, b) => b === 0n ? 0n : a / b;
export const swapped = (compute: OfTwo): OfTwo => (a, b, bits) => compute(b, a, bits);

/** By the unsigned amount; what is shifted further than its width is all sign, or zero. */
export const shiftRight: OfTwo = (value, amount, bits) => value >> (amount < bits ? amount : BigInt(bits));
export const shiftLeft: OfTwo = (value, amount, bits) => amount < bits ? value << amount : 0n;

const row = (name: string, opcode: string, signs: Signs, compute: OfTwo): Row => ({
  name,
  opcode,
  signs,
  compute,
});

/** S and U before the name: of signed lanes and of unsigned ones. */
const both = (name: string, opcode: (U: string) => string, compute: OfTwo): Row[] => [
  row(`S${name}`, opcode("0"), bothSigned, compute),
  row(`U${name}`, opcode("1"), unsigned, compute),
];

const division = [2, 3];
const signedValue: Signs = { n: true }, signedAmount: Signs = { m: true };

const rows: readonly Row[] = [
  ...both("MULH", (U) => `010 01${U} 000`, highHalf),
  ...both("DIV", (U) => `010 10${U} 000`, quotient).map((each) => ({ ...each, sizes: division })),
  ...both("DIVR", (U) => `010 11${U} 000`, swapped(quotient)).map((each) => ({ ...each, sizes: division })),
  row("ASR", "010 000 100", signedValue, shiftRight),
  row("LSR", "010 001 100", unsigned, shiftRight),
  row("LSL", "010 011 100", unsigned, shiftLeft),
  row("ASRR", "010 100 100", signedAmount, swapped(shiftRight)),
  row("LSRR", "010 101 100", unsigned, swapped(shiftRight)),
  row("LSLR", "010 111 100", unsigned, swapped(shiftLeft)),
];

const plain = (operate: typeof addLanes): Both => (size, _, n, m) => operate(size, n, m);
const bitwise = (operate: typeof andBits): Both => (_, __, n, m) => operate(n, m);

/** Bits 21 to 16 of the encoding, and whether lanes are signed. */
type Generated = readonly [name: string, opcode: string, isSigned: boolean, compute: Both];

/** The same with S and U before the name: the letter U of the encoding. */
const eitherSign = (name: string, opcode: string, compute: Both): readonly Generated[] => [
  [`S${name}`, opcode.replace("U", "0"), true, compute],
  [`U${name}`, opcode.replace("U", "1"), false, compute],
];

const inQuadwords: readonly Generated[] = [
  ["ADD", "000 000", false, plain(addLanes)],
  ["SUB", "000 001", false, plain(subLanes)],
  ["SUBR", "000 011", false, plain((size, n, m) => subLanes(size, m, n))],
  ...eitherSign("MAX", "001 00U", max),
  ...eitherSign("MIN", "001 01U", min),
  ...eitherSign("ABD", "001 10U", distance),
  ["MUL", "010 000", false, plain(mulLanes)],
  ["ORR", "011 000", false, bitwise(orBits)],
  ["EOR", "011 001", false, bitwise(xorBits)],
  ["AND", "011 010", false, bitwise(andBits)],
  ["BIC", "011 011", false, bitwise(andNot)],
];

const names = (name: string) => name.toLowerCase();

const assembly = (name: string): Definition["assembly"] => (f) =>
  `${names(name)} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}`;

const generated = ([name, opcode, isSigned, compute]: Generated): Definition =>
  sve(`${name} (vectors, predicated)`, `00000100 size:2 ${opcode} 000 Pg:3 Zm:5 Zdn:5`, {
    assembly: assembly(name),
    ...quadwords(
      { operands: ["Zdn", "Zm"], sizes: [0, 1, 2, 3], isMerging: true },
      (size, of) => compute(size, isSigned, of("Zdn"), of("Zm")),
    ),
  });

const laneByLane = ({ name, opcode, signs, compute, sizes = [0, 1, 2, 3] }: Row): Definition =>
  sve(`${name} (vectors, predicated)`, `00000100 size:2 ${opcode} Pg:3 Zm:5 Zdn:5`, {
    valid: hasSizes(...sizes),
    assembly: assembly(name),
    run: mergeOfTwo(compute, signs),
  });

/** By the doubleword of Zm that the lane is in. */
const wideShift = (name: string, opcode: string, isSigned: boolean, compute: OfTwo): Definition =>
  sve(`${name} (wide elements, predicated)`, `00000100 size:2 011 ${opcode} 100 Pg:3 Zm:5 Zdn:5`, {
    valid: hasSizes(0, 1, 2),
    assembly: (f) =>
      `${names(name)} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${z(f.Zdn!, f.size!)}, ${z(f.Zm!, 3)}`,
    run(cpu, f) {
      const size = f.size!;
      mergeLanes(cpu, f.Zdn!, f.Pg!, size, (lane) => {
        const amount = laneOf(cpu, f.Zm!, 3, lane >> 3 - size);
        return compute(laneOf(cpu, f.Zdn!, size, lane, isSigned), amount, 8 << size);
      });
    },
  });

export const sveIntegerBinary: readonly Definition[] = [
  ...inQuadwords.map(generated),
  ...rows.map(laneByLane),
  wideShift("ASR", "000", true, shiftRight),
  wideShift("LSR", "001", false, shiftRight),
  wideShift("LSL", "011", false, shiftLeft),
];
