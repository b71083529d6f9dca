// Products of SVE2 in lanes as wide as the factors', of vectors and by an element of each quadword (Arm DDI
// 0487, "SVE encodings", "SVE2 Integer Multiply - Unpredicated", "SVE Integer Multiply-Add - Unpredicated" and
// "SVE Multiply - Indexed"). In generated code but for upper halves of products of 64 bits.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields, Meaning } from "../definition.ts";
import {
  addLanes,
  bindQ,
  mulLanes,
  shlLanes,
  shrSLanes,
  shrULanes,
  splatBits,
  subLanes,
} from "../simd_vocabulary.ts";
import { const32, const64, type V128 } from "../vocabulary.ts";
import { sve2, zLane, zNames } from "./sve_assembly.ts";
import { saturate } from "./sve_element_count.ts";
import { byteOf, elementOf, type Indexing, sameWidth, splatIndexed } from "./sve_indexed.ts";
import { joined, limited, widened } from "./sve_narrow_lanes.ts";
import { type Compute, orRun, quadwords } from "./sve_quadwords.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

type Product = (size: number, d: V128, n: V128, m: V128) => V128;

interface Row {
  readonly name: string;
  /** Bits 31 to 10 of the encoding of vectors, and bits 15 to 10 of that by an element; where there is one. */
  readonly vector?: string;
  readonly indexed?: string;
  readonly accumulates?: boolean;
  readonly product: Product;
  /** Of lanes of 64 bits, where `product` is of smaller ones only. */
  readonly wide?: (d: bigint, n: bigint, m: bigint) => bigint;
  readonly isSigned?: boolean;
}

/** By products of twice the width, of whose results the lower halves count. */
const byWideProducts =
  (isSigned: boolean, of: (size: number, product: V128, d: V128, isTop: boolean) => V128): Product =>
  (size, d, n, m) => {
    const part = (isTop: boolean) => {
      const wide = (value: V128) => widened(size + 1, value, isSigned, isTop);
      return of(size + 1, mulLanes(size + 1, wide(n), wide(m)), wide(d), isTop);
    };
    return joined(size + 1, part(false), part(true));
  };

const upperHalf = (isSigned: boolean) =>
  byWideProducts(
    isSigned,
    (size, product) => (isSigned ? shrSLanes : shrULanes)(size, product, const32(4 << size)),
  );

/** The upper half of a doubled number, limited. Products' sums are left as they are: doubled, they may not fit. */
const doubledHigh = (size: number, value: V128) =>
  limited(size, true, true, shrSLanes(size, value, const32((4 << size) - 1)));
/** Half of the lowest bit that stays. */
const rounded = (size: number, value: V128) =>
  addLanes(size, value, splatBits(size, const64(1n << BigInt((4 << size) - 2))));
/** A sum of a number and a doubled product or their difference, for the bottom lanes and for the top ones. */
export const roundedDoubledSums = (bottom: typeof addLanes, top: typeof addLanes): Product =>
  byWideProducts(true, (size, product, d, isTop) => {
    const sum = (isTop ? top : bottom)(size, shlLanes(size, d, const32((4 << size) - 1)), product);
    return doubledHigh(size, rounded(size, sum));
  });

const limited64 = (value: bigint) => saturate(value, 64, false);
const half = 1n << 63n;

