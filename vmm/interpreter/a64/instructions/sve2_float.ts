// SVE2's instructions on floating-point numbers (Arm DDI 0487, "SVE encodings", "SVE2 Floating-Point Pairwise
// Operations", "SVE2 Floating-Point Convert Precision Odd Elements", "SVE2 Floating-Point Convert to Integer",
// "SVE2 FP16 Multiply-Add Long" and its indexed form).

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { FPAdd } from "../float/arithmetic.ts";
import { FPConvert } from "../float/convert.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { DOUBLE, FPNeg, HALF, SINGLE } from "../float/format.ts";
import { FPMulAddH } from "../float/fused.ts";
import { FPLogB } from "../float/logarithm.ts";
import { FPRounding_ODD } from "../float/status.ts";
import type { Binary } from "./float_formats.ts";
import { merging, sve2, z, zLane, zNames } from "./sve_assembly.ts";
import { convertPrecision } from "./sve_float_convert.ts";
import { formatOfSize, mergeFloatOfOne } from "./sve_float_formats.ts";
import { elementOf, halfWidth } from "./sve_indexed.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const isFloat = ({ size }: Fields) => size !== 0;

/** Of neighbours: the first operand's to even lanes, the second's to odd ones. */
const pairwise = (name: string, opcode: string, compute: Binary): Definition =>
  sve2(name, `01100100 size:2 010 ${opcode} 100 Pg:3 Zm:5 Zdn:5`, {
    valid: isFloat,
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}`,
    run(cpu, { Zdn, Zm, Pg, size }) {
      const format = formatOfSize(size!);
      mergeLanes(cpu, Zdn!, Pg!, size!, (lane) => {
        const of = (part: number) => laneOf(cpu, lane & 1 ? Zm! : Zdn!, size!, (lane & ~1) + part);
        return compute(of(0), of(1), format, cpu);
      });
    },
  });

const FLOGB = sve2("FLOGB", "01100101 00 011 size:2 0 101 Pg:3 Zn:5 Zd:5", {
  valid: isFloat,
  assembly: (f) => `flogb ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`,
  run: mergeFloatOfOne(FPLogB),
});

const conversionAssembly = (name: string, to: number, from: number): Definition["assembly"] => (f) =>
  `${name.toLowerCase()} ${z(f.Zd!, to)}, ${merging(f)}, ${z(f.Zn!, from)}`;

const titled = (name: string, from: number, to: number) => `${name} (${"BHSD"[from]} to ${"BHSD"[to]})`;

/** From odd lanes. */
const lengthen = (opcode: string, from: number): Definition => {
  const to = from + 1;
  return sve2(titled("FCVTLT", from, to), `01100100 ${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    assembly: conversionAssembly("FCVTLT", to, from),
    run(cpu, { Zd, Zn, Pg }) {
      mergeLanes(
        cpu,
        Zd!,
        Pg!,
        to,
        (lane) => convertPrecision(laneOf(cpu, Zn!, from, 2 * lane + 1), from, to, cpu),
      );
    },
  });
};

type Convert = (value: bigint, from: number, to: number, cpu: Cpu) => bigint;

/** To odd lanes, the even ones stay; or to even ones, and zeroes to those above. */
const narrow = (name: string, opcode: string, from: number, isTop: boolean, convert: Convert): Definition => {
  const to = from - 1;
  return sve2(titled(name, from, to), `${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    assembly: conversionAssembly(name, to, from),
    run(cpu, { Zd, Zn, Pg }) {
      mergeLanes(cpu, Zd!, Pg!, from, (lane) => {
        const value = convert(laneOf(cpu, Zn!, from, lane), from, to, cpu);
        return isTop ? value << BigInt(8 << to) | laneOf(cpu, Zd!, to, 2 * lane) : value;
      });
    },
  });
};

/** Inexact results have their lowest bit set, so that rounding them again is right. */
const toOdd: Convert = (value, _, __, cpu) => FPConvert(value, DOUBLE, SINGLE, FPRounding_ODD, cpu);

/** Products of halves: even ones or, as T, odd ones. */
function multiplyAdd(cpu: Cpu, f: Fields, op: 0 | 1, second: (half: number, sum: number) => bigint) {
  const of = (lane: number) => {
    const half = 2 * lane + f.T!, n = laneOf(cpu, f.Zn!, 1, half), m = second(half, lane);
    return FPMulAddH(laneOf(cpu, f.Zda!, 2, lane), op ? FPNeg(n, HALF) : n, m, cpu);
  };
  setLanes(cpu, f.Zda!, 2, eachLane(cpu, 2, of));
}

const halves = halfWidth[0]!;

const long = (name: string, op: 0 | 1): Definition[] => {
  const start = (f: Fields) => `${name.toLowerCase()}${f.T ? "t" : "b"} ${z(f.Zda!, 2)}, ${z(f.Zn!, 1)}`;
  return [
    sve2(`${name}B, ${name}T (vectors)`, `01100100 10 1 Zm:5 10 ${op} 00 T:1 Zn:5 Zda:5`, {
      assembly: (f) => `${start(f)}, ${z(f.Zm!, 1)}`,
      run: (cpu, f) => multiplyAdd(cpu, f, op, (half) => laneOf(cpu, f.Zm!, 1, half)),
    }),
    sve2(
      `${name}B, ${name}T (indexed)`,
      `01100100 ${halves.encoding} 01 ${op} 0 ${halves.low} T:1 Zn:5 Zda:5`,
      {
        assembly: (f) => `${start(f)}, ${zLane(f.Zm!, 1, halves.index(f))}`,
        run: (cpu, f) => multiplyAdd(cpu, f, op, (half) => elementOf(cpu, f, halves, half)),
      },
    ),
  ];
};

export const sve2Float: readonly Definition[] = [
  pairwise("FADDP", "000", FPAdd),
  pairwise("FMAXNMP", "100", FPMaxNum),
  pairwise("FMINNMP", "101", FPMinNum),
  pairwise("FMAXP", "110", FPMax),
  pairwise("FMINP", "111", FPMin),
  FLOGB,
  lengthen("10 001001", 1),
  lengthen("11 001011", 2),
  narrow("FCVTNT", "01100100 10 001000", 2, true, convertPrecision),
  narrow("FCVTNT", "01100100 11 001010", 3, true, convertPrecision),
  narrow("FCVTX", "01100101 00 001010", 3, false, toOdd),
  narrow("FCVTXNT", "01100100 00 001010", 3, true, toOdd),
  ...long("FMLAL", 0),
  ...long("FMLSL", 1),
];
