// Arm DDI 0487, "SVE encodings", "SVE Integer Wide Immediate - Unpredicated" and "- Predicated": constants to
// all lanes or to the active ones, and arithmetic with a constant.

import type { Definition, Fields } from "../definition.ts";
import { signed } from "./assembly_names.ts";
import { VFPExpandImm } from "./float_immediate.ts";
import { changeLanes, mergeLanes } from "./sve_lane_operations.ts";
import { sve, z, zeroing, zNames } from "./sve_assembly.ts";
import { saturate } from "./sve_element_count.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { quadwords } from "./sve_quadwords.ts";
import { splatBits } from "../simd_vocabulary.ts";
import { eachLane, isActive, setLanes } from "./sve_registers.ts";

const signedValue = ({ imm8, sh }: Fields) => signed(imm8!, 8) * (sh ? 256 : 1);
const unsignedValue = ({ imm8, sh }: Fields) => imm8! * (sh ? 256 : 1);
/** Bytes cannot be moved past their own width. */
const fitsSize = ({ size, sh }: Fields) => size !== 0 || sh === 0;

/** As binutils prints it: a zero that is shifted stays as it is written. */
const text = (f: Fields, value: number) => f.imm8 === 0 && f.sh ? "#0, lsl #8" : `#${value}`;

/** As C prints it with "%.18e". */
const floatText = (f: Fields) => floatValue(f.imm8!).toExponential(18).replace(/([+-])(\d)$/, "$10$2");
const floatValue = (imm8: number) =>
  (imm8 & 0x80 ? -1 : 1) * 2 ** ((imm8 >> 4 & 3) + (imm8 & 0x40 ? -3 : 1)) * (16 + (imm8 & 15)) / 16;

const moves: readonly Definition[] = [
  sve("DUP (immediate)", "00100101 size:2 111000 11 sh:1 imm8:8 Zd:5", {
    valid: fitsSize,
    assembly: (f) => `mov ${z(f.Zd!, f.size!)}, ${text(f, signedValue(f))}`,
    ...quadwords(
      { operands: ["Zd"], sizes: [0, 1, 2, 3], immediate: signedValue },
      (size, _, __, t) => splatBits(size, t.immediate()),
    ),
  }),
  sveFloat("FDUP", "00100101 size:2 111001 110 imm8:8 Zd:5", {
    assembly: (f) => `fmov ${z(f.Zd!, f.size!)}, #${floatText(f)}`,
    run(cpu, f) {
      const value = VFPExpandImm(f.imm8!, formatOfSize(f.size!));
      setLanes(cpu, f.Zd!, f.size!, eachLane(cpu, f.size!, () => value));
    },
  }),
  sve("CPY (immediate, merging)", "00000101 size:2 01 Pg:4 01 sh:1 imm8:8 Zd:5", {
    valid: fitsSize,
    assembly: (f) => `mov ${z(f.Zd!, f.size!)}, p${f.Pg}/m, ${text(f, signedValue(f))}`,
    run: (cpu, f) => mergeLanes(cpu, f.Zd!, f.Pg!, f.size!, () => BigInt(signedValue(f))),
  }),
  sve("CPY (immediate, zeroing)", "00000101 size:2 01 Pg:4 00 sh:1 imm8:8 Zd:5", {
    valid: fitsSize,
    assembly: (f) => `mov ${z(f.Zd!, f.size!)}, ${zeroing(f)}, ${text(f, signedValue(f))}`,
    run(cpu, f) {
      const value = BigInt(signedValue(f));
      const values = eachLane(cpu, f.size!, (lane) => isActive(cpu, f.Pg!, f.size!, lane) ? value : 0n);
      setLanes(cpu, f.Zd!, f.size!, values);
    },
  }),
  sveFloat("FCPY", "00000101 size:2 01 Pg:4 110 imm8:8 Zd:5", {
    assembly: (f) => `fmov ${z(f.Zd!, f.size!)}, p${f.Pg}/m, #${floatText(f)}`,
    run(cpu, f) {
      const value = VFPExpandImm(f.imm8!, formatOfSize(f.size!));
      mergeLanes(cpu, f.Zd!, f.Pg!, f.size!, () => value);
    },
  }),
];

type Compute = (value: bigint, immediate: bigint, bits: number) => bigint;

const arithmetic = (name: string, opcode: string, isSigned: boolean, compute: Compute): Definition =>
  sve(`${name} (immediate)`, `00100101 size:2 100 ${opcode} 11 sh:1 imm8:8 Zdn:5`, {
    valid: fitsSize,
    assembly: (f) =>
      `${name.toLowerCase()} ${zNames(f, f.size!, "Zdn", "Zdn")}, ${text(f, unsignedValue(f))}`,
    run(cpu, f) {
      const immediate = BigInt(unsignedValue(f)), bits = 8 << f.size!;
      changeLanes(cpu, f.Zdn!, f.size!, isSigned, (value) => compute(value, immediate, bits));
    },
  });

const simple = (name: string, opcode: string, isSigned: boolean, compute: Compute): Definition => {
  const immediate = ({ imm8 }: Fields) => isSigned ? signed(imm8!, 8) : imm8!;
  return sve(`${name} (immediate)`, `00100101 size:2 1 ${opcode} 110 imm8:8 Zdn:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zdn", "Zdn")}, #${immediate(f)}`,
    run(cpu, f) {
      const by = BigInt(immediate(f)), bits = 8 << f.size!;
      changeLanes(cpu, f.Zdn!, f.size!, isSigned, (value) => compute(value, by, bits));
    },
  });
};

export const sveWideImmediate: readonly Definition[] = [
  ...moves,
  arithmetic("ADD", "000", false, (a, b) => a + b),
  arithmetic("SUB", "001", false, (a, b) => a - b),
  arithmetic("SUBR", "011", false, (a, b) => b - a),
  arithmetic("SQADD", "100", true, (a, b, bits) => saturate(a + b, bits, false)),
  arithmetic("UQADD", "101", false, (a, b, bits) => saturate(a + b, bits, true)),
  arithmetic("SQSUB", "110", true, (a, b, bits) => saturate(a - b, bits, false)),
  arithmetic("UQSUB", "111", false, (a, b, bits) => saturate(a - b, bits, true)),
  simple("SMAX", "01000", true, (a, b) => a > b ? a : b),
  simple("UMAX", "01001", false, (a, b) => a > b ? a : b),
  simple("SMIN", "01010", true, (a, b) => a < b ? a : b),
  simple("UMIN", "01011", false, (a, b) => a < b ? a : b),
  simple("MUL", "10000", true, (a, b) => a * b),
];
