// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD permute" and
// "Advanced SIMD extract".

import { type Definition, instruction } from "../definition.ts";
import { vectorName } from "../simd_assembly.ts";
import { pick } from "../simd_vocabulary.ts";
import { allSizes, emitForSizes, hasSize, setResult, twoVectors } from "./simd_class.ts";

/** Of a lane of the result, where it comes from: a lane of Rn, or from `count` on one of Rm. */
type Source = (lane: number, count: number) => number;

/** With the fixed bits of the encoding. */
const sources: readonly (readonly [name: string, opcode: string, source: Source])[] = [
  ["UZP1", "001", (lane) => 2 * lane],
  ["UZP2", "101", (lane) => 2 * lane + 1],
  ["TRN1", "010", (lane, count) => (lane & ~1) + (lane & 1) * count],
  ["TRN2", "110", (lane, count) => (lane & ~1) + 1 + (lane & 1) * count],
  ["ZIP1", "011", (lane, count) => (lane >> 1) + (lane & 1) * count],
  ["ZIP2", "111", (lane, count) => (lane >> 1) + count / 2 + (lane & 1) * count],
];

/** Bytes for a shuffle, in which Rm's begin at 16; above the result they are of no account. */
function byteNumber(source: Source, size: number, Q: number, byte: number): number {
  const width = Q ? 16 : 8, bytes = 1 << size;
  if (byte >= width) return 0;
  const from = source(Math.floor(byte / bytes), width / bytes) * bytes + byte % bytes;
  return from < width ? from : 16 + from - width;
}

const permutations = sources.map(([name, opcode, source]) =>
  instruction(name, `0 Q:1 001110 size:2 0 Rm:5 0 ${opcode} 10 Rn:5 Rd:5`, {
    operands: twoVectors,
    forms: ["size", "Q"],
    uses: "fp",
    valid: hasSize(allSizes),
    assembly: ({ Rd, Rn, Rm, size, Q }) =>
      `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => vectorName(n, size!, Q!)).join(", ")}`,
    emit: emitForSizes(
      allSizes,
      (t, { size, Q }) => pick(t.q("Rn"), t.q("Rm"), (byte) => byteNumber(source, size!, Q!, byte) & 31),
    ),
  })
);

/** Bytes from a place in Rn on, followed by Rm's. */
const extract = instruction("EXT", "0 Q:1 101110 000 Rm:5 0 imm4:4 0 Rn:5 Rd:5", {
  operands: twoVectors,
  forms: ["imm4", "Q"],
  uses: "fp",
  valid: ({ imm4, Q }) => Q === 1 || imm4! < 8,
  assembly: ({ Rd, Rn, Rm, imm4, Q }) =>
    `ext ${[Rd!, Rn!, Rm!].map((n) => vectorName(n, 0, Q!)).join(", ")}, #${imm4}`,
  emit: (t, form) => {
    const width = form.Q ? 16 : 8;
    const from = (byte: number) => byte + form.imm4!;
    const value = pick(
      t.q("Rn"),
      t.q("Rm"),
      (byte) => (from(byte) < width ? from(byte) : from(byte) + 16 - width) & 31,
    );
    return setResult(t, form, value);
  },
});

export const simdPermute: readonly Definition[] = [...permutations, extract];
