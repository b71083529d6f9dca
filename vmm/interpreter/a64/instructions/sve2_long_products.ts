// Products of SVE2 in lanes twice as wide as the factors', of the bottom lanes (B) or the top ones (T), of
// vectors and by an element of each quadword (Arm DDI 0487, "SVE encodings", "SVE Integer Multiply-Add -
// Unpredicated", "SVE2 Widening Integer Arithmetic" and "SVE Multiply - Indexed").

import type { Definition } from "../definition.ts";
import { addLanes, bindQ, mulLanes, subLanes } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { hasSizes, sve2, z, zLane } from "./sve_assembly.ts";
import { byteOf, halfWidth, type Indexing, splatIndexed } from "./sve_indexed.ts";
import { saturatedDifference, saturatedSum } from "./sve_lanes.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";

interface Row {
  readonly name: string;
  readonly isSigned: boolean;
  /** Bits 31 to 11 of the encoding of vectors, and bits 15 to 12 of that by an element. */
  readonly vector: string;
  readonly indexed: string;
  /** What the product is added to, if it is; and how, both being lanes of `size`. */
  readonly accumulate?: (size: number, d: V128, product: V128) => V128;
  /** Doubled, and limited. */
  readonly isDoubling?: boolean;
}

const multiplyAdd = "01000100 size:2 0 Zm:5", multiply = "01000101 size:2 0 Zm:5";
const add = (size: number, d: V128, product: V128) => saturatedSum(size, true, d, product);
const subtract = (size: number, d: V128, product: V128) => saturatedDifference(size, true, d, product);

const plain = (name: string, S: 0 | 1, accumulate: Row["accumulate"]): Row[] =>
  ([0, 1] as const).map((U) => ({
    name: `${U ? "U" : "S"}${name}`,
    isSigned: U === 0,
    vector: `${multiplyAdd} 010 ${S}${U}`,
    indexed: `10${S}${U}`,
    accumulate: accumulate!,
  }));

const rows: readonly Row[] = [
  ...plain("MLAL", 0, addLanes),
  ...plain("MLSL", 1, subLanes),
  { name: "SMULL", isSigned: true, vector: `${multiply} 01110`, indexed: "1100" },
  { name: "UMULL", isSigned: false, vector: `${multiply} 01111`, indexed: "1101" },
  { name: "SQDMULL", isSigned: true, vector: `${multiply} 01100`, indexed: "1110", isDoubling: true },
  {
    name: "SQDMLAL",
    isSigned: true,
    vector: `${multiplyAdd} 01100`,
    indexed: "0010",
    accumulate: add,
    isDoubling: true,
  },
  {
    name: "SQDMLSL",
    isSigned: true,
    vector: `${multiplyAdd} 01101`,
    indexed: "0011",
    accumulate: subtract,
    isDoubling: true,
  },
];

/** Of the parts of each wide lane that the names' letters say. */
function product({ isSigned, accumulate, isDoubling }: Row, n: 0 | 1, m: 0 | 1) {
  const product = (size: number, a: V128, b: V128) => {
    const value = mulLanes(size, widened(size, a, isSigned, n), widened(size, b, isSigned, m));
    return isDoubling ? bindQ(value, (once) => saturatedSum(size, true, once, once)) : value;
  };
  return (size: number, d: V128, a: V128, b: V128) =>
    accumulate ? accumulate(size, d, product(size, a, b)) : product(size, a, b);
}

const wide = [1, 2, 3];

function ofVectors(row: Row, letters: string, bits: string, n: 0 | 1, m: 0 | 1): Definition {
  const Zd = row.accumulate ? "Zda" : "Zd", name = row.name + letters, compute = product(row, n, m);
  return sve2(`${name} (vectors)`, `${bits} Zn:5 ${Zd}:5`, {
    valid: hasSizes(...wide),
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f[Zd]!, f.size!)}, ${z(f.Zn!, f.size! - 1)}, ${z(f.Zm!, f.size! - 1)}`,
    ...quadwords(
      { operands: [Zd, "Zn", "Zm"], sizes: wide },
      (size, of) => compute(size, of(Zd), of("Zn"), of("Zm")),
    ),
  });
}

function byElement(row: Row, indexing: Indexing, T: 0 | 1): Definition {
  const { size, encoding, low, index } = indexing;
  const Zd = row.accumulate ? "Zda" : "Zd", name = `${row.name}${"BT"[T]}`, compute = product(row, T, T);
  const bits = `01000100 ${encoding} ${row.indexed} ${low} ${T} Zn:5 ${Zd}:5`;
  return sve2(`${name} (indexed, ${"BHSD"[size + 1]})`, bits, {
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f[Zd]!, size + 1)}, ${z(f.Zn!, size)}, ${zLane(f.Zm!, size, index(f))}`,
    ...quadwords(
      { operands: [Zd, "Zn", "Zm"], sizes: size + 1, immediate: byteOf(indexing) },
      (wideSize, of, _, t) =>
        bindQ(splatIndexed(t, indexing, of("Zm")), (m) => compute(wideSize, of(Zd), of("Zn"), m)),
    ),
  });
}

const withParts = (row: Row): Definition[] =>
  ([0, 1] as const).flatMap((T) => [
    ofVectors(row, "BT"[T]!, `${row.vector}${T}`, T, T),
    ...halfWidth.map((indexing) => byElement(row, indexing, T)),
  ]);

/** Bottom lanes by top ones. */
const crossed = rows.filter(({ name }) => /^SQDML[AS]L$/.test(name)).map((row, S) =>
  ofVectors(row, "BT", `${multiplyAdd} 00001${S}`, 0, 1)
);

export const sve2LongProducts: readonly Definition[] = [...rows.flatMap(withParts), ...crossed];
