// Arithmetic of complex integers in pairs of lanes, the real part in the even one (Arm DDI 0487, "SVE encodings",
// "SVE2 Complex Integer Add", "SVE2 Complex Integer Multiply-Add", "SVE2 Complex Integer Dot Product" and their
// indexed forms). A second operand is turned by `rot` quarters.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { addLanes, bindQ, mulLanes, subLanes } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { hasSizes, sve2, z, zLane, zNames } from "./sve_assembly.ts";
import { saturate } from "./sve_element_count.ts";
import { byteOf, groups, type Indexing, splatIndexed } from "./sve_indexed.ts";
import { type Both, inLanes, ofPair, saturatedDifference, saturatedSum, swapped } from "./sve_lanes.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { orRun, quadwords } from "./sve_quadwords.ts";
import { eachLane, laneOf, setLanes } from "./sve_registers.ts";
import { roundedDoubledSums } from "./sve2_products.ts";

const all = [0, 1, 2, 3];

/** By a quarter the other's imaginary part is subtracted from the real one, by three it is added. */
const add = (name: string, op: 0 | 1, plus: Both, minus: Both): Definition =>
  sve2(name, `01000101 size:2 00000 ${op} 11011 rot:1 Zm:5 Zdn:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zdn", "Zdn", "Zm")}, #${f.rot ? 270 : 90}`,
    ...quadwords(
      { operands: ["Zdn", "Zm"], sizes: all, forms: ["rot"] },
      (size, of, { rot }) =>
        bindQ(swapped(size, of("Zm")), (m) => {
          const isOdd = rot ? 1 : 0;
          return inLanes(size, isOdd, minus(size, true, of("Zdn"), m), plus(size, true, of("Zdn"), m));
        }),
    ),
  });

/** Half of a product: which lane of the first factor's pairs, and whether the halves are subtracted. */
const halfOf = ({ rot }: Fields) => {
  const part = (rot! & 1) as 0 | 1, minusImaginary = rot! >= 2, minusReal = minusImaginary !== (part === 1);
  return { part, minusReal, minusImaginary };
};

type Multiply = (size: number, d: V128, n: V128, m: V128, form: Fields) => V128;

const multiplyAdd: Multiply = (size, d, n, m, form) => {
  const { part, minusReal, minusImaginary } = halfOf(form);
  const product = mulLanes(size, ofPair(size, n, part), part ? swapped(size, m) : m);
  if (minusReal === minusImaginary) return (minusReal ? subLanes : addLanes)(size, d, product);
  return bindQ(
    product,
    (once) => inLanes(size, minusReal ? 0 : 1, subLanes(size, d, once), addLanes(size, d, once)),
  );
};

const roundedMultiplyAdd: Multiply = (size, d, n, m, form) => {
  const { part, minusReal, minusImaginary } = halfOf(form);
  const sums = roundedDoubledSums(minusReal ? subLanes : addLanes, minusImaginary ? subLanes : addLanes);
  return bindQ(
    ofPair(size, n, part),
    (a) => part ? bindQ(swapped(size, m), (b) => sums(size, d, a, b)) : sums(size, d, a, m),
  );
};

/** The same of 64 bits. */
function runRounded(cpu: Cpu, f: Fields) {
  const { part, minusReal, minusImaginary } = halfOf(f);
  const of = (Zn: number, lane: number) => laneOf(cpu, Zn, 3, lane, true);
  const values = eachLane(cpu, 3, (lane) => {
    const isImaginary = lane & 1, pair = lane - isImaginary;
    const product = 2n * of(f.Zn!, pair + part) * of(f.Zm!, pair + (isImaginary ^ part));
    const isMinus = isImaginary ? minusImaginary : minusReal;
    const sum = (of(f.Zda!, lane) << 64n) + (isMinus ? -product : product);
    return saturate(sum + (1n << 63n) >> 64n, 64, false);
  });
  setLanes(cpu, f.Zda!, 3, values);
}

