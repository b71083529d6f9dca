// Arm DDI 0487, "SVE encodings", "SVE2 Narrowing": results half as wide as the operands' lanes, to the bottom
// lanes with zeroes in the top ones (B), or to the top lanes alone (T).

import type { Definition, Fields } from "../definition.ts";
import { addLanes, shrULanes, splatBits, subLanes } from "../simd_vocabulary.ts";
import { const32, const64, type V128, wrap } from "../vocabulary.ts";
import { hasSizes, sve2, z } from "./sve_assembly.ts";
import { shiftedRight } from "./sve_lanes.ts";
import { limited, narrowed } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { hasTszSize, rightAmount } from "./sve_shift_immediate.ts";

type Part = 0 | 1;
const parts: readonly Part[] = [0, 1];

/** What is signed: the operands, the results; neither where nothing is limited. */
interface Limits {
  readonly isSigned: boolean;
  readonly givesSigned: boolean;
}
const signed: Limits = { isSigned: true, givesSigned: true };
const unsigned: Limits = { isSigned: false, givesSigned: false };
const toUnsigned: Limits = { isSigned: true, givesSigned: false };

interface Shift {
  readonly name: string;
  /** Bits 13 to 11 of the encoding. */
  readonly opcode: string;
  readonly limits?: Limits;
  readonly isRounding: boolean;
}

const rows: readonly Shift[] = [false, true].flatMap((isRounding) => {
  const r = isRounding ? "R" : "", R = isRounding ? 1 : 0;
  return [
    { name: `SQ${r}SHRUN`, opcode: `00${R}`, limits: toUnsigned, isRounding },
    { name: `${r}SHRN`, opcode: `01${R}`, isRounding },
    { name: `SQ${r}SHRN`, opcode: `10${R}`, limits: signed, isRounding },
    { name: `UQ${r}SHRN`, opcode: `11${R}`, limits: unsigned, isRounding },
  ];
});

const fit = (size: number, limits: Limits | undefined, value: V128): V128 =>
  limits ? limited(size, limits.isSigned, limits.givesSigned, value) : value;

function shift({ name, opcode, limits, isRounding }: Shift, T: Part, size: number): Definition {
  const title = `${name}${"BT"[T]}`;
  return sve2(
    `${title} (${"BHS"[size]})`,
    `01000101 0 tszh:1 1 tszl:2 imm3:3 00 ${opcode} ${T} Zn:5 Zd:5`,
    {
      valid: hasTszSize(size),
      assembly: (f: Fields) =>
        `${title.toLowerCase()} ${z(f.Zd!, size)}, ${z(f.Zn!, size + 1)}, #${rightAmount(f)}`,
      ...quadwords(
        { operands: ["Zd", "Zn"], sizes: size + 1, immediate: rightAmount },
        (wide, of, _, t) => {
          const isSigned = limits?.isSigned ?? false;
          const shifted = shiftedRight(wide, of("Zn"), wrap(t.immediate()), isSigned, isRounding);
          return narrowed(wide, fit(wide, limits, shifted), of("Zd"), T);
        },
      ),
    },
  );
}

const extracts: readonly (readonly [string, string, Limits])[] = [
  ["SQXTN", "00", signed],
  ["UQXTN", "01", unsigned],
  ["SQXTUN", "10", toUnsigned],
];
const tszOf = (size: number) => `0 ${size === 2 ? 1 : 0} 1 ${["01", "10", "00"][size]}`;

const extract = ([name, opcode, limits]: (typeof extracts)[number], T: Part, size: number): Definition => {
  const title = `${name}${"BT"[T]}`;
  return sve2(
    `${title} (${"BHS"[size]})`,
    `01000101 ${tszOf(size)} 000 010 ${opcode} ${T} Zn:5 Zd:5`,
    {
      assembly: (f) => `${title.toLowerCase()} ${z(f.Zd!, size)}, ${z(f.Zn!, size + 1)}`,
      ...quadwords(
        { operands: ["Zd", "Zn"], sizes: size + 1 },
        (wide, of) => narrowed(wide, fit(wide, limits, of("Zn")), of("Zd"), T),
      ),
    },
  );
};

const wideSizes = [1, 2, 3];

/** The upper halves of sums and differences, rounded or not. */
function highHalf(name: string, S: Part, R: Part, T: Part, combine: typeof addLanes): Definition {
  const title = `${R ? "R" : ""}${name}HN${"BT"[T]}`;
  return sve2(title, `01000101 size:2 1 Zm:5 011 ${S}${R}${T} Zn:5 Zd:5`, {
    valid: hasSizes(...wideSizes),
    assembly: (f) =>
      `${title.toLowerCase()} ${z(f.Zd!, f.size! - 1)}, ${z(f.Zn!, f.size!)}, ${z(f.Zm!, f.size!)}`,
    ...quadwords({ operands: ["Zd", "Zn", "Zm"], sizes: wideSizes }, (size, of) => {
      const bits = 4 << size, value = combine(size, of("Zn"), of("Zm"));
      const rounded = addLanes(size, value, splatBits(size, const64(1n << BigInt(bits - 1))));
      return narrowed(size, shrULanes(size, R ? rounded : value, const32(bits)), of("Zd"), T);
    }),
  });
}

export const sve2Narrowing: readonly Definition[] = parts.flatMap((T) => [
  ...rows.flatMap((row) => [0, 1, 2].map((size) => shift(row, T, size))),
  ...extracts.flatMap((row) => [0, 1, 2].map((size) => extract(row, T, size))),
  ...parts.flatMap((R) => [highHalf("ADD", 0, R, T, addLanes), highHalf("SUB", 1, R, T, subLanes)]),
]);
