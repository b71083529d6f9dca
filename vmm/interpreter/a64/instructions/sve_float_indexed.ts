// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Multiply-Add - Indexed" and "SVE Floating-Point Multiply
// - Indexed": by one lane of each quadword of Zm.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { FPMul } from "../float/arithmetic.ts";
import { FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import { sve, zLane, zNames } from "./sve_assembly.ts";
import { formatOfSize } from "./sve_float_formats.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

/** An index of as many bits as a quadword has lanes for, and a Zm of as many as are left. */
interface Indexing {
  readonly size: number;
  /** Bits 23 to 16 of the encoding. */
  readonly encoding: string;
  readonly index: (fields: Fields) => number;
}

const floatIndexings: readonly Indexing[] = [
  { size: 1, encoding: "0 i3h:1 1 i3l:2 Zm:3", index: ({ i3h, i3l }) => i3h! << 2 | i3l! },
  { size: 2, encoding: "10 1 i2:2 Zm:3", index: ({ i2 }) => i2! },
  { size: 3, encoding: "11 1 i1:1 Zm:4", index: ({ i1 }) => i1! },
];

/** The lane of Zm that goes with a lane of the same size. */
const elementOf = (cpu: Cpu, f: Fields, { size, index }: Indexing, lane: number) =>
  laneOf(cpu, f.Zm!, size, lane - lane % (16 >> size) + index(f));

const multiplyAdd = (name: string, op: 0 | 1) => (indexing: Indexing): Definition => {
  const { size, encoding, index } = indexing, format = formatOfSize(size);
  return sve(`${name} (indexed, ${"BHSD"[size]})`, `01100100 ${encoding} 00000 ${op} Zn:5 Zda:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, size, "Zda", "Zn")}, ${zLane(f.Zm!, size, index(f))}`,
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
    run(cpu, f) {
      const result = (lane: number) =>
        FPMul(laneOf(cpu, f.Zn!, size, lane), elementOf(cpu, f, indexing, lane), format, cpu);
      setLanes(cpu, f.Zd!, size, eachLane(cpu, size, result));
    },
  });
};

export const sveFloatIndexed: readonly Definition[] = [
  ...floatIndexings.map(multiplyAdd("FMLA", 0)),
  ...floatIndexings.map(multiplyAdd("FMLS", 1)),
  ...floatIndexings.map(multiply),
];
