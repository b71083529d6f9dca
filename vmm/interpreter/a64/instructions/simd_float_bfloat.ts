// BFDOT, BFMMLA, BFMLALB and BFMLALT: Arm DDI 0487, "A64 instruction set encoding", "Advanced SIMD
// three-register extension" and "Advanced SIMD vector x indexed element".

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction } from "../definition.ts";
import { BFDotAdd } from "../float/bfloat_dot.ts";
import { BFLOAT, SINGLE } from "../float/format.ts";
import { BFMulAddH } from "../float/fused.ts";
import { laneName, vectorName } from "../simd_assembly.ts";
import { bfloat } from "./float_formats.ts";
import { laneCount, lanesOf, writeFloats } from "./simd_float_lanes.ts";

/** The sum and the products of two neighbours, from lanes `a` and `b` on. */
const dot = (sum: bigint, n: readonly bigint[], a: number, m: readonly bigint[], b: number) =>
  BFDotAdd(sum, n[a]!, n[a + 1]!, m[b]!, m[b + 1]!);

/** @param second the lane of the second factor's pair for a sum */
function BFDOT(cpu: Cpu, f: Fields, Rm: number, second: (sum: number) => number) {
  const count = laneCount(f, SINGLE);
  const n = lanesOf(cpu, f.Rn!, BFLOAT, 8), m = lanesOf(cpu, Rm, BFLOAT, 8);
  const sums = lanesOf(cpu, f.Rd!, SINGLE, count);
  writeFloats(cpu, f.Rd!, SINGLE, sums.map((sum, lane) => dot(sum, n, 2 * lane, m, second(lane))));
}

/** Each sum gets two products of pairs: a row of the first matrix by a row of the second. */
function BFMMLA(cpu: Cpu, f: Fields) {
  const n = lanesOf(cpu, f.Rn!, BFLOAT, 8), m = lanesOf(cpu, f.Rm!, BFLOAT, 8);
  const results = lanesOf(cpu, f.Rd!, SINGLE, 4).map((sum, at) => {
    const row = 4 * (at >> 1), column = 4 * (at & 1);
    return dot(dot(sum, n, row, m, column), n, row + 2, m, column + 2);
  });
  writeFloats(cpu, f.Rd!, SINGLE, results);
}

/** Of the even lanes, or as T the odd ones. */
function BFMLAL(cpu: Cpu, f: Fields, second: (m: readonly bigint[], lane: number) => bigint) {
  const n = lanesOf(cpu, f.Rn!, BFLOAT, 8), m = lanesOf(cpu, f.Rm!, BFLOAT, 8);
  const results = lanesOf(cpu, f.Rd!, SINGLE, 4).map((sum, at) => {
    const lane = 2 * at + f.T!;
    return BFMulAddH(sum, n[lane]!, second(m, lane), cpu);
  });
  writeFloats(cpu, f.Rd!, SINGLE, results);
}

const shared = { uses: "fp", needs: bfloat } as const;
const element = ({ H, L, M }: Fields) => 4 * H! + 2 * L! + M!;
const accumulated = (f: Fields) =>
  `bfmlal${f.T ? "t" : "b"} ${vectorName(f.Rd!, 2, 1)}, ${vectorName(f.Rn!, 1, 1)}`;
const dotted = (f: Fields) => `bfdot ${vectorName(f.Rd!, 2, f.Q!)}, ${vectorName(f.Rn!, 1, f.Q!)}`;

export const simdFloatBfloat: readonly Definition[] = [
  instruction("BFDOT", "0 Q:1 1 01110 01 0 Rm:5 1 1111 1 Rn:5 Rd:5", {
    ...shared,
    assembly: (f) => `${dotted(f)}, ${vectorName(f.Rm!, 1, f.Q!)}`,
    run: (cpu, f) => BFDOT(cpu, f, f.Rm!, (sum) => 2 * sum),
  }),
  instruction("BFDOT (by element)", "0 Q:1 0 01111 01 L:1 M:1 Rm:4 1111 H:1 0 Rn:5 Rd:5", {
    ...shared,
    assembly: (f) => `${dotted(f)}, v${16 * f.M! + f.Rm!}.2h[${2 * f.H! + f.L!}]`,
    run: (cpu, f) => BFDOT(cpu, f, 16 * f.M! + f.Rm!, () => 2 * (2 * f.H! + f.L!)),
  }),
  instruction("BFMMLA", "0 1 1 01110 01 0 Rm:5 1 1101 1 Rn:5 Rd:5", {
    ...shared,
    assembly: (f) =>
      `bfmmla ${vectorName(f.Rd!, 2, 1)}, ${vectorName(f.Rn!, 1, 1)}, ${vectorName(f.Rm!, 1, 1)}`,
    run: BFMMLA,
  }),
  instruction("BFMLALB, BFMLALT", "0 T:1 1 01110 11 0 Rm:5 1 1111 1 Rn:5 Rd:5", {
    ...shared,
    assembly: (f) => `${accumulated(f)}, ${vectorName(f.Rm!, 1, 1)}`,
    run: (cpu, f) => BFMLAL(cpu, f, (m, lane) => m[lane]!),
  }),
  instruction("BFMLALB, BFMLALT (by element)", "0 T:1 0 01111 11 L:1 M:1 Rm:4 1111 H:1 0 Rn:5 Rd:5", {
    ...shared,
    assembly: (f) => `${accumulated(f)}, ${laneName(f.Rm!, 1, element(f))}`,
    run: (cpu, f) => BFMLAL(cpu, f, (m) => m[element(f)]!),
  }),
];
