// Arm DDI 0487, "SVE encodings", "SVE2 Integer Absolute Difference and Accumulate" and "SVE2 Integer Add/Subtract
// Long with Carry".

import type { Definition } from "../definition.ts";
import { addLanes, andBits, extract64, notBits, splatBits } from "../simd_vocabulary.ts";
import { add, and, bind64, const64, extendU32, ltU, or, type V128 } from "../vocabulary.ts";
import { fromHalves } from "./load_store_lanes.ts";
import { sve2, zNames } from "./sve_assembly.ts";
import { distance } from "./sve_lanes.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";

const difference = (U: 0 | 1): Definition => {
  const name = `${"SU"[U]}ABA`;
  return sve2(name, `01000101 size:2 0 Zm:5 11111 ${U} Zn:5 Zda:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zda", "Zn", "Zm")}`,
    ...quadwords(
      { operands: ["Zda", "Zn", "Zm"], sizes: [0, 1, 2, 3] },
      (size, of) => addLanes(size, of("Zda"), distance(size, U === 0, of("Zn"), of("Zm"))),
    ),
  });
};

type WithCarry = (a: V128, b: V128, carry: V128, isTop: 0 | 1) => V128;

/** In 64 bits: the sum, and above it the carry. The carry comes in by the lowest bit of the upper half. */
const ofWords: WithCarry = (a, b, carry, isTop) => {
  const carryIn = andBits(widened(3, carry, false, true), splatBits(3, const64(1)));
  return addLanes(3, addLanes(3, widened(3, a, false, 0), widened(3, b, false, isTop)), carryIn);
};

/** The same in 128. */
const ofDoublewords: WithCarry = (a, b, carry, isTop) => {
  const carryIn = and(extract64(carry, 1), const64(1));
  return bind64(
    extract64(b, isTop),
    (addend) =>
      bind64(
        add(extract64(a, 0), addend),
        (sum) =>
          bind64(add(sum, carryIn), (total) =>
            fromHalves(total, or(extendU32(ltU(sum, addend)), extendU32(ltU(total, sum))))),
      ),
  );
};

/** A difference is the sum with the complement. */
const withCarry = (name: string, isDifference: 0 | 1, sz: 0 | 1, isTop: 0 | 1): Definition => {
  const compute = sz ? ofDoublewords : ofWords, size = 2 + sz, title = `${name}${"BT"[isTop]}`;
  return sve2(
    `${title} (${"BHSD"[size]})`,
    `01000101 ${isDifference}${sz} 0 Zm:5 11010 ${isTop} Zn:5 Zda:5`,
    {
      assembly: (f) => `${title.toLowerCase()} ${zNames(f, size, "Zda", "Zn", "Zm")}`,
      ...quadwords({ operands: ["Zda", "Zn", "Zm"], sizes: size }, (_, of) => {
        const n = isDifference ? notBits(of("Zn")) : of("Zn");
        return compute(of("Zda"), n, of("Zm"), isTop);
      }),
    },
  );
};

const bits = [0, 1] as const;

export const sve2Accumulate: readonly Definition[] = [
  ...bits.map(difference),
  ...bits.flatMap((sz) =>
    bits.flatMap((isTop) => [withCarry("ADCL", 0, sz, isTop), withCarry("SBCL", 1, sz, isTop)])
  ),
];
