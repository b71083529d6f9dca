// Arm DDI 0487, "SVE encodings", "SVE2 Integer - Predicated": active lanes of the destination become the result.
// In generated code but for shifts by vectors and estimates.

import type { Definition } from "../definition.ts";
import { UnsignedRecipEstimate, UnsignedRSqrtEstimate } from "../float/estimate.ts";
import { absolute, addLanes, bindQ, shrULanes, subLanes, xorBits } from "../simd_vocabulary.ts";
import { const32, type V128 } from "../vocabulary.ts";
import { zeroQ } from "./load_store_lanes.ts";
import { halvingDifference, halvingSum, roundingHalvingSum } from "./simd_halving.ts";
import { hasSizes, merging, sve2, z, zNames } from "./sve_assembly.ts";
import { saturate } from "./sve_element_count.ts";
import { swapped } from "./sve_integer_binary.ts";
import { bothSigned, mergeOfOne, mergeOfTwo, type OfTwo, unsigned } from "./sve_lane_operations.ts";
import { alternating, type Both, max, min, saturatedDifference, saturatedSum, signBit } from "./sve_lanes.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";

const all = [0, 1, 2, 3];

/** @param opcode bits 21 to 13 of the encoding */
const binary = (
  name: string,
  opcode: string,
  compute: (size: number, n: V128, m: V128) => V128,
): Definition =>
  sve2(`${name} (vectors, predicated)`, `01000100 size:2 ${opcode} Pg:3 Zm:5 Zdn:5`, {
    assembly: binaryAssembly(name),
    ...quadwords(
      { operands: ["Zdn", "Zm"], sizes: all, isMerging: true },
      (size, of) => compute(size, of("Zdn"), of("Zm")),
    ),
  });

const binaryAssembly = (name: string): Definition["assembly"] => (f) =>
  `${name.toLowerCase()} ${z(f.Zdn!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, "Zdn", "Zm")}`;

/** S and U before the name, and in the encoding. */
const either = (name: string, opcode: (U: 0 | 1) => string, compute: Both): Definition[] =>
  ([0, 1] as const).map((U) =>
    binary(`${"SU"[U]}${name}`, opcode(U), (size, n, m) => compute(size, U === 0, n, m))
  );

const reversed = (compute: Both): Both => (size, isSigned, n, m) => compute(size, isSigned, m, n);

/** Of neighbours: the first operand's to even lanes, the second's to odd ones. */
const pairwise = (compute: Both): Both => (size, isSigned, n, m) =>
  compute(size, isSigned, alternating(size, n, m, 0), alternating(size, n, m, 1));

/** The first operand is moved to numbers of the other kind and back, so that both are of the second's. */
const mixed = (isSigned: boolean) => (size: number, n: V128, m: V128) => {
  const turn = (value: V128) => xorBits(value, signBit(size));
  return turn(saturatedSum(size, isSigned, turn(n), m));
};

const binaries: readonly Definition[] = [
  ...either("HADD", (U) => `010 00${U} 100`, halvingSum),
  ...either("HSUB", (U) => `010 01${U} 100`, halvingDifference),
  ...either("RHADD", (U) => `010 10${U} 100`, roundingHalvingSum),
  ...either("HSUBR", (U) => `010 11${U} 100`, reversed(halvingDifference)),
  binary(
    "ADDP",
    "010 001 101",
    (size, n, m) => pairwise((_, __, a, b) => addLanes(size, a, b))(size, false, n, m),
  ),
  ...either("MAXP", (U) => `010 10${U} 101`, pairwise(max)),
  ...either("MINP", (U) => `010 11${U} 101`, pairwise(min)),
  ...either("QADD", (U) => `011 00${U} 100`, saturatedSum),
  ...either("QSUB", (U) => `011 01${U} 100`, saturatedDifference),
  binary("SUQADD", "011 100 100", mixed(false)),
  binary("USQADD", "011 101 100", mixed(true)),
  ...either("QSUBR", (U) => `011 11${U} 100`, reversed(saturatedDifference)),
];

