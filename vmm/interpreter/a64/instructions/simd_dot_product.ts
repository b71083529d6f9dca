// Sums of four products of bytes, of vectors and by element, and products of matrices of bytes (Arm DDI 0487,
// "SDOT", "USDOT", "SMMLA" and their like: FEAT_DotProd, FEAT_I8MM).

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Need } from "../definition.ts";
import { vectorName } from "../simd_assembly.ts";
import { readLane } from "../simd_lanes.ts";
import { addLanes, everySecond, mulLanes, splatLane, widen } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { runLanes, setResult, twoVectors } from "./simd_class.ts";
import { sumsOfPairs } from "./simd_two_register_widths.ts";

const dotProduct: Need = ["ID_AA64ISAR0_EL1", 44, 1], int8Matrix: Need = ["ID_AA64ISAR1_EL1", 52, 1];

interface Row {
  readonly name: string;
  /** Whether the bytes of Rn and of Rm are signed. */
  readonly n: boolean;
  readonly m: boolean;
  readonly needs: Need;
  /** Of "three same extra": U and opcode. */
  readonly vector?: readonly [0 | 1, string];
  /** Of "vector x indexed element": U, size and opcode. */
  readonly element?: readonly [0 | 1, string, string];
}

const rows: readonly Row[] = [
  { name: "SDOT", n: true, m: true, needs: dotProduct, vector: [0, "0010"], element: [0, "10", "1110"] },
  { name: "UDOT", n: false, m: false, needs: dotProduct, vector: [1, "0010"], element: [1, "10", "1110"] },
  { name: "USDOT", n: false, m: true, needs: int8Matrix, vector: [0, "0011"], element: [0, "10", "1111"] },
  { name: "SUDOT", n: true, m: false, needs: int8Matrix, element: [0, "00", "1111"] },
];

/** The products fit 16 bits, unsigned where both factors are. */
function sumsOfProducts(n: V128, m: V128, row: Row): V128 {
  const half = (isUpper: boolean) => {
    const products = mulLanes(1, widen(1, n, row.n, isUpper), widen(1, m, row.m, isUpper));
    return sumsOfPairs(1, products, row.n || row.m);
  };
  const lower = half(false), upper = half(true);
  return addLanes(2, everySecond(2, lower, upper, false), everySecond(2, lower, upper, true));
}

const dotAssembly = (name: string, m: (f: Fields) => string) => (f: Fields) =>
  `${name.toLowerCase()} ${vectorName(f.Rd!, 2, f.Q!)}, ${vectorName(f.Rn!, 0, f.Q!)}, ${m(f)}`;

const vectorDot = (row: Row, [U, opcode]: readonly [0 | 1, string]) =>
  instruction(`${row.name} (vector)`, `0 Q:1 ${U} 01110 10 0 Rm:5 1 ${opcode} 1 Rn:5 Rd:5`, {
    operands: twoVectors,
    forms: ["Q"],
    uses: "fp",
    needs: row.needs,
    assembly: dotAssembly(row.name, ({ Rm, Q }) => vectorName(Rm!, 0, Q!)),
    emit: (t, form) => setResult(t, form, addLanes(2, t.q("Rd"), sumsOfProducts(t.q("Rn"), t.q("Rm"), row))),
  });

const indexOf = ({ H, L }: Fields) => H! << 1 | L!;

const elementDot = (row: Row, [U, size, opcode]: readonly [0 | 1, string, string]) =>
  instruction(`${row.name} (by element)`, `0 Q:1 ${U} 01111 ${size} L:1 Rm:5 ${opcode} H:1 0 Rn:5 Rd:5`, {
    operands: twoVectors,
    immediate: (f) => indexOf(f) << 2,
    forms: ["Q"],
    uses: "fp",
    needs: row.needs,
    assembly: dotAssembly(row.name, (f) => `v${f.Rm}.4b[${indexOf(f)}]`),
    emit: (t, form) => {
      const element = splatLane(2, t.q("Rm"), t.immediate());
      return setResult(t, form, addLanes(2, t.q("Rd"), sumsOfProducts(t.q("Rn"), element, row)));
    },
  });

const matrices = [
  { name: "SMMLA", U: 0, opcode: "0100", n: true, m: true },
  { name: "UMMLA", U: 1, opcode: "0100", n: false, m: false },
  { name: "USMMLA", U: 0, opcode: "0101", n: false, m: true },
] as const;

/** Rows of eight bytes of Rn by those of Rm, to a matrix of two by two. */
function runMatrix(cpu: Cpu, f: Fields, isSigned: { readonly n: boolean; readonly m: boolean }) {
  runLanes(cpu, f, 4, 32, true, (index) => {
    const n = index >> 1 << 3, m = (index & 1) << 3;
    let sum = readLane(cpu, f.Rd!, index, 32, true);
    for (let k = 0; k < 8; k++) {
      sum += readLane(cpu, f.Rn!, n + k, 8, isSigned.n) * readLane(cpu, f.Rm!, m + k, 8, isSigned.m);
    }
    return sum;
  });
}

const matrixProduct = (each: typeof matrices[number]) =>
  instruction(`${each.name} (vector)`, `01 ${each.U} 01110 10 0 Rm:5 1 ${each.opcode} 1 Rn:5 Rd:5`, {
    uses: "fp",
    needs: int8Matrix,
    assembly: ({ Rd, Rn, Rm }) =>
      `${each.name.toLowerCase()} ${vectorName(Rd!, 2, 1)}, ${vectorName(Rn!, 0, 1)}, ${
        vectorName(Rm!, 0, 1)
      }`,
    run: (cpu, f) => runMatrix(cpu, f, each),
  });

export const simdDotProduct: readonly Definition[] = [
  ...rows.flatMap((row) => row.vector ? [vectorDot(row, row.vector)] : []),
  ...rows.flatMap((row) => row.element ? [elementDot(row, row.element)] : []),
  ...matrices.map(matrixProduct),
];
