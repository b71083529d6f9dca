// FCADD and FCMLA, of complex numbers in pairs of lanes: Arm DDI 0487, "A64 instruction set encoding",
// "Advanced SIMD three-register extension" and "Advanced SIMD vector x indexed element".

import { type Definition, type Fields, instruction, type Need } from "../definition.ts";
import { FPAdd } from "../float/arithmetic.ts";
import { DOUBLE, type FloatFormat, FPNeg, HALF, SINGLE } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import type { FloatStatus } from "../float/status.ts";
import { laneName, vectorName } from "../simd_assembly.ts";
import { laneCount, lanesOf, writeFloats } from "./simd_float_lanes.ts";

const FEAT_FCMA: Need = ["ID_AA64ISAR1_EL1", 16, 1];

/** By `size`; half precision is 1. */
const formatOf = ({ size }: Fields): FloatFormat => size === 1 ? HALF : size === 2 ? SINGLE : DOUBLE;
const valid = ({ size, Q }: Fields) => size !== 0 && (size !== 3 || Q === 1);
const names = (f: Fields, ...fields: readonly string[]) =>
  fields.map((name) => vectorName(f[name]!, f.size!, f.Q!)).join(", ");

/** The sum of a number and another one turned by a quarter, or by three. */
function FCADD(
  a: readonly bigint[],
  b: readonly bigint[],
  rot: number,
  format: FloatFormat,
  status: FloatStatus,
) {
  const [real, imaginary] = rot ? [b[1]!, FPNeg(b[0]!, format)] : [FPNeg(b[1]!, format), b[0]!];
  return [FPAdd(a[0]!, real, format, status), FPAdd(a[1]!, imaginary, format, status)];
}

/** Half of a product, turned by `rot` quarters, added to `d`. */
function FCMLA(
  d: readonly bigint[],
  a: readonly bigint[],
  b: readonly bigint[],
  rot: number,
  format: FloatFormat,
  status: FloatStatus,
) {
  const odd = rot & 1;
  const [negReal, negImaginary] = [rot === 1 || rot === 2, rot >= 2];
  const sign = (value: bigint, negated: boolean) => negated ? FPNeg(value, format) : value;
  const factor = a[odd]!;
  return [
    FPMulAdd(d[0]!, factor, sign(b[odd]!, negReal), format, status),
    FPMulAdd(d[1]!, factor, sign(b[1 - odd]!, negImaginary), format, status),
  ];
}

const pairAt = (lanes: readonly bigint[], pair: number) => lanes.slice(2 * pair, 2 * pair + 2);

/** Every pair of lanes by a function of the accumulator's, the first's and the second's. */
function eachPair(
  lanes: readonly (readonly bigint[])[],
  compute: (d: bigint[], a: bigint[], b: bigint[]) => bigint[],
): bigint[] {
  const [d, a, b] = lanes;
  const pairs = Array.from({ length: d!.length / 2 }, (_, n) => n);
  return pairs.flatMap((n) => compute(pairAt(d!, n), pairAt(a!, n), pairAt(b!, n)));
}

/** The pair is numbered by H and, of half precision, L. */
const elementPair = ({ size, H, L }: Fields) => size === 1 ? 2 * H! + L! : H!;

export const simdFloatComplex: readonly Definition[] = [
  instruction("FCADD", "0 Q:1 1 01110 size:2 0 Rm:5 111 rot:1 01 Rn:5 Rd:5", {
    uses: "fp",
    needs: FEAT_FCMA,
    valid,
    assembly: (f) => `fcadd ${names(f, "Rd", "Rn", "Rm")}, #${f.rot ? 270 : 90}`,
    run(cpu, f) {
      const format = formatOf(f), count = laneCount(f, format);
      const lanes = [f.Rd!, f.Rn!, f.Rm!].map((n) => lanesOf(cpu, n, format, count));
      writeFloats(cpu, f.Rd!, format, eachPair(lanes, (_, a, b) => FCADD(a, b, f.rot!, format, cpu)));
    },
  }),
  instruction("FCMLA", "0 Q:1 1 01110 size:2 0 Rm:5 110 rot:2 1 Rn:5 Rd:5", {
    uses: "fp",
    needs: FEAT_FCMA,
    valid,
    assembly: (f) => `fcmla ${names(f, "Rd", "Rn", "Rm")}, #${90 * f.rot!}`,
    run(cpu, f) {
      const format = formatOf(f), count = laneCount(f, format);
      const lanes = [f.Rd!, f.Rn!, f.Rm!].map((n) => lanesOf(cpu, n, format, count));
      writeFloats(cpu, f.Rd!, format, eachPair(lanes, (d, a, b) => FCMLA(d, a, b, f.rot!, format, cpu)));
    },
  }),
  instruction("FCMLA (by element)", "0 Q:1 1 01111 size:2 L:1 M:1 Rm:4 0 rot:2 1 H:1 0 Rn:5 Rd:5", {
    uses: "fp",
    needs: FEAT_FCMA,
    valid: ({ size, Q, H, L }) => size === 1 ? Q === 1 || H === 0 : size === 2 && Q === 1 && L === 0,
    assembly: (f) =>
      `fcmla ${names(f, "Rd", "Rn")}, ${laneName(16 * f.M! + f.Rm!, f.size!, elementPair(f))}, #${
        90 * f.rot!
      }`,
    run(cpu, f) {
      const format = formatOf(f), count = laneCount(f, format);
      const [d, a] = [f.Rd!, f.Rn!].map((n) => lanesOf(cpu, n, format, count));
      const b = lanesOf(cpu, 16 * f.M! + f.Rm!, format, 2, 2 * elementPair(f));
      const results = eachPair([d!, a!, a!], (x, y) => FCMLA(x, y, b, f.rot!, format, cpu));
      writeFloats(cpu, f.Rd!, format, results);
    },
  }),
];
