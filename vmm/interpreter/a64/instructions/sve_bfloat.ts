// The instructions of BFloat16 numbers (Arm DDI 0487, "BFDOT", "BFMLALB", "BFMLALT", "BFMMLA", "BFCVT",
// "BFCVTNT" of "SVE Instructions": FEAT_BF16).

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { BFDotAdd } from "../float/bfloat_dot.ts";
import { FPConvertBF } from "../float/convert.ts";
import { BFMulAddH } from "../float/fused.ts";
import { merging, sve, sveBfloat, z, zLane } from "./sve_assembly.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

const needs = sveBfloat;
const names = (f: Fields) => `${z(f.Zda!, 2)}, ${z(f.Zn!, 1)}`;

/** A sum and the products of two neighbours each, of halves from `n` and `m` on. */
const dotAdd = (cpu: Cpu, f: Fields, sum: bigint, n: number, m: number) => {
  const half = (register: number, lane: number) => laneOf(cpu, register, 1, lane);
  return BFDotAdd(sum, half(f.Zn!, n), half(f.Zn!, n + 1), half(f.Zm!, m), half(f.Zm!, m + 1));
};

const dot = (f: Fields, cpu: Cpu, second: (sum: number) => number) => {
  const of = (lane: number) => dotAdd(cpu, f, laneOf(cpu, f.Zda!, 2, lane), 2 * lane, second(lane));
  setLanes(cpu, f.Zda!, 2, eachLane(cpu, 2, of));
};

/** Of the even halves or, as T, the odd ones. */
const long = (f: Fields, cpu: Cpu, second: (half: number, lane: number) => number) => {
  const of = (lane: number) => {
    const half = 2 * lane + f.T!, m = laneOf(cpu, f.Zm!, 1, second(half, lane));
    return BFMulAddH(laneOf(cpu, f.Zda!, 2, lane), laneOf(cpu, f.Zn!, 1, half), m, cpu);
  };
  setLanes(cpu, f.Zda!, 2, eachLane(cpu, 2, of));
};

const products: readonly Definition[] = [
  sve("BFDOT (vectors)", "01100100 011 Zm:5 100000 Zn:5 Zda:5", {
    needs,
    assembly: (f) => `bfdot ${names(f)}, ${z(f.Zm!, 1)}`,
    run: (cpu, f) => dot(f, cpu, (sum) => 2 * sum),
  }),
  sve("BFDOT (indexed)", "01100100 011 i2:2 Zm:3 010000 Zn:5 Zda:5", {
    needs,
    assembly: (f) => `bfdot ${names(f)}, ${zLane(f.Zm!, 1, f.i2!)}`,
    run: (cpu, f) => dot(f, cpu, (sum) => 2 * (sum - sum % 4 + f.i2!)),
  }),
  sve("BFMLALB, BFMLALT (vectors)", "01100100 111 Zm:5 10000 T:1 Zn:5 Zda:5", {
    needs,
    assembly: (f) => `bfmlal${f.T ? "t" : "b"} ${names(f)}, ${z(f.Zm!, 1)}`,
    run: (cpu, f) => long(f, cpu, (half) => half),
  }),
  sve("BFMLALB, BFMLALT (indexed)", "01100100 111 i3h:2 Zm:3 0100 i3l:1 T:1 Zn:5 Zda:5", {
    needs,
    assembly: (f) => `bfmlal${f.T ? "t" : "b"} ${names(f)}, ${zLane(f.Zm!, 1, f.i3h! << 1 | f.i3l!)}`,
    run: (cpu, f) => long(f, cpu, (_, lane) => 2 * (lane - lane % 4) + (f.i3h! << 1 | f.i3l!)),
  }),
  sve("BFMMLA", "01100100 011 Zm:5 111001 Zn:5 Zda:5", {
    needs,
    assembly: (f) => `bfmmla ${names(f)}, ${z(f.Zm!, 1)}`,
    run(cpu, f) {
      const of = (lane: number) => {
        const quadword = 2 * (lane - lane % 4);
        const row = quadword + 4 * (lane >> 1 & 1), column = quadword + 4 * (lane & 1);
        const half = dotAdd(cpu, f, laneOf(cpu, f.Zda!, 2, lane), row, column);
        return dotAdd(cpu, f, half, row + 2, column + 2);
      };
      setLanes(cpu, f.Zda!, 2, eachLane(cpu, 2, of));
    },
  }),
];

/** To the lower halves, the upper ones zero; or (NT) to the upper halves alone. */
const conversion = (name: string, opcode: string, isTop: boolean): Definition =>
  sve(name, `${opcode} 10001010 101 Pg:3 Zn:5 Zd:5`, {
    needs,
    assembly: (f) => `${name.toLowerCase()} ${z(f.Zd!, 1)}, ${merging(f)}, ${z(f.Zn!, 2)}`,
    run(cpu, f) {
      mergeLanes(cpu, f.Zd!, f.Pg!, 2, (lane) => {
        const half = FPConvertBF(laneOf(cpu, f.Zn!, 2, lane), cpu);
        return isTop ? half << 16n | laneOf(cpu, f.Zd!, 1, 2 * lane) : half;
      });
    },
  });

export const sveBfloatInstructions: readonly Definition[] = [
  ...products,
  conversion("BFCVT", "01100101", false),
  conversion("BFCVTNT", "01100100", true),
];
