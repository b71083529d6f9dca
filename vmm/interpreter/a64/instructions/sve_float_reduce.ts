// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Fast Reduction" and "SVE Floating-Point Accumulating
// Reduction": the former joins neighbours, then their results, and so on; FADDA goes from lane to lane.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { FPAdd } from "../float/arithmetic.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { type FloatFormat, FPDefaultNaN, FPInfinity } from "../float/format.ts";
import type { Binary } from "./float_formats.ts";
import { v, z } from "./sve_assembly.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { isActive, laneCount, laneOf, setScalar } from "./sve_registers.ts";

/** As if the vector had a power of two of lanes, those that are not active being `none`. */
function reduce(cpu: Cpu, { size, Pg, Zn }: Fields, none: bigint, join: Binary): bigint {
  const count = laneCount(cpu, size!), format = formatOfSize(size!);
  const width = 1 << 32 - Math.clz32(count - 1);
  let values = Array.from(
    { length: width },
    (_, lane) => lane < count && isActive(cpu, Pg!, size!, lane) ? laneOf(cpu, Zn!, size!, lane) : none,
  );
  while (values.length > 1) {
    const half = values.length / 2, before = values;
    values = Array.from({ length: half }, (_, n) => join(before[2 * n]!, before[2 * n + 1]!, format, cpu));
  }
  return values[0]!;
}

function reduction(
  name: string,
  opcode: string,
  join: Binary,
  none: (format: FloatFormat) => bigint,
): Definition {
  return sveFloat(name, `01100101 size:2 000 ${opcode} 001 Pg:3 Zn:5 Vd:5`, {
    assembly: ({ size, Pg, Zn, Vd }) => `${name.toLowerCase()} ${v(Vd!, size!)}, p${Pg}, ${z(Zn!, size!)}`,
    run: (cpu, f) => setScalar(cpu, f.Vd!, f.size!, reduce(cpu, f, none(formatOfSize(f.size!)), join)),
  });
}

const FADDA = sveFloat("FADDA", "01100101 size:2 011000 001 Pg:3 Zm:5 Vdn:5", {
  assembly: ({ size, Pg, Zm, Vdn }) => `fadda ${v(Vdn!, size!)}, p${Pg}, ${v(Vdn!, size!)}, ${z(Zm!, size!)}`,
  run(cpu, { size, Pg, Zm, Vdn }) {
    const format = formatOfSize(size!), count = laneCount(cpu, size!);
    let sum = laneOf(cpu, Vdn!, size!, 0);
    for (let lane = 0; lane < count; lane++) {
      if (isActive(cpu, Pg!, size!, lane)) sum = FPAdd(sum, laneOf(cpu, Zm!, size!, lane), format, cpu);
    }
    setScalar(cpu, Vdn!, size!, sum);
  },
});

export const sveFloatReduce: readonly Definition[] = [
  reduction("FADDV", "000", FPAdd, () => 0n),
  reduction("FMAXNMV", "100", FPMaxNum, FPDefaultNaN),
  reduction("FMINNMV", "101", FPMinNum, FPDefaultNaN),
  reduction("FMAXV", "110", FPMax, (format) => FPInfinity(true, format)),
  reduction("FMINV", "111", FPMin, (format) => FPInfinity(false, format)),
  FADDA,
];
