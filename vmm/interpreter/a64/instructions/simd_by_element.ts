// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD vector x indexed
// element" and "Advanced SIMD scalar x indexed element": integers. Where the element's number and its
// register lie depends on the size: each size is a definition.

import { type Definition, type Fields, instruction, type Need } from "../definition.ts";
import { laneName, scalarName, upperHalf, vectorName } from "../simd_assembly.ts";
import { readLane } from "../simd_lanes.ts";
import { addLanes, mulLanes, splatLane, subLanes, widenProduct } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { doubling, lanesOf, type OfThree, runLanes, setResult, twoVectors } from "./simd_class.ts";
import { accumulateDoubled, type Accumulation, accumulations } from "./simd_doubling_long.ts";
import { accumulatedHigh, doublingHigh, roundingDoublingHigh } from "./simd_lane_arithmetic.ts";

/** Bits 29 to 10 but for the opcode and H, after the bits that tell the class. */
const indexed = (U: number, scalarBit: 0 | 1, size: number, opcode: string) =>
  `${U} ${scalarBit}1111 ${size === 1 ? "01 L:1 M:1 Rm:4" : "10 L:1 Rm:5"} ${opcode} H:1 0 Rn:5 Rd:5`;
const vectorEncoding = (U: number, size: number, opcode: string) => `0 Q:1 ${indexed(U, 0, size, opcode)}`;
const scalarEncoding = (U: number, size: number, opcode: string) => `01 ${indexed(U, 1, size, opcode)}`;

const indexOf = (size: number, { H, L, M }: Fields) => size === 1 ? H! << 2 | L! << 1 | M! : H! << 1 | L!;
const byteOf = (size: number) => (f: Fields) => indexOf(size, f) << size;
const elementName = (size: number, f: Fields) => laneName(f.Rm!, size, indexOf(size, f));

interface Row {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly needs?: Need;
}

const needed = ({ needs }: Row) => needs ? { needs } : {};
const nameOf = ({ name }: Row, size: number, form: string) =>
  `${name} (${form}by element, ${8 << size} bits)`;

const sameAssembly = ({ name }: Row, size: number) => (f: Fields) =>
  `${name.toLowerCase()} ${vectorName(f.Rd!, size, f.Q!)}, ${vectorName(f.Rn!, size, f.Q!)}, ${
    elementName(size, f)
  }`;
const longAssembly = ({ name }: Row, size: number) => (f: Fields) =>
  `${name.toLowerCase()}${upperHalf(f.Q!)} ${vectorName(f.Rd!, size + 1, 1)}, ${
    vectorName(f.Rn!, size, f.Q!)
  }, ${elementName(size, f)}`;
const scalarAssembly = ({ name }: Row, size: number, resultSize: number) => (f: Fields) =>
  `${name.toLowerCase()} ${scalarName(f.Rd!, resultSize)}, ${scalarName(f.Rn!, size)}, ${
    elementName(size, f)
  }`;

type Combine = (size: number, d: V128, product: V128) => V128;
const justProduct: Combine = (_, __, product) => product;

const product = (name: string, U: 0 | 1, opcode: string, combine: Combine) =>
  doubling.map((size) => {
    const row = { name, U, opcode };
    return instruction(nameOf(row, size, ""), vectorEncoding(U, size, opcode), {
      operands: twoVectors,
      immediate: byteOf(size),
      forms: ["Q"],
      uses: "fp",
      assembly: sameAssembly(row, size),
      emit: (t, form) => {
        const value = mulLanes(size, t.q("Rn"), splatLane(size, t.q("Rm"), t.immediate()));
        return setResult(t, form, combine(size, t.q("Rd"), value));
      },
    });
  });

const longProduct = (name: string, opcode: string, combine: Combine) =>
  ([0, 1] as const).flatMap((U) =>
    doubling.map((size) => {
      const row = { name: `${U ? "U" : "S"}${name}`, U, opcode };
      return instruction(nameOf(row, size, ""), vectorEncoding(U, size, opcode), {
        operands: twoVectors,
        immediate: byteOf(size),
        forms: ["Q"],
        uses: "fp",
        assembly: longAssembly(row, size),
        emit: (t, { Q }) => {
          const element = splatLane(size, t.q("Rm"), t.immediate());
          const value = widenProduct(size + 1, t.q("Rn"), element, U === 0, Q === 1);
          return t.setQ("Rd", combine(size + 1, t.q("Rd"), value));
        },
      });
    })
  );

