// FCVTN, FCVTL, FCVTXN and BFCVTN, which change the width of lanes: Arm DDI 0487, "A64 instruction set
// encoding", "Advanced SIMD two-register miscellaneous", "Advanced SIMD scalar two-register miscellaneous".

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction } from "../definition.ts";
import { FPConvert, FPConvertBF } from "../float/convert.ts";
import { BFLOAT, DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import { FPRounding_ODD, FPRoundingMode } from "../float/status.ts";
import { scalarName, upperHalf, vectorName } from "../simd_assembly.ts";
import { clearAbove, putLanes, writeLanes } from "../simd_lanes.ts";
import { bfloat, readFloat, sizeOf, writeFloat } from "./float_formats.ts";
import { lanesOf } from "./simd_float_lanes.ts";

/** Between the wider and the narrower format. */
const wider = ({ sz }: Fields) => sz ? DOUBLE : SINGLE;
const narrower = ({ sz }: Fields) => sz ? SINGLE : HALF;

/** To the lower half, with zeroes above it, or to the upper half alone. */
function writeHalf(cpu: Cpu, { Rd, Q }: Fields, { bits }: FloatFormat, values: readonly bigint[]) {
  if (!Q) return writeLanes(cpu, Rd!, bits, values);
  putLanes(cpu, Rd!, bits, values, values.length);
  clearAbove(cpu, Rd!, 16);
}

const narrowNames = (name: string, f: Fields, format: FloatFormat) =>
  `${name}${upperHalf(f.Q!)} ${vectorName(f.Rd!, sizeOf(format), f.Q!)}, ${
    vectorName(f.Rn!, sizeOf(format) + 1, 1)
  }`;

function widen(cpu: Cpu, f: Fields) {
  const from = narrower(f), to = wider(f), count = 128 / to.bits;
  const lanes = lanesOf(cpu, f.Rn!, from, count, f.Q! * count);
  const results = lanes.map((lane) => FPConvert(lane, from, to, FPRoundingMode(cpu), cpu));
  writeLanes(cpu, f.Rd!, to.bits, results);
}

export const simdFloatWidth: readonly Definition[] = [
  instruction("FCVTN", "0 Q:1 0 01110 0 sz:1 10000 10110 10 Rn:5 Rd:5", {
    uses: "fp",
    assembly: (f) => narrowNames("fcvtn", f, narrower(f)),
    run(cpu, f) {
      const from = wider(f), to = narrower(f);
      const lanes = lanesOf(cpu, f.Rn!, from, 128 / from.bits);
      writeHalf(cpu, f, to, lanes.map((lane) => FPConvert(lane, from, to, FPRoundingMode(cpu), cpu)));
    },
  }),
  instruction("FCVTL", "0 Q:1 0 01110 0 sz:1 10000 10111 10 Rn:5 Rd:5", {
    uses: "fp",
    assembly: (f) =>
      `fcvtl${upperHalf(f.Q!)} ${vectorName(f.Rd!, sizeOf(wider(f)), 1)}, ${
        vectorName(f.Rn!, sizeOf(narrower(f)), f.Q!)
      }`,
    run: widen,
  }),
  instruction("FCVTXN (vector)", "0 Q:1 1 01110 01 10000 10110 10 Rn:5 Rd:5", {
    uses: "fp",
    assembly: (f) => narrowNames("fcvtxn", f, SINGLE),
    run(cpu, f) {
      const lanes = lanesOf(cpu, f.Rn!, DOUBLE, 2);
      writeHalf(cpu, f, SINGLE, lanes.map((lane) => FPConvert(lane, DOUBLE, SINGLE, FPRounding_ODD, cpu)));
    },
  }),
  instruction("FCVTXN (lane)", "01 1 11110 01 10000 10110 10 Rn:5 Rd:5", {
    uses: "fp",
    assembly: (f) => `fcvtxn ${scalarName(f.Rd!, 2)}, ${scalarName(f.Rn!, 3)}`,
    run: (cpu, f) =>
      writeFloat(
        cpu,
        f.Rd!,
        SINGLE,
        FPConvert(readFloat(cpu, f.Rn!, DOUBLE), DOUBLE, SINGLE, FPRounding_ODD, cpu),
      ),
  }),
  instruction("BFCVTN", "0 Q:1 0 01110 10 10000 10110 10 Rn:5 Rd:5", {
    uses: "fp",
    needs: bfloat,
    assembly: (f) => narrowNames("bfcvtn", f, HALF),
    run: (cpu, f) =>
      writeHalf(cpu, f, BFLOAT, lanesOf(cpu, f.Rn!, SINGLE, 4).map((lane) => FPConvertBF(lane, cpu))),
  }),
];
