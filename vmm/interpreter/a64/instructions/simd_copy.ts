// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD copy" and
// "Advanced SIMD scalar copy". The lowest bit of imm5 that is set is the size, those above it the lane: each
// size is a definition.

import { type Definition, type Fields, instruction, read, vector, write } from "../definition.ts";
import { generalRegister } from "./assembly_names.ts";
import { laneName, scalarName, vectorName } from "../simd_assembly.ts";
import { constant, equal, extract64, keepLow, splatBits, splatLane } from "../simd_vocabulary.ts";
import { const64, extend16, extend32, extend8, type I64, low32, shrU, type V128 } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { allSizes, oneVector, setResult, type Sizes } from "./simd_class.ts";

/** imm5 of a size, of which the lane is `index`. */
const imm5 = (size: number) => `index:${4 - size} 1${"0".repeat(size)}`;

/** The byte at which the lane begins. */
const byteOf = (size: number) => ({ index }: Fields) => index! << size;

/** Bytes of all ones in the lane that begins at a byte. */
const maskOf = (size: number, byte: I64): V128 => {
  const starts = Array.from({ length: 16 }, (_, at) => at & ~((1 << size) - 1));
  return equal(0, splatBits(0, byte), constant(starts));
};

const bits = (size: number) => `${8 << size} bits`;

const duplicateElement = (size: number) =>
  instruction(`DUP (element, ${bits(size)})`, `0 Q:1 0 01110000 ${imm5(size)} 0 0000 1 Rn:5 Rd:5`, {
    operands: oneVector,
    immediate: byteOf(size),
    forms: ["Q"],
    uses: "fp",
    valid: ({ Q }) => size < 3 || Q === 1,
    assembly: ({ Rd, Rn, Q, index }) => `dup ${vectorName(Rd!, size, Q!)}, ${laneName(Rn!, size, index!)}`,
    emit: (t, form) => setResult(t, form, splatLane(size, t.q("Rn"), t.immediate())),
  });

const duplicateScalar = (size: number) =>
  instruction(`DUP (scalar, ${bits(size)})`, `01 0 11110000 ${imm5(size)} 0 0000 1 Rn:5 Rd:5`, {
    operands: oneVector,
    immediate: byteOf(size),
    uses: "fp",
    assembly: ({ Rd, Rn, index }) => `mov ${scalarName(Rd!, size)}, ${laneName(Rn!, size, index!)}`,
    emit: (t) => t.setQ("Rd", keepLow(1 << size, splatLane(size, t.q("Rn"), t.immediate()))),
  });

/** Of the size, or wider. */
const general = (n: number, size: number) => generalRegister(n, size === 3 ? 1 : 0);

const duplicateGeneral = (size: number) =>
  instruction(
    `DUP (general, ${bits(size)})`,
    `0 Q:1 0 01110000 ignored:${4 - size} 1${"0".repeat(size)} 0 0001 1 Rn:5 Rd:5`,
    {
      operands: { Rd: vector("Rd"), Rn: read("Rn") },
      forms: ["Q"],
      uses: "fp",
      valid: ({ Q }) => size < 3 || Q === 1,
      assembly: ({ Rd, Rn, Q }) => `dup ${vectorName(Rd!, size, Q!)}, ${general(Rn!, size)}`,
      emit: (t, form) => setResult(t, form, splatBits(size, t.x("Rn"))),
    },
  );

const insertGeneral = (size: number) =>
  instruction(`INS (general, ${bits(size)})`, `0 1 0 01110000 ${imm5(size)} 0 0011 1 Rn:5 Rd:5`, {
    operands: { Rd: vector("Rd"), Rn: read("Rn") },
    immediate: byteOf(size),
    uses: "fp",
    assembly: ({ Rd, Rn, index }) => `mov ${laneName(Rd!, size, index!)}, ${general(Rn!, size)}`,
    emit: (t) => t.setQ("Rd", bitselect(splatBits(size, t.x("Rn")), t.q("Rd"), maskOf(size, t.immediate()))),
  });

/** Rd's byte in the immediate, Rn's above it. */
const insertElement = (size: number) => {
  const from = ({ imm4 }: Fields) => imm4! >> size;
  return instruction(`INS (element, ${bits(size)})`, `0 1 1 01110000 ${imm5(size)} 0 imm4:4 1 Rn:5 Rd:5`, {
    operands: oneVector,
    immediate: (f) => byteOf(size)(f) | from(f) << size + 8,
    uses: "fp",
    assembly: (f) => `mov ${laneName(f.Rd!, size, f.index!)}, ${laneName(f.Rn!, size, from(f))}`,
    emit: (t) => {
      const source = splatLane(size, t.q("Rn"), shrU(t.immediate(), const64(8)));
      return t.setQ("Rd", bitselect(source, t.q("Rd"), maskOf(size, t.immediate())));
    },
  });
};

/** The lane in the low bits. */
const laneAt = (size: number, n: V128, byte: I64) => extract64(splatLane(size, n, byte), 0);

const unsigned = [
  (value: I64) => shrU(value, const64(56)),
  (value: I64) => shrU(value, const64(48)),
  low32,
  (value: I64) => value,
];
const signed = [extend8, extend16, extend32];

const unsignedMove = (size: number) =>
  instruction(`UMOV (${bits(size)})`, `0 ${size === 3 ? 1 : 0} 0 01110000 ${imm5(size)} 0 0111 1 Rn:5 Rd:5`, {
    operands: { Rd: write("Rd"), Rn: vector("Rn") },
    immediate: byteOf(size),
    uses: "fp",
    assembly: ({ Rd, Rn, index }) =>
      `${size < 2 ? "umov" : "mov"} ${general(Rd!, size)}, ${laneName(Rn!, size, index!)}`,
    emit: (t) => t.setX("Rd", unsigned[size]!(laneAt(size, t.q("Rn"), t.immediate()))),
  });

const signedMove = (size: number) =>
  instruction(`SMOV (${bits(size)})`, `0 Q:1 0 01110000 ${imm5(size)} 0 0101 1 Rn:5 Rd:5`, {
    operands: { Rd: write("Rd"), Rn: vector("Rn") },
    immediate: byteOf(size),
    forms: ["Q"],
    uses: "fp",
    valid: ({ Q }) => size < 2 || Q === 1,
    assembly: ({ Rd, Rn, Q, index }) => `smov ${generalRegister(Rd!, Q!)}, ${laneName(Rn!, size, index!)}`,
    emit: (t, { Q }) => {
      const value = signed[size]!(laneAt(size, t.q("Rn"), t.immediate()));
      return Q ? t.setX("Rd", value) : t.setW("Rd", value);
    },
  });

const signedSizes: Sizes = [0, 1, 2];

export const simdCopy: readonly Definition[] = [
  ...allSizes.flatMap((size) => [
    duplicateElement(size),
    duplicateScalar(size),
    duplicateGeneral(size),
    insertGeneral(size),
    insertElement(size),
    unsignedMove(size),
  ]),
  ...signedSizes.map(signedMove),
];