/** Lanes of a quarter of the width: both pairs' real parts, or with an odd turn their imaginary ones. */
const dotProduct: Multiply = (size, d, n, m, form) => {
  const { part } = halfOf(form), isPlus = form.rot === 1 || form.rot === 2;
  const sum = (isTop: 0 | 1, factor: V128) => {
    const of = (value: V128, top: 0 | 1) => widened(size - 1, value, true, top);
    return bindQ(
      mulLanes(size - 1, of(n, isTop), of(factor, (isTop ^ part) as 0 | 1)),
      (once) => addLanes(size, widened(size, once, true, 0), widened(size, once, true, 1)),
    );
  };
  return (isPlus ? addLanes : subLanes)(size, addLanes(size, d, sum(0, m)), sum(1, m));
};

interface Row {
  readonly name: string;
  /** Bits 15 to 12 of the encodings of vectors and by an element. */
  readonly vector: string;
  readonly indexed: string;
  readonly multiply: Multiply;
  /** Of the result, and log2 of how many times wider it is than the factors. */
  readonly sizes: readonly number[];
  readonly widening: number;
  readonly run?: (cpu: Cpu, f: Fields) => void;
}

const rows: readonly Row[] = [
  { name: "CDOT", vector: "0001", indexed: "0100", multiply: dotProduct, sizes: [2, 3], widening: 2 },
  { name: "CMLA", vector: "0010", indexed: "0110", multiply: multiplyAdd, sizes: all, widening: 0 },
  {
    name: "SQRDCMLAH",
    vector: "0011",
    indexed: "0111",
    multiply: roundedMultiplyAdd,
    sizes: all,
    widening: 0,
    run: runRounded,
  },
];

const operands = ["Zda", "Zn", "Zm"];

function ofVectors({ name, vector, multiply, sizes, widening, run }: Row): Definition {
  const emitted = run ? sizes.filter((size) => size < 3) : sizes;
  const code = quadwords(
    { operands, sizes: emitted, forms: ["rot"] },
    (size, of, form) => multiply(size, of("Zda"), of("Zn"), of("Zm"), form),
  );
  return sve2(`${name} (vectors)`, `01000100 size:2 0 Zm:5 ${vector} rot:2 Zn:5 Zda:5`, {
    valid: hasSizes(...sizes),
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f.Zda!, f.size!)}, ${zNames(f, f.size! - widening, "Zn", "Zm")}, #${
        90 * f.rot!
      }`,
    ...(run ? { ...orRun(emitted, code), run } : code),
  });
}

/** By the pair or, of CDOT, by the two pairs at a number. */
function byElement({ name, indexed, multiply, widening }: Row, group: Indexing): Definition {
  const { encoding, index } = group, size = widening ? group.size : group.size - 1;
  const narrow = size - widening;
  return sve2(
    `${name} (indexed, ${"BHSD"[size]})`,
    `01000100 ${encoding} ${indexed} rot:2 Zn:5 Zda:5`,
    {
      assembly: (f) =>
        `${name.toLowerCase()} ${z(f.Zda!, size)}, ${z(f.Zn!, narrow)}, ${zLane(f.Zm!, narrow, index(f))}, #${
          90 * f.rot!
        }`,
      ...quadwords(
        { operands, sizes: size, forms: ["rot"], immediate: byteOf(group) },
        (_, of, form, t) =>
          bindQ(splatIndexed(t, group, of("Zm")), (m) => multiply(size, of("Zda"), of("Zn"), m, form)),
      ),
    },
  );
}

export const sve2Complex: readonly Definition[] = [
  add("CADD", 0, (size, _, n, m) => addLanes(size, n, m), (size, _, n, m) => subLanes(size, n, m)),
  add("SQCADD", 1, saturatedSum, saturatedDifference),
  ...rows.map(ofVectors),
  ...rows.flatMap((row) => Object.values(groups).map((group) => byElement(row, group))),
];
