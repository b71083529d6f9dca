// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Unary Operations - Predicated", the roundings and roots,
// and "- Unpredicated", the estimates.

import type { Definition } from "../definition.ts";
import { FPSqrt } from "../float/arithmetic.ts";
import { FPRecipEstimate, FPRecpX, FPRSqrtEstimate } from "../float/estimate.ts";
import { FPRoundInt } from "../float/integer.ts";
import {
  FPRounding_NEGINF,
  FPRounding_POSINF,
  FPRounding_TIEAWAY,
  FPRounding_TIEEVEN,
  FPRounding_ZERO,
  FPRoundingMode,
} from "../float/status.ts";
import type { Unary } from "./float_formats.ts";
import { merging, z, zNames } from "./sve_assembly.ts";
import { floatFast, floatFastPaths } from "./sve_float_fast.ts";
import { formatOfSize, mergeFloatOfOne, sveFloat } from "./sve_float_formats.ts";
import { lanesOf, setLanes } from "./sve_registers.ts";

const round = (rounding: number): Unary => (a, format, status) =>
  FPRoundInt(a, rounding, false, format, status);
/** As FPCR says; FRINTX reports what was not exact. */
const roundAsSet = (isExact: boolean): Unary => (a, format, status) =>
  FPRoundInt(a, FPRoundingMode(status), isExact, format, status);

const predicated = (name: string, opcode: string, compute: Unary): Definition =>
  sveFloat(`${name} (predicated)`, `01100101 size:2 ${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`,
    ...(floatFastPaths[name] && floatFast(floatFastPaths[name], "Zd", ["Zn"], true)),
    run: mergeFloatOfOne(compute),
  });

const unpredicated = (name: string, opcode: string, compute: Unary): Definition =>
  sveFloat(name, `01100101 size:2 001 ${opcode} 001100 Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn")}`,
    run(cpu, { Zd, Zn, size }) {
      const format = formatOfSize(size!);
      setLanes(cpu, Zd!, size!, lanesOf(cpu, Zn!, size!).map((value) => compute(value, format, cpu)));
    },
  });

export const sveFloatUnary: readonly Definition[] = [
  predicated("FRINTN", "000000", round(FPRounding_TIEEVEN)),
  predicated("FRINTP", "000001", round(FPRounding_POSINF)),
  predicated("FRINTM", "000010", round(FPRounding_NEGINF)),
  predicated("FRINTZ", "000011", round(FPRounding_ZERO)),
  predicated("FRINTA", "000100", round(FPRounding_TIEAWAY)),
  predicated("FRINTX", "000110", roundAsSet(true)),
  predicated("FRINTI", "000111", roundAsSet(false)),
  predicated("FRECPX", "001100", FPRecpX),
  predicated("FSQRT", "001101", FPSqrt),
  unpredicated("FRECPE", "110", FPRecipEstimate),
  unpredicated("FRSQRTE", "111", FPRSqrtEstimate),
];