/** By a signed amount: to the left, or to the right if it is negative. */
const shiftBy = (isRounding: boolean): OfTwo => (value, amount, bits) => {
  const by = BigInt.asIntN(bits, amount), most = BigInt(bits + 1);
  if (by >= 0n) return value << (by < most ? by : most);
  const right = -by < most ? -by : most;
  return isRounding ? (value + (1n << right - 1n)) >> right : value >> right;
};

/** Q, R and U in the name and in the encoding; those with R at the end take the operands the other way round. */
const shifts: readonly Definition[] = [false, true].flatMap((isSaturating) =>
  [false, true].flatMap((isRounding) =>
    [false, true].flatMap((isReversed) =>
      ([0, 1] as const).map((U) => {
        const bit = (value: boolean) => value ? 1 : 0;
        const name = `${"SU"[U]}${isSaturating ? "Q" : ""}${isRounding ? "R" : ""}SHL${
          isReversed ? "R" : ""
        }`;
        const shift = shiftBy(isRounding);
        const compute: OfTwo = (n, m, bits) =>
          isSaturating ? saturate(shift(n, m, bits), bits, U === 1) : shift(n, m, bits);
        const signs = U === 0 ? bothSigned : unsigned;
        const opcode = `00${bit(isSaturating)}${bit(isReversed)}${bit(isRounding)}${U}`;
        return { isPlain: !isSaturating && !isRounding, name, opcode, signs, compute, isReversed };
      })
    )
  )
).filter(({ isPlain }) => !isPlain).map(({ name, opcode, signs, compute, isReversed }) =>
  sve2(`${name} (vectors, predicated)`, `01000100 size:2 ${opcode} 100 Pg:3 Zm:5 Zdn:5`, {
    assembly: binaryAssembly(name),
    run: mergeOfTwo(isReversed ? swapped(compute) : compute, signs),
  })
);

const unaryAssembly = (name: string): Definition["assembly"] => (f) =>
  `${name.toLowerCase()} ${z(f.Zd!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size!)}`;

const unary = (name: string, opcode: string, compute: (size: number, n: V128) => V128): Definition =>
  sve2(name, `01000100 size:2 ${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    assembly: unaryAssembly(name),
    ...quadwords(
      { operands: ["Zd", "Zn"], sizes: all, isMerging: true },
      (size, of) => compute(size, of("Zn")),
    ),
  });

const estimate = (name: string, opcode: string, compute: (operand: number) => number): Definition =>
  sve2(name, `01000100 size:2 ${opcode} 101 Pg:3 Zn:5 Zd:5`, {
    valid: hasSizes(2),
    assembly: unaryAssembly(name),
    run: mergeOfOne((value) => BigInt(compute(Number(value)))),
  });

/** The lowest number has no opposite: it becomes the highest, which is one less. */
const saturatedAbsolute = (size: number, n: V128) =>
  bindQ(
    absolute(size, n),
    (value) => subLanes(size, value, shrULanes(size, value, const32((8 << size) - 1))),
  );

const pairSum = (name: string, U: 0 | 1): Definition =>
  sve2(name, `01000100 size:2 00010${U} 101 Pg:3 Zn:5 Zda:5`, {
    valid: hasSizes(1, 2, 3),
    assembly: (f) => `${name.toLowerCase()} ${z(f.Zda!, f.size!)}, ${merging(f)}, ${z(f.Zn!, f.size! - 1)}`,
    ...quadwords({ operands: ["Zda", "Zn"], sizes: [1, 2, 3], isMerging: true }, (size, of) => {
      const part = (isTop: boolean) => widened(size, of("Zn"), U === 0, isTop);
      return addLanes(size, of("Zda"), addLanes(size, part(false), part(true)));
    }),
  });

export const sve2Predicated: readonly Definition[] = [
  ...binaries,
  ...shifts,
  estimate("URECPE", "000000", UnsignedRecipEstimate),
  estimate("URSQRTE", "000001", UnsignedRSqrtEstimate),
  unary("SQABS", "001000", saturatedAbsolute),
  unary("SQNEG", "001001", (size, n) => saturatedDifference(size, true, zeroQ, n)),
  pairSum("SADALP", 0),
  pairSum("UADALP", 1),
];
