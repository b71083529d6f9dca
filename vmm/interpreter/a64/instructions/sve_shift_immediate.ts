// Arm DDI 0487, "SVE encodings", "SVE Bitwise Shift by Immediate - Predicated" and "SVE Bitwise Shift -
// Unpredicated". The highest bit of tszh:tszl that is set is the size; those below it and imm3 are the
// amount.

import type { Definition, Fields } from "../definition.ts";
import { shiftRight as shiftRightLanes, shlLanes } from "../simd_vocabulary.ts";
import { type I32, type V128, wrap } from "../vocabulary.ts";
import { quadwords } from "./sve_quadwords.ts";
import { hasSizes, merging, sve, z, zNames } from "./sve_assembly.ts";
import { shiftLeft, shiftRight } from "./sve_integer_binary.ts";
import { mergeLanes, type OfTwo } from "./sve_lane_operations.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const tsz = ({ tszh, tszl }: Fields) => tszh! << 2 | tszl!;
export const sizeOf = (f: Fields) => 31 - Math.clz32(tsz(f));
export const hasTszSize = (size: number) => (f: Fields) => sizeOf(f) === size;
export const isSized = (f: Fields) => tsz(f) !== 0;

/** 1 to the lane's bits, and 0 to one less. */
export const rightAmount = (f: Fields) => (16 << sizeOf(f)) - (tsz(f) << 3 | f.imm3!);
export const leftAmount = (f: Fields) => (tsz(f) << 3 | f.imm3!) - (8 << sizeOf(f));

/** Towards zero. */
const divide: OfTwo = (value, amount) => value / (1n << amount);

interface Row {
  readonly name: string;
  readonly isSigned: boolean;
  readonly amount: (fields: Fields) => number;
  readonly compute: OfTwo;
  /** Bits of the encodings; ASRD is predicated only. */
  readonly predicated: string;
  readonly unpredicated?: string;
  /** Of a quadword's lanes. */
  readonly shift?: (size: number, n: V128, amount: I32, isSigned: boolean) => V128;
}

const rows: readonly Row[] = [
  {
    name: "ASR",
    isSigned: true,
    amount: rightAmount,
    compute: shiftRight,
    predicated: "0000",
    unpredicated: "00",
    shift: shiftRightLanes,
  },
  {
    name: "LSR",
    isSigned: false,
    amount: rightAmount,
    compute: shiftRight,
    predicated: "0001",
    unpredicated: "01",
    shift: shiftRightLanes,
  },
  {
    name: "LSL",
    isSigned: false,
    amount: leftAmount,
    compute: shiftLeft,
    predicated: "0011",
    unpredicated: "11",
    shift: shlLanes,
  },
  { name: "ASRD", isSigned: true, amount: rightAmount, compute: divide, predicated: "0100" },
];

const predicated = ({ name, isSigned, amount, compute, predicated, shift }: Row): Definition[] => {
  const encoding = `00000100 tszh:2 00 ${predicated} 100 Pg:3 tszl:2 imm3:3 Zdn:5`;
  const assembly: Definition["assembly"] = (f) => {
    const Zdn = z(f.Zdn!, sizeOf(f));
    return `${name.toLowerCase()} ${Zdn}, ${merging(f)}, ${Zdn}, #${amount(f)}`;
  };
  if (shift) {
    return [0, 1, 2, 3].map((size) =>
      sve(`${name} (immediate, predicated, ${"BHSD"[size]})`, encoding, {
        valid: hasTszSize(size),
        assembly,
        ...quadwords(
          { operands: ["Zdn"], sizes: size, isMerging: true, immediate: amount },
          (_, of, __, t) => shift(size, of("Zdn"), wrap(t.immediate()), isSigned),
        ),
      })
    );
  }
  const run: Definition["run"] = (cpu, f) => {
    const size = sizeOf(f),
      by = BigInt(amount(f)),
      of = (lane: number) => laneOf(cpu, f.Zdn!, size, lane, isSigned);
    mergeLanes(cpu, f.Zdn!, f.Pg!, size, (lane) => compute(of(lane), by, 8 << size));
  };
  return [sve(`${name} (immediate, predicated)`, encoding, { valid: isSized, assembly, run })];
};

const unpredicated = ({ name, isSigned, amount, compute, unpredicated, shift }: Row): Definition[] =>
  unpredicated === undefined || !shift ? [] : [
    ...[0, 1, 2, 3].map((size) =>
      sve(
        `${name} (immediate, unpredicated, ${"BHSD"[size]})`,
        `00000100 tszh:2 1 tszl:2 imm3:3 1001 ${unpredicated} Zn:5 Zd:5`,
        {
          valid: hasTszSize(size),
          assembly: (f) => `${name.toLowerCase()} ${zNames(f, size, "Zd", "Zn")}, #${amount(f)}`,
          ...quadwords(
            { operands: ["Zd", "Zn"], sizes: size, immediate: amount },
            (_, of, __, t) => shift(size, of("Zn"), wrap(t.immediate()), isSigned),
          ),
        },
      )
    ),
    sve(`${name} (wide elements, unpredicated)`, `00000100 size:2 1 Zm:5 1000 ${unpredicated} Zn:5 Zd:5`, {
      valid: hasSizes(0, 1, 2),
      assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn")}, ${z(f.Zm!, 3)}`,
      run(cpu, f) {
        const size = f.size!;
        const values = eachLane(cpu, size, (lane) => {
          const by = laneOf(cpu, f.Zm!, 3, lane >> 3 - size);
          return compute(laneOf(cpu, f.Zn!, size, lane, isSigned), by, 8 << size);
        });
        setLanes(cpu, f.Zd!, size, values);
      },
    }),
  ];

export const sveShiftImmediate: readonly Definition[] = [
  ...rows.flatMap(predicated),
  ...rows.flatMap(unpredicated),
];
