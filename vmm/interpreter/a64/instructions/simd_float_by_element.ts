// FMLA, FMLS, FMUL and FMULX of a vector, or a scalar, by a lane: Arm DDI 0487, "A64 instruction set
// encoding", "Advanced SIMD vector x indexed element" and "Advanced SIMD scalar x indexed element".

import { vectorAt } from "../cpu_layout.ts";
import {
  type Definition,
  type Fields,
  instruction,
  type Meaning,
  type Operand,
  vector,
} from "../definition.ts";
import { FPMul, FPMulX } from "../float/arithmetic.ts";
import { FPMulAdd } from "../float/fused.ts";
import { laneName } from "../simd_assembly.ts";
import { readLane } from "../simd_lanes.ts";
import type { Target } from "../target.ts";
import { and32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { binary, operand, orFallBack, productAllowed } from "./float_fast.ts";
import { fused } from "./float_fused.ts";
import { fmul, fneg, isPlain } from "./float_vocabulary.ts";
import { halfScalar, sizeOf, type Ternary } from "./float_formats.ts";
import { fastMultiplyByElement } from "./simd_float_fast.ts";
import { fastFusedByElement } from "./simd_float_fused.ts";
import { FMLS } from "./simd_float_functions.ts";
import { halfVector, isArranged, laneCount, laneFormat, laneNames, lanesOf } from "./simd_float_lanes.ts";
import { scalarPrefix, vectorPrefix, writeFloats } from "./simd_float_lanes.ts";

interface Row {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly compute: Ternary;
}

const rows: readonly Row[] = [
  { name: "FMLA", U: 0, opcode: "0001", compute: FPMulAdd },
  { name: "FMLS", U: 0, opcode: "0101", compute: FMLS },
  { name: "FMUL", U: 0, opcode: "1001", compute: (_, a, b, format, status) => FPMul(a, b, format, status) },
  { name: "FMULX", U: 1, opcode: "1001", compute: (_, a, b, format, status) => FPMulX(a, b, format, status) },
];

/** The lane: H, L and M number it as far as the register's number leaves them. */
function element({ sz, H, L, M, Rm }: Fields): { register: number; lane: number } {
  if (sz === undefined) return { register: Rm!, lane: 4 * H! + 2 * L! + M! };
  return { register: 16 * M! + Rm!, lane: sz ? H! : 2 * H! + L! };
}

const meaningOf = ({ name, compute }: Row): Meaning => ({
  uses: "fp",
  assembly(f) {
    const { register, lane } = element(f);
    const third = laneName(register, sizeOf(laneFormat(f)), lane);
    return `${name.toLowerCase()} ${laneNames(f, "Rd", "Rn")}, ${third}`;
  },
  run(cpu, f) {
    const format = laneFormat(f), count = laneCount(f, format);
    const { register, lane } = element(f);
    const b = readLane(cpu, register, lane, format.bits, false);
    const d = lanesOf(cpu, f.Rd!, format, count);
    const results = lanesOf(cpu, f.Rn!, format, count).map((a, n) => compute(d[n]!, a, b, format, cpu));
    writeFloats(cpu, f.Rd!, format, results);
  },
});

const isElement = (fields: Fields) => isArranged(fields) && (fields.sz !== 1 || fields.L === 0);

/** Where the element's bytes begin. */
const elementAt: Operand = (f) => {
  const { register, lane } = element(f);
  return vectorAt(register) + lane * laneFormat(f).bits / 8;
};

/** Of the vector instructions. */
const fastPaths: Readonly<Record<string, Partial<Meaning>>> = {
  FMLA: fastFusedByElement(false, elementAt),
  FMLS: fastFusedByElement(true, elementAt),
  FMUL: fastMultiplyByElement(elementAt),
};

const ofScalars = (emit: (t: Target, type: number) => Statement): Partial<Meaning> => ({
  operands: { Rd: vector("Rd"), Rn: vector("Rn"), Rm: elementAt },
  forms: ["sz"],
  emit: (t, { sz }) => emit(t, sz!),
});

const fusedScalar = (negates: boolean) =>
  ofScalars((t, type) => {
    const factor = operand(t, type, "Rn"), element = operand(t, type, "Rm");
    const first = negates ? fneg(type, factor) : factor;
    return fused(t, type, operand(t, type, "Rd"), first, element, (allowed, result) =>
      orFallBack(t, type, and32(isPlain(t), allowed), result));
  });

const fastScalars: Readonly<Record<string, Partial<Meaning>>> = {
  FMLA: fusedScalar(false),
  FMLS: fusedScalar(true),
  FMUL: ofScalars((t, type) =>
    binary(t, type, [operand(t, type, "Rn"), operand(t, type, "Rm")], fmul, productAllowed)
  ),
};

export const simdFloatByElement: readonly Definition[] = rows.flatMap((row) =>
  [false, true].flatMap((isScalar) => {
    const prefix = `${(isScalar ? scalarPrefix : vectorPrefix)(row.U)} 1`;
    const rest = `L:1 M:1 Rm:4 ${row.opcode} H:1 0 Rn:5 Rd:5`;
    const title = `${row.name} (${isScalar ? "lane " : ""}by element)`;
    return [
      instruction(title, `${prefix} 1 sz:1 ${rest}`, {
        ...meaningOf(row),
        valid: isElement,
        ...(isScalar ? fastScalars : fastPaths)[row.name],
      }),
      instruction(`${title}, half precision`, `${prefix} 00 ${rest}`, {
        ...meaningOf(row),
        needs: isScalar ? halfScalar : halfVector,
      }),
    ];
  })
);
