// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Multiply-Add - Indexed" and "SVE Floating-Point Multiply
// - Indexed": by one lane of each quadword of Zm.

import type { Definition } from "../definition.ts";
import { FPMul } from "../float/arithmetic.ts";
import { FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import { sve, zLane, zNames } from "./sve_assembly.ts";
import { elementOf, type Indexing, sameWidth } from "./sve_indexed.ts";
import { floatFast, floatFastPaths, fusedFastPath } from "./sve_float_fast.ts";
import { formatOfSize } from "./sve_float_formats.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const multiplyAdd = (name: string, op: 0 | 1) => (indexing: Indexing): Definition => {
  const { size, encoding, index } = indexing, format = formatOfSize(size);
  const path = fusedFastPath(op === 1, false);
  return sve(`${name} (indexed, ${"BHSD"[size]})`, `01100100 ${encoding} 00000 ${op} Zn:5 Zda:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, size, "Zda", "Zn")}, ${zLane(f.Zm!, size, index(f))}`,
    ...(path && floatFast(path, "Zda", ["Zda", "Zn", "Zm"], false, indexing)),
    run(cpu, f) {
      const result = (lane: number) => {
        const n = laneOf(cpu, f.Zn!, size, lane), m = elementOf(cpu, f, indexing, lane);
        return FPMulAdd(laneOf(cpu, f.Zda!, size, lane), op ? FPNeg(n, format) : n, m, format, cpu);
      };
      setLanes(cpu, f.Zda!, size, eachLane(cpu, size, result));
    },
  });
};

const multiply = (indexing: Indexing): Definition => {
  const { size, encoding, index } = indexing, format = formatOfSize(size);
  return sve(`FMUL (indexed, ${"BHSD"[size]})`, `01100100 ${encoding} 001000 Zn:5 Zd:5`, {
    assembly: (f) => `fmul ${zNames(f, size, "Zd", "Zn")}, ${zLane(f.Zm!, size, index(f))}`,
    ...floatFast(floatFastPaths.FMUL!, "Zd", ["Zn", "Zm"], false, indexing),
    run(cpu, f) {
      const result = (lane: number) =>
        FPMul(laneOf(cpu, f.Zn!, size, lane), elementOf(cpu, f, indexing, lane), format, cpu);
      setLanes(cpu, f.Zd!, size, eachLane(cpu, size, result));
    },
  });
};

export const sveFloatIndexed: readonly Definition[] = [
  ...sameWidth.map(multiplyAdd("FMLA", 0)),
  ...sameWidth.map(multiplyAdd("FMLS", 1)),
  ...sameWidth.map(multiply),
];
