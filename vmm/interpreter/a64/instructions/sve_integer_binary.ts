// Arm DDI 0487, "SVE encodings", "SVE Integer Binary Arithmetic - Predicated" and "SVE Bitwise Shift -
// Predicated" by vectors: active lanes of the first operand's register become the result.

import type { Definition } from "../definition.ts";
import { addLanes, andBits, andNot, mulLanes, orBits, subLanes, xorBits } from "../simd_vocabulary.ts";
import {
  bind64,
  choose,
  const64,
  divS,
  divU,
  eq,
  eqz,
  extend16,
  extend32,
  extend8,
  type I64,
  ltU,
  mul,
  select,
  shl,
  shrS,
  shrU,
  sub,
} from "../vocabulary.ts";
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
import { laneByLane, orRun, quadwords } from "./sve_quadwords.ts";
import { laneOf } from "./sve_registers.ts";

/** Of lanes that are extended by zeroes. */
type OfLanes = (size: number, n: I64, m: I64) => I64;

interface Row {
  readonly name: string;
  /** Bits 21 to 13 of the encoding. */
  readonly opcode: string;
  readonly compute: OfLanes;
  readonly sizes?: readonly number[];
}

const signExtended = (size: number, lane: I64): I64 => [extend8, extend16, extend32][size]?.(lane) ?? lane;
const ofSigned = (compute: OfLanes): OfLanes => (size, n, m) =>
  compute(size, signExtended(size, n), signExtended(size, m));

export const swapped =
  <Value, Result>(compute: (a: Value, b: Value, bits: number) => Result) =>
  (a: Value, b: Value, bits: number): Result => compute(b, a, bits);
const reverse = (compute: OfLanes): OfLanes => (size, n, m) => compute(size, m, n);

/** By zero it is zero, and no quotient is too large: the least number's by -1 is itself. */
const quotient = (divide: typeof divS, isSigned: boolean): OfLanes => (_, n, m) =>
  bind64(m, (divisor) => {
    const byOthers = isSigned
      ? choose(eq(divisor, const64(-1)), sub(const64(0), n), divide(n, divisor))
      : divide(n, divisor);
    return choose(eqz(divisor), const64(0), byOthers);
  });
const divisions = { S: ofSigned(quotient(divS, true)), U: quotient(divU, false) };

/** By the unsigned amount; what is shifted further than its width is all sign, or zero. */
export const shiftRight: OfTwo = (value, amount, bits) => value >> (amount < bits ? amount : BigInt(bits));
export const shiftLeft: OfTwo = (value, amount, bits) => amount < bits ? value << amount : 0n;

const orZero = (shift: typeof shl): OfLanes => (size, n, m) =>
  bind64(m, (amount) => select(ltU(amount, const64(8 << size)), shift(n, amount), const64(0)));
const left = orZero(shl), right = orZero(shrU);
const arithmeticRight: OfLanes = (size, n, m) =>
  bind64(m, (amount) => {
    const most = const64((8 << size) - 1);
    return shrS(signExtended(size, n), select(ltU(amount, most), amount, most));
  });

const words = [2, 3];

const rows: readonly Row[] = [
  { name: "SDIV", opcode: "010 100 000", compute: divisions.S, sizes: words },
  { name: "UDIV", opcode: "010 101 000", compute: divisions.U, sizes: words },
  { name: "SDIVR", opcode: "010 110 000", compute: reverse(divisions.S), sizes: words },
  { name: "UDIVR", opcode: "010 111 000", compute: reverse(divisions.U), sizes: words },
  { name: "ASR", opcode: "010 000 100", compute: arithmeticRight },
  { name: "LSR", opcode: "010 001 100", compute: right },
  { name: "LSL", opcode: "010 011 100", compute: left },
  { name: "ASRR", opcode: "010 100 100", compute: reverse(arithmeticRight) },
  { name: "LSRR", opcode: "010 101 100", compute: reverse(right) },
  { name: "LSLR", opcode: "010 111 100", compute: reverse(left) },
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

const inLanes = ({ name, opcode, compute, sizes = [0, 1, 2, 3] }: Row): Definition =>
  sve(`${name} (vectors, predicated)`, `00000100 size:2 ${opcode} Pg:3 Zm:5 Zdn:5`, {
    valid: hasSizes(...sizes),
    assembly: assembly(name),
    ...laneByLane(
      { operands: ["Zdn", "Zm"], sizes, isMerging: true },
      (size, of) => compute(size, of("Zdn"), of("Zm")),
    ),
  });

/** Products of 64 bits have no room for their high halves: those `run` does. */
const highHalf = (
  name: string,
  U: 0 | 1,
  signs: Signs,
  shift: typeof shrS,
  extend: typeof ofSigned,
): Definition => {
  const high = extend((size, n, m) => shift(mul(n, m), const64(8 << size)));
  return sve(`${name} (vectors, predicated)`, `00000100 size:2 010 01${U} 000 Pg:3 Zm:5 Zdn:5`, {
    assembly: assembly(name),
    ...orRun(
      [0, 1, 2],
      laneByLane(
        { operands: ["Zdn", "Zm"], sizes: [0, 1, 2], isMerging: true },
        (size, of) => high(size, of("Zdn"), of("Zm")),
      ),
    ),
    run: mergeOfTwo((a, b, bits) => a * b >> BigInt(bits), signs),
  });
};

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
  ...rows.map(inLanes),
  highHalf("SMULH", 0, bothSigned, shrS, ofSigned),
  highHalf("UMULH", 1, unsigned, shrU, (compute) => compute),
  wideShift("ASR", "000", true, shiftRight),
  wideShift("LSR", "001", false, shiftRight),
  wideShift("LSL", "011", false, shiftLeft),
];
