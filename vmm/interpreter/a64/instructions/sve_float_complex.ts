// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Complex Add", "... Multiply-Add" and "... Multiply-Add -
// Indexed": FCADD and FCMLA of complex numbers in pairs of lanes, the real part in the even one.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { FPAdd } from "../float/arithmetic.ts";
import { type FloatFormat, FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import { merging, sve, z, zLane, zNames } from "./sve_assembly.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const negateIf = (isNegated: boolean, value: bigint, format: FloatFormat) =>
  isNegated ? FPNeg(value, format) : value;

/** A lane of the first number and the other lane of the second, turned by a quarter or by three. */
function add(cpu: Cpu, { Zdn, Zm, size, rot }: Fields, lane: number): bigint {
  const format = formatOfSize(size!), isImaginary = lane % 2;
  const other = laneOf(cpu, Zm!, size!, lane ^ 1);
  const turned = negateIf(rot === isImaginary, other, format);
  return FPAdd(laneOf(cpu, Zdn!, size!, lane), turned, format, cpu);
}

/** A lane of half a product, turned by `rot` quarters, added to what there is. */
function multiplyAdd(cpu: Cpu, { Zda, Zn, rot }: Fields, size: number, lane: number, m: readonly bigint[]) {
  const format = formatOfSize(size), isImaginary = lane % 2, odd = rot! % 2;
  const n = laneOf(cpu, Zn!, size, lane - isImaginary + odd);
  const isNegated = isImaginary ? rot! >= 2 : rot === 1 || rot === 2;
  const factor = negateIf(isNegated, m[isImaginary ^ odd]!, format);
  return FPMulAdd(laneOf(cpu, Zda!, size, lane), n, factor, format, cpu);
}

const pairOf = (cpu: Cpu, Zm: number, size: number, pair: number) =>
  [0, 1].map((part) => laneOf(cpu, Zm, size, 2 * pair + part));

const FCADD = sveFloat("FCADD (vectors)", "01100100 size:2 00000 rot:1 100 Pg:3 Zm:5 Zdn:5", {
  assembly: (f) =>
    `fcadd ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}, #${f.rot ? 270 : 90}`,
  run: (cpu, f) => mergeLanes(cpu, f.Zdn!, f.Pg!, f.size!, (lane) => add(cpu, f, lane)),
});

const FCMLA = sveFloat("FCMLA (vectors)", "01100100 size:2 0 Zm:5 0 rot:2 Pg:3 Zn:5 Zda:5", {
  assembly: (f) =>
    `fcmla ${z(f.Zda!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zn", "Zm")}, #${90 * f.rot!}`,
  run(cpu, f) {
    const result = (lane: number) =>
      multiplyAdd(cpu, f, f.size!, lane, pairOf(cpu, f.Zm!, f.size!, lane >> 1));
    mergeLanes(cpu, f.Zda!, f.Pg!, f.size!, result);
  },
});

/** By one pair of each quadword. */
const indexed = (size: number, encoding: string, index: string): Definition =>
  sve(`FCMLA (indexed, ${"BHSD"[size]})`, `01100100 ${encoding} 0001 rot:2 Zn:5 Zda:5`, {
    assembly: (f) =>
      `fcmla ${zNames(f, size, "Zda", "Zn")}, ${zLane(f.Zm!, size, f[index]!)}, #${90 * f.rot!}`,
    run(cpu, f) {
      const pairs = 8 >> size;
      const values = eachLane(cpu, size, (lane) => {
        const pair = lane >> 1;
        return multiplyAdd(cpu, f, size, lane, pairOf(cpu, f.Zm!, size, pair - pair % pairs + f[index]!));
      });
      setLanes(cpu, f.Zda!, size, values);
    },
  });

export const sveFloatComplex: readonly Definition[] = [
  FCADD,
  FCMLA,
  indexed(1, "10 1 i2:2 Zm:3", "i2"),
  indexed(2, "11 1 i1:1 Zm:4", "i1"),
];
