// Arm DDI 0487, "SVE encodings", "SVE Integer Dot Product", "SVE Mixed Sign Dot Product", their indexed forms
// and "SVE Integer Matrix Multiply Accumulate": sums of products of four neighbours, or of eight.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields, Need } from "../definition.ts";
import { addLanes, bindQ, dotOfPairs, mulLanes, splatLane } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import { sve, sveInt8Matrix, z, zLane } from "./sve_assembly.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";

interface Signs {
  readonly n: boolean;
  readonly m: boolean;
}

/** Products of `count` neighbours, from lanes on. */
function products(cpu: Cpu, f: Fields, size: number, n: number, m: number, count: number, signs: Signs) {
  let sum = 0n;
  for (let k = 0; k < count; k++) {
    sum += laneOf(cpu, f.Zn!, size, n + k, signs.n) * laneOf(cpu, f.Zm!, size, m + k, signs.m);
  }
  return sum;
}

/** What two vectors give each wide lane: the products of its four neighbours, of whichever signs. */
function sums(size: number, n: V128, m: V128, signs: Signs): V128 {
  const part = (isTop: boolean) => {
    const a = widened(size - 1, n, signs.n, isTop), b = widened(size - 1, m, signs.m, isTop);
    if (size === 2) return dotOfPairs(a, b);
    // As bytes are, words are too wide for WebAssembly's sums of pairs.
    const isSigned = signs.n || signs.m;
    return bindQ(
      mulLanes(size - 1, a, b),
      (pairs) => addLanes(size, widened(size, pairs, isSigned, false), widened(size, pairs, isSigned, true)),
    );
  };
  return addLanes(size, part(false), part(true));
}

const code = (
  size: number,
  signs: Signs,
  second: (t: Target, m: V128) => V128,
  immediate?: (f: Fields) => number,
) =>
  quadwords(
    { operands: ["Zda", "Zn", "Zm"], sizes: size, ...(immediate && { immediate }) },
    (_, of, __, t) =>
      bindQ(of("Zn"), (n) =>
        bindQ(second(t, of("Zm")), (m) => addLanes(size, of("Zda"), sums(size, n, m, signs)))),
  );

const start = (name: string, f: Fields, size: number) =>
  `${name.toLowerCase()} ${z(f.Zda!, size)}, ${z(f.Zn!, size - 2)}`;

interface Row {
  readonly name: string;
  readonly signs: Signs;
  readonly needs?: Need;
  /** Bits 15 to 10 of the encodings, and whether there are lanes of 64 bits too. */
  readonly vector?: string;
  readonly indexed?: string;
  readonly hasWide?: boolean;
}

const rows: readonly Row[] = [
  { name: "SDOT", signs: { n: true, m: true }, vector: "000000", indexed: "000000", hasWide: true },
  { name: "UDOT", signs: { n: false, m: false }, vector: "000001", indexed: "000001", hasWide: true },
  {
    name: "USDOT",
    signs: { n: false, m: true },
    needs: sveInt8Matrix,
    vector: "011110",
    indexed: "000110",
  },
  { name: "SUDOT", signs: { n: true, m: false }, needs: sveInt8Matrix, indexed: "000111" },
];

function dots({ name, signs, needs, vector, indexed, hasWide = false }: Row): Definition[] {
  return (hasWide ? [2, 3] : [2]).flatMap((size) => {
    const more = needs ? { needs } : {}, letter = "BHSD"[size], sz = size === 3 ? "11" : "10";
    const index = size === 3 ? "i1" : "i2", Zm = size === 3 ? "i1:1 Zm:4" : "i2:2 Zm:3";
    return [
      ...(vector
        ? [sve(`${name} (vectors, ${letter})`, `01000100 ${sz} 0 Zm:5 ${vector} Zn:5 Zda:5`, {
          ...more,
          assembly: (f) => `${start(name, f, size)}, ${z(f.Zm!, size - 2)}`,
          ...code(size, signs, (_, m) => m),
        })]
        : []),
      ...(indexed
        ? [sve(`${name} (indexed, ${letter})`, `01000100 ${sz} 1 ${Zm} ${indexed} Zn:5 Zda:5`, {
          ...more,
          assembly: (f) => `${start(name, f, size)}, ${zLane(f.Zm!, size - 2, f[index]!)}`,
          ...code(size, signs, (t, m) => splatLane(size, m, t.immediate()), (f) => f[index]! << size),
        })]
        : []),
    ];
  });
}

/** Of each quadword: two rows of eight bytes by two of the other's. */
const matrix = (name: string, uns: string, signs: Signs): Definition =>
  sve(name, `01000101 ${uns} 0 Zm:5 100110 Zn:5 Zda:5`, {
    needs: sveInt8Matrix,
    assembly: (f) => `${start(name, f, 2)}, ${z(f.Zm!, 0)}`,
    run(cpu, f) {
      const of = (lane: number) => {
        const quadword = 4 * (lane - lane % 4);
        const row = quadword + 8 * (lane >> 1 & 1), column = quadword + 8 * (lane & 1);
        return laneOf(cpu, f.Zda!, 2, lane) + products(cpu, f, 0, row, column, 8, signs);
      };
      setLanes(cpu, f.Zda!, 2, eachLane(cpu, 2, of));
    },
  });

export const sveDotProduct: readonly Definition[] = [
  ...rows.flatMap(dots),
  matrix("SMMLA", "00", { n: true, m: true }),
  matrix("USMMLA", "10", { n: false, m: true }),
  matrix("UMMLA", "11", { n: false, m: false }),
];