type Run = NonNullable<Definition["run"]>;

const runHigh = (size: number, isScalar: boolean, compute: OfThree): Run => (cpu, f) => {
  const bits = 8 << size;
  const element = readLane(cpu, f.Rm!, indexOf(size, f), bits, true);
  runLanes(cpu, f, isScalar ? 1 : lanesOf(f, bits), bits, true, (index, lane) => {
    const of = (register: number) => readLane(cpu, register, index, bits, true);
    return compute(of(f.Rn!), element, of(f.Rd!), lane);
  });
};

/** The upper half of the doubled product: vectors and scalars. */
const high = (row: Row, compute: OfThree) =>
  doubling.flatMap((size) => [
    instruction(nameOf(row, size, "vector, "), vectorEncoding(row.U, size, row.opcode), {
      ...needed(row),
      uses: "fp",
      assembly: sameAssembly(row, size),
      run: runHigh(size, false, compute),
    }),
    instruction(nameOf(row, size, "scalar, "), scalarEncoding(row.U, size, row.opcode), {
      ...needed(row),
      uses: "fp",
      assembly: scalarAssembly(row, size, size),
      run: runHigh(size, true, compute),
    }),
  ]);

const runLong = (size: number, isScalar: boolean, accumulation: Accumulation): Run => (cpu, f) => {
  const bits = 8 << size, count = isScalar ? 1 : 64 / bits, first = f.Q && !isScalar ? count : 0;
  const element = readLane(cpu, f.Rm!, indexOf(size, f), bits, true);
  runLanes(cpu, f, count, 2 * bits, true, (index, lane) => {
    const n = readLane(cpu, f.Rn!, first + index, bits, true);
    return accumulateDoubled(accumulation, n, element, readLane(cpu, f.Rd!, index, 2 * bits, true), lane);
  });
};

const doublingLong = (accumulation: Accumulation) =>
  doubling.flatMap((size) => {
    const row = { name: accumulation.name, U: 0, opcode: accumulation.indexedOpcode } as const;
    return [
      instruction(nameOf(row, size, "vector, "), vectorEncoding(0, size, row.opcode), {
        uses: "fp",
        assembly: longAssembly(row, size),
        run: runLong(size, false, accumulation),
      }),
      instruction(nameOf(row, size, "scalar, "), scalarEncoding(0, size, row.opcode), {
        uses: "fp",
        assembly: scalarAssembly(row, size, size + 1),
        run: runLong(size, true, accumulation),
      }),
    ];
  });

/** FEAT_RDM. */
export const roundingDoublingMultiply: Need = ["ID_AA64ISAR0_EL1", 28, 1];
const needs = roundingDoublingMultiply;

export const simdByElement: readonly Definition[] = [
  ...product("MUL", 0, "1000", justProduct),
  ...product("MLA", 1, "0000", addLanes),
  ...product("MLS", 1, "0100", subLanes),
  ...longProduct("MLAL", "0010", addLanes),
  ...longProduct("MLSL", "0110", subLanes),
  ...longProduct("MULL", "1010", justProduct),
  ...high({ name: "SQDMULH", U: 0, opcode: "1100" }, (n, m, _, lane) => doublingHigh(n, m, lane)),
  ...high({ name: "SQRDMULH", U: 0, opcode: "1101" }, (n, m, _, lane) => roundingDoublingHigh(n, m, lane)),
  ...high(
    { name: "SQRDMLAH", U: 1, opcode: "1101", needs },
    (n, m, d, lane) => accumulatedHigh(n, m, d, lane, 1n),
  ),
  ...high(
    { name: "SQRDMLSH", U: 1, opcode: "1111", needs },
    (n, m, d, lane) => accumulatedHigh(n, m, d, lane, -1n),
  ),
  ...accumulations.flatMap(doublingLong),
];
