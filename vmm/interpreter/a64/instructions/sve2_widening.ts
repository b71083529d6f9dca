// Arm DDI 0487, "SVE encodings", "SVE2 Widening Integer Arithmetic" without the products, "SVE2 Integer Add/Sub
// Interleaved Long", "SVE2 Bitwise Shift Left Long" and "SVE2 Integer Absolute Difference and Accumulate Long":
// of bottom (B) and top (T) lanes half as wide as the result's.

import type { Definition, Fields } from "../definition.ts";
import { absolute, addLanes, shlLanes, subLanes } from "../simd_vocabulary.ts";
import { type V128, wrap } from "../vocabulary.ts";
import { hasSizes, sve2, z } from "./sve_assembly.ts";
import { widened } from "./sve_narrow_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";
import { hasTszSize, leftAmount } from "./sve_shift_immediate.ts";

type Combine = (size: number, n: V128, m: V128, d: V128) => V128;
type Part = 0 | 1;

const distance: Combine = (size, n, m) => absolute(size, subLanes(size, n, m));
const accumulatedDistance: Combine = (size, n, m, d) => addLanes(size, d, distance(size, n, m, d));

const wide = [1, 2, 3];
const parts: readonly Part[] = [0, 1];

interface Row {
  readonly name: string;
  /** Bits 15 to 10 of the encoding. */
  readonly opcode: string;
  readonly isSigned: boolean;
  /** The parts of Zn's lanes, or the whole of them, and of Zm's. */
  readonly n: Part | "all";
  readonly m: Part;
  readonly combine: Combine;
  readonly accumulates?: boolean;
}

function definition({ name, opcode, isSigned, n, m, combine, accumulates = false }: Row): Definition {
  const Zd = accumulates ? "Zda" : "Zd", nSize = (size: number) => n === "all" ? size : size - 1;
  return sve2(name, `01000101 size:2 0 Zm:5 ${opcode} Zn:5 ${Zd}:5`, {
    valid: hasSizes(...wide),
    assembly: (f) =>
      `${name.toLowerCase()} ${z(f[Zd]!, f.size!)}, ${z(f.Zn!, nSize(f.size!))}, ${z(f.Zm!, f.size! - 1)}`,
    ...quadwords({ operands: [Zd, "Zn", "Zm"], sizes: wide }, (size, of) => {
      const first = n === "all" ? of("Zn") : widened(size, of("Zn"), isSigned, n);
      return combine(size, first, widened(size, of("Zm"), isSigned, m), of(Zd));
    }),
  });
}

/** S and U before the name, B and T after it: bits U and T of the encoding. */
const family = (
  name: string,
  opcode: string,
  combine: Combine,
  { isWide = false, accumulates = false } = {},
) =>
  parts.flatMap((U) =>
    parts.map((T): Row => ({
      name: `${"SU"[U]}${name}${"BT"[T]}`,
      opcode: `${opcode} ${U}${T}`,
      isSigned: U === 0,
      n: isWide ? "all" : T,
      m: T,
      combine,
      accumulates,
    }))
  );

const interleaved = (name: string, opcode: string, n: Part, m: Part, combine: Combine): Row => ({
  name,
  opcode,
  isSigned: true,
  n,
  m,
  combine,
});

const rows: readonly Row[] = [
  ...family("ADDL", "0000", addLanes),
  ...family("SUBL", "0001", subLanes),
  ...family("ABDL", "0011", distance),
  ...family("ADDW", "0100", addLanes, { isWide: true }),
  ...family("SUBW", "0101", subLanes, { isWide: true }),
  ...family("ABAL", "1100", accumulatedDistance, { accumulates: true }),
  interleaved("SADDLBT", "100000", 0, 1, addLanes),
  interleaved("SSUBLBT", "100010", 0, 1, subLanes),
  interleaved("SSUBLTB", "100011", 1, 0, subLanes),
];

const shift = (U: Part, T: Part, size: number): Definition => {
  const name = `${"SU"[U]}SHLL${"BT"[T]}`;
  return sve2(
    `${name} (${"BHSD"[size + 1]})`,
    `01000101 0 tszh:1 0 tszl:2 imm3:3 1010 ${U}${T} Zn:5 Zd:5`,
    {
      valid: hasTszSize(size),
      assembly: (f: Fields) =>
        `${name.toLowerCase()} ${z(f.Zd!, size + 1)}, ${z(f.Zn!, size)}, #${leftAmount(f)}`,
      ...quadwords(
        { operands: ["Zd", "Zn"], sizes: size + 1, immediate: leftAmount },
        (wideSize, of, _, t) =>
          shlLanes(wideSize, widened(wideSize, of("Zn"), U === 0, T), wrap(t.immediate())),
      ),
    },
  );
};

export const sve2Widening: readonly Definition[] = [
  ...rows.map(definition),
  ...parts.flatMap((U) => parts.flatMap((T) => [0, 1, 2].map((size) => shift(U, T, size)))),
];