const rows: readonly Row[] = [
  {
    name: "MUL",
    vector: "00000100 size:2 1 Zm:5 011000",
    indexed: "111110",
    product: (size, _, n, m) => mulLanes(size, n, m),
  },
  {
    name: "SMULH",
    vector: "00000100 size:2 1 Zm:5 011010",
    product: upperHalf(true),
    wide: (_, n, m) => n * m >> 64n,
    isSigned: true,
  },
  {
    name: "UMULH",
    vector: "00000100 size:2 1 Zm:5 011011",
    product: upperHalf(false),
    wide: (_, n, m) => n * m >> 64n,
  },
  {
    name: "SQDMULH",
    vector: "00000100 size:2 1 Zm:5 011100",
    indexed: "111100",
    product: byWideProducts(true, (size, product) => doubledHigh(size, product)),
    wide: (_, n, m) => limited64(2n * n * m >> 64n),
    isSigned: true,
  },
  {
    name: "SQRDMULH",
    vector: "00000100 size:2 1 Zm:5 011101",
    indexed: "111101",
    product: byWideProducts(true, (size, product) => doubledHigh(size, rounded(size, product))),
    wide: (_, n, m) => limited64(2n * n * m + half >> 64n),
    isSigned: true,
  },
  {
    name: "MLA",
    indexed: "000010",
    accumulates: true,
    product: (size, d, n, m) => addLanes(size, d, mulLanes(size, n, m)),
  },
  {
    name: "MLS",
    indexed: "000011",
    accumulates: true,
    product: (size, d, n, m) => subLanes(size, d, mulLanes(size, n, m)),
  },
  {
    name: "SQRDMLAH",
    vector: "01000100 size:2 0 Zm:5 011100",
    indexed: "000100",
    accumulates: true,
    product: roundedDoubledSums(addLanes, addLanes),
    wide: (d, n, m) => limited64((d << 64n) + 2n * n * m + half >> 64n),
    isSigned: true,
  },
  {
    name: "SQRDMLSH",
    vector: "01000100 size:2 0 Zm:5 011101",
    indexed: "000101",
    accumulates: true,
    product: roundedDoubledSums(subLanes, subLanes),
    wide: (d, n, m) => limited64((d << 64n) - 2n * n * m + half >> 64n),
    isSigned: true,
  },
];

const destination = ({ accumulates }: Row) => accumulates ? "Zda" : "Zd";

function runWide(row: Row, cpu: Cpu, f: Fields, second: (lane: number) => bigint) {
  const { wide, isSigned = false } = row, Zd = f[destination(row)]!;
  const of = (lane: number) =>
    wide!(laneOf(cpu, Zd, 3, lane, isSigned), laneOf(cpu, f.Zn!, 3, lane, isSigned), second(lane));
  setLanes(cpu, Zd, 3, eachLane(cpu, 3, of));
}

const below64 = [0, 1, 2];

function ofVectors(row: Row, vector: string): Definition {
  const { name, product, wide, isSigned = false } = row, Zd = destination(row);
  const emitted = quadwords(
    { operands: [Zd, "Zn", "Zm"], sizes: wide ? below64 : [0, 1, 2, 3] },
    (size, of) => product(size, of(Zd), of("Zn"), of("Zm")),
  );
  return sve2(`${name} (vectors, unpredicated)`, `${vector} Zn:5 ${Zd}:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, Zd, "Zn", "Zm")}`,
    ...(wide
      ? {
        ...orRun(below64, emitted),
        run: (cpu, f) => runWide(row, cpu, f, (lane) => laneOf(cpu, f.Zm!, 3, lane, isSigned)),
      }
      : emitted),
  });
}

function byElement(row: Row, indexing: Indexing, opcode: string): Definition {
  const { name, product, wide, isSigned = false } = row, Zd = destination(row);
  const { size, encoding, index } = indexing;
  const compute: Compute = (_, of, __, t) =>
    bindQ(splatIndexed(t, indexing, of("Zm")), (m) => product(size, of(Zd), of("Zn"), m));
  const meaning: Pick<Meaning, "emit" | "run"> = wide && size === 3
    ? { run: (cpu, f) => runWide(row, cpu, f, (lane) => elementOf(cpu, f, indexing, lane, isSigned)) }
    : quadwords({ operands: [Zd, "Zn", "Zm"], sizes: size, immediate: byteOf(indexing) }, compute);
  return sve2(`${name} (indexed, ${"BHSD"[size]})`, `01000100 ${encoding} ${opcode} Zn:5 ${Zd}:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, size, Zd, "Zn")}, ${zLane(f.Zm!, size, index(f))}`,
    ...meaning,
  });
}

export const sve2Products: readonly Definition[] = rows.flatMap((row) => [
  ...(row.vector ? [ofVectors(row, row.vector)] : []),
  ...(row.indexed ? sameWidth.map((indexing) => byElement(row, indexing, row.indexed!)) : []),
]);
