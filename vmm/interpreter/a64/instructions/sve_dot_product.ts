// Arm DDI 0487, "SVE encodings", "SVE Integer Dot Product", "SVE Mixed Sign Dot Product", their indexed forms
// and "SVE Integer Matrix Multiply Accumulate": sums of products of four neighbours, or of eight.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields, Need } from "../definition.ts";
import { sve, sveInt8Matrix, z, zLane } from "./sve_assembly.ts";
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

/** @param second the first of the four lanes of Zm for a sum */
function dot(cpu: Cpu, f: Fields, size: number, signs: Signs, second: (sum: number) => number) {
  const of = (lane: number) =>
    laneOf(cpu, f.Zda!, size, lane) + products(cpu, f, size - 2, 4 * lane, second(lane), 4, signs);
  setLanes(cpu, f.Zda!, size, eachLane(cpu, size, of));
}

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
    // A quadword's sums, of which each takes the same four lanes.
    const sums = 16 >> size;
    return [
      ...(vector
        ? [sve(`${name} (vectors, ${letter})`, `01000100 ${sz} 0 Zm:5 ${vector} Zn:5 Zda:5`, {
          ...more,
          assembly: (f) => `${start(name, f, size)}, ${z(f.Zm!, size - 2)}`,
          run: (cpu, f) => dot(cpu, f, size, signs, (sum) => 4 * sum),
        })]
        : []),
      ...(indexed
        ? [sve(`${name} (indexed, ${letter})`, `01000100 ${sz} 1 ${Zm} ${indexed} Zn:5 Zda:5`, {
          ...more,
          assembly: (f) => `${start(name, f, size)}, ${zLane(f.Zm!, size - 2, f[index]!)}`,
          run: (cpu, f) => dot(cpu, f, size, signs, (sum) => 4 * (sum - sum % sums + f[index]!)),
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
