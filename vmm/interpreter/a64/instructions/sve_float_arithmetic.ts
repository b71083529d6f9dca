// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Arithmetic - Unpredicated" and "- Predicated", with
// vectors and with the constants 0.0, 0.5, 1.0 and 2.0.

import type { Definition } from "../definition.ts";
import { FPAdd, FPDiv, FPMul, FPMulX, FPSub } from "../float/arithmetic.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { FPConstant } from "../float/format.ts";
import type { FloatFormat } from "../float/format.ts";
import { FPRecipStepFused, FPRSqrtStepFused } from "../float/fused.ts";
import { FPProcessNaN } from "../float/nan.ts";
import { FPRound } from "../float/round.ts";
import { FPRoundingMode } from "../float/status.ts";
import { FPUnpack, isInfinity, isNaN, isZero, Unpacked } from "../float/unpack.ts";
import type { Binary } from "./float_formats.ts";
import { FABD } from "./simd_float_functions.ts";
import { merging, z, zNames } from "./sve_assembly.ts";
import { floatFast, floatFastPaths } from "./sve_float_fast.ts";
import { floatOfTwo, formatOfSize, mergeFloatOfTwo, sveFloat } from "./sve_float_formats.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { laneOf } from "./sve_registers.ts";

const swapped = (compute: Binary): Binary => (a, b, format, status) => compute(b, a, format, status);

const number = new Unpacked();
/** More than any exponent there is. */
const farBeyond = 1n << 16n;

/** A number times two to the power of a signed integer: the shared pseudocode's FPScale. */
const FPScale: Binary = (a, b, format, status) => {
  FPUnpack(number, a, format, status);
  if (isNaN(number)) return FPProcessNaN(number.type, a, format, status);
  if (isInfinity(number)) return a;
  if (isZero(number)) return number.sign ? format.signMask : 0n;
  const scale = BigInt.asIntN(format.bits, b);
  const by = Number(scale > farBeyond ? farBeyond : scale < -farBeyond ? -farBeyond : scale);
  const { sign, mantissa, exponent } = number;
  return FPRound(sign, mantissa, exponent + by, format, status, FPRoundingMode(status));
};

const fastPath = (name: string, result: string, names: readonly string[], isMerging: boolean) => {
  const path = floatFastPaths[name];
  return path ? floatFast(path, result, names, isMerging) : {};
};

const unpredicated = (name: string, opcode: string, compute: Binary): Definition =>
  sveFloat(`${name} (vectors, unpredicated)`, `01100101 size:2 0 Zm:5 000 ${opcode} Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    ...fastPath(name, "Zd", ["Zn", "Zm"], false),
    run: floatOfTwo(compute),
  });

const predicated = (name: string, opcode: string, compute: Binary): Definition =>
  sveFloat(`${name} (vectors, predicated)`, `01100101 size:2 00 ${opcode} 100 Pg:3 Zm:5 Zdn:5`, {
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}`,
    ...fastPath(name, "Zdn", ["Zdn", "Zm"], true),
    run: mergeFloatOfTwo(compute),
  });

const constants: Readonly<Record<string, (format: FloatFormat) => bigint>> = {
  "0.0": () => 0n,
  "0.5": (format) => FPConstant(false, 2, format) - (1n << format.fraction),
  "1.0": (format) => FPConstant(false, 2, format),
  "2.0": (format) => FPConstant(false, 4, format),
};

/** @param texts the constants that the bit i1 stands for */
const immediate = (name: string, opcode: string, texts: readonly string[], compute: Binary): Definition =>
  sveFloat(`${name} (immediate)`, `01100101 size:2 011 ${opcode} 100 Pg:3 0000 i1:1 Zdn:5`, {
    assembly: (f) => {
      const Zdn = z(f.Zdn!, f.size!);
      return `${name.toLowerCase()} ${Zdn}, ${merging(f)}, ${Zdn}, #${texts[f.i1!]}`;
    },
    run(cpu, { Pg, Zdn, size, i1 }) {
      const format = formatOfSize(size!), value = constants[texts[i1!]!]!(format);
      const result = (lane: number) => compute(laneOf(cpu, Zdn!, size!, lane), value, format, cpu);
      mergeLanes(cpu, Zdn!, Pg!, size!, result);
    },
  });

const halfOne = ["0.5", "1.0"], halfTwo = ["0.5", "2.0"], zeroOne = ["0.0", "1.0"];

export const sveFloatArithmetic: readonly Definition[] = [
  unpredicated("FADD", "000", FPAdd),
  unpredicated("FSUB", "001", FPSub),
  unpredicated("FMUL", "010", FPMul),
  unpredicated("FRECPS", "110", FPRecipStepFused),
  unpredicated("FRSQRTS", "111", FPRSqrtStepFused),
  predicated("FADD", "0000", FPAdd),
  predicated("FSUB", "0001", FPSub),
  predicated("FMUL", "0010", FPMul),
  predicated("FSUBR", "0011", swapped(FPSub)),
  predicated("FMAXNM", "0100", FPMaxNum),
  predicated("FMINNM", "0101", FPMinNum),
  predicated("FMAX", "0110", FPMax),
  predicated("FMIN", "0111", FPMin),
  predicated("FABD", "1000", FABD),
  predicated("FSCALE", "1001", FPScale),
  predicated("FMULX", "1010", FPMulX),
  predicated("FDIVR", "1100", swapped(FPDiv)),
  predicated("FDIV", "1101", FPDiv),
  immediate("FADD", "000", halfOne, FPAdd),
  immediate("FSUB", "001", halfOne, FPSub),
  immediate("FMUL", "010", halfTwo, FPMul),
  immediate("FSUBR", "011", halfOne, swapped(FPSub)),
  immediate("FMAXNM", "100", zeroOne, FPMaxNum),
  immediate("FMINNM", "101", zeroOne, FPMinNum),
  immediate("FMAX", "110", zeroOne, FPMax),
  immediate("FMIN", "111", zeroOne, FPMin),
];
