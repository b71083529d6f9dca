// Arm DDI 0487, "SVE encodings", "SVE2 Bitwise Shift Right and Accumulate", "SVE2 Bitwise Shift and Insert",
// "SVE2 Bitwise Ternary"'s rotation XAR, and of "SVE Bitwise Shift by Immediate - Predicated" what SVE2 has more.

import type { Definition, Fields } from "../definition.ts";
import {
  addLanes,
  andNot,
  bindQ,
  equal,
  notBits,
  shiftRight,
  shlLanes,
  shrSLanes,
  shrULanes,
  splatBits,
  xorBits,
} from "../simd_vocabulary.ts";
import { const64, type I32, type V128, wrap } from "../vocabulary.ts";
import { bitselect, zeroQ } from "./load_store_lanes.ts";
import { merging, sve2, z, zNames } from "./sve_assembly.ts";
import { rotatedRight, shiftedRight, signBit, signs } from "./sve_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { hasTszSize, leftAmount, rightAmount } from "./sve_shift_immediate.ts";

const sizes = [0, 1, 2, 3];
const amounts = { left: leftAmount, right: rightAmount };
type Direction = keyof typeof amounts;

type Shift = (size: number, n: V128, amount: I32, d: V128) => V128;

const accumulating = (isSigned: boolean, isRounding: boolean): Shift => (size, n, amount, d) =>
  addLanes(size, d, shiftedRight(size, n, amount, isSigned, isRounding));

/** Bits that are shifted in are the destination's. */
const inserting = (shift: (size: number, value: V128, amount: I32) => V128): Shift => (size, n, amount, d) =>
  bitselect(shift(size, n, amount), d, shift(size, splatBits(size, const64(-1)), amount));

const unpredicated = (
  name: string,
  opcode: string,
  Zd: "Zd" | "Zda",
  direction: Direction,
  shift: Shift,
): Definition[] =>
  sizes.map((size) =>
    sve2(
      `${name} (${"BHSD"[size]})`,
      `01000101 tszh:2 0 tszl:2 imm3:3 ${opcode} Zn:5 ${Zd}:5`,
      {
        valid: hasTszSize(size),
        assembly: (f) => `${name.toLowerCase()} ${zNames(f, size, Zd, "Zn")}, #${amounts[direction](f)}`,
        ...quadwords(
          { operands: [Zd, "Zn"], sizes: size, immediate: amounts[direction] },
          (_, of, __, t) => shift(size, of("Zn"), wrap(t.immediate()), of(Zd)),
        ),
      },
    )
  );

/** To the left, `limit` where what is shifted out counts. */
const saturating = (
  back: typeof shrSLanes,
  limit: (size: number, n: V128) => V128,
): Shift =>
(size, value, amount) =>
  bindQ(
    value,
    (n) =>
      bindQ(shlLanes(size, n, amount), (shifted) =>
        bitselect(shifted, limit(size, n), equal(size, back(size, shifted, amount), n))),
  );

const signedLimit = (size: number, n: V128) => xorBits(notBits(signBit(size)), signs(size, n));
const ones = (size: number) => splatBits(size, const64(-1));
const unsignedSaturating = saturating(shrULanes, ones);
/** Of signed numbers, the negative ones to zero. */
const signedToUnsigned: Shift = (size, value, amount, d) =>
  bindQ(value, (n) => andNot(unsignedSaturating(size, n, amount, d), signs(size, n)));

const predicated = (name: string, opcode: string, direction: Direction, shift: Shift): Definition[] =>
  sizes.map((size) =>
    sve2(
      `${name} (immediate, predicated, ${"BHSD"[size]})`,
      `00000100 tszh:2 00 ${opcode} 100 Pg:3 tszl:2 imm3:3 Zdn:5`,
      {
        valid: hasTszSize(size),
        assembly: (f: Fields) => {
          const Zdn = z(f.Zdn!, size);
          return `${name.toLowerCase()} ${Zdn}, ${merging(f)}, ${Zdn}, #${amounts[direction](f)}`;
        },
        ...quadwords(
          { operands: ["Zdn"], sizes: size, immediate: amounts[direction], isMerging: true },
          (_, of, __, t) => shift(size, of("Zdn"), wrap(t.immediate()), zeroQ),
        ),
      },
    )
  );

const XAR: readonly Definition[] = sizes.map((size) =>
  sve2(`XAR (${"BHSD"[size]})`, "00000100 tszh:2 1 tszl:2 imm3:3 001101 Zm:5 Zdn:5", {
    valid: hasTszSize(size),
    assembly: (f) => `xar ${zNames(f, size, "Zdn", "Zdn", "Zm")}, #${rightAmount(f)}`,
    ...quadwords(
      { operands: ["Zdn", "Zm"], sizes: size, immediate: rightAmount },
      (_, of, __, t) => rotatedRight(size, xorBits(of("Zdn"), of("Zm")), wrap(t.immediate())),
    ),
  })
);

export const sve2Shifts: readonly Definition[] = [
  ...unpredicated("SSRA", "111000", "Zda", "right", accumulating(true, false)),
  ...unpredicated("USRA", "111001", "Zda", "right", accumulating(false, false)),
  ...unpredicated("SRSRA", "111010", "Zda", "right", accumulating(true, true)),
  ...unpredicated("URSRA", "111011", "Zda", "right", accumulating(false, true)),
  ...unpredicated(
    "SRI",
    "111100",
    "Zd",
    "right",
    inserting((size, value, amount) => shiftRight(size, value, amount, false)),
  ),
  ...unpredicated("SLI", "111101", "Zd", "left", inserting(shlLanes)),
  ...predicated("SQSHL", "0110", "left", saturating(shrSLanes, signedLimit)),
  ...predicated("UQSHL", "0111", "left", unsignedSaturating),
  ...predicated("SRSHR", "1100", "right", (size, n, amount) => shiftedRight(size, n, amount, true, true)),
  ...predicated("URSHR", "1101", "right", (size, n, amount) => shiftedRight(size, n, amount, false, true)),
  ...predicated("SQSHLU", "1111", "left", signedToUnsigned),
  ...XAR,
];
