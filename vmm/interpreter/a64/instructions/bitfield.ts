// SBFM, BFM and UBFM: Arm DDI 0487, "A64 instruction set encoding", "Bitfield". Each is a shift to the left end
// of a 64-bit register and one back to where the field belongs.

import { type Definition, type Fields, instruction, type Meaning, read, write } from "../definition.ts";
import { and, const64, not, or, shl, shrS, shrU } from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { bits, set } from "./width.ts";

/** Whether a field from bit immr on is moved to bit 0; else one from bit 0 is moved up. */
const isExtract = ({ immr, imms }: Fields) => imms! >= immr!;
/** Where the field begins in Rd. */
const lsb = (f: Fields) => bits(f) - f.immr! & bits(f) - 1;
const width = (f: Fields) => isExtract(f) ? f.imms! - f.immr! + 1 : f.imms! + 1;

const toTheEnd = (f: Fields) => 63 - f.imms!;
const back = (f: Fields) => isExtract(f) ? 64 - width(f) : 64 - width(f) - lsb(f);

const common: Pick<Meaning, "operands" | "valid" | "isHot"> = {
  operands: { Rd: write("Rd"), Rn: read("Rn"), toTheEnd, back },
  valid: ({ sf, N, immr, imms }) => N === sf && (sf === 1 || (immr! < 32 && imms! < 32)),
  isHot: true,
};

type Bitfield = (f: Fields, Rd: string, Rn: string) => string;

const assembly = (print: Bitfield) => (f: Fields) =>
  print(f, generalRegister(f.Rd!, f.sf!), generalRegister(f.Rn!, f.sf!));

const nameOf = (f: Fields, inserting: string, extracting: string) => isExtract(f) ? extracting : inserting;
const position = (f: Fields) => `#${isExtract(f) ? f.immr : lsb(f)}, #${width(f)}`;

const printSigned: Bitfield = (f, Rd, Rn) => {
  if (f.imms === bits(f) - 1) return `asr ${Rd}, ${Rn}, #${f.immr}`;
  const name = { 7: "sxtb", 15: "sxth", 31: "sxtw" }[f.imms!];
  if (f.immr === 0 && name) return `${name} ${Rd}, ${generalRegister(f.Rn!, 0)}`;
  return `${nameOf(f, "sbfiz", "sbfx")} ${Rd}, ${Rn}, ${position(f)}`;
};

const printUnsigned: Bitfield = (f, Rd, Rn) => {
  if (f.imms === bits(f) - 1) return `lsr ${Rd}, ${Rn}, #${f.immr}`;
  if (f.imms! + 1 === f.immr) return `lsl ${Rd}, ${Rn}, #${lsb(f)}`;
  const name = { 7: "uxtb", 15: "uxth" }[f.imms!];
  if (f.sf === 0 && f.immr === 0 && name) return `${name} ${Rd}, ${Rn}`;
  return `${nameOf(f, "ubfiz", "ubfx")} ${Rd}, ${Rn}, ${position(f)}`;
};

const printInsert: Bitfield = (f, Rd, Rn) =>
  f.Rn === 31 && !isExtract(f)
    ? `bfc ${Rd}, ${position(f)}`
    : `${nameOf(f, "bfi", "bfxil")} ${Rd}, ${Rn}, ${position(f)}`;

export const bitfield: readonly Definition[] = [
  instruction("SBFM", "sf:1 00 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", {
    ...common,
    forms: ["sf"],
    assembly: assembly(printSigned),
    emit: (t, form) => set(t, form, "Rd", shrS(shl(t.x("Rn"), t.number("toTheEnd")), t.number("back"))),
  }),
  instruction("BFM", "sf:1 01 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", {
    ...common,
    forms: ["sf"],
    assembly: assembly(printInsert),
    emit: (t, form) => {
      const field = shrU(shl(t.x("Rn"), t.number("toTheEnd")), t.number("back"));
      const mask = shrU(shl(const64(-1), t.number("toTheEnd")), t.number("back"));
      return set(t, form, "Rd", or(and(t.x("Rd"), not(mask)), field));
    },
  }),
  // The field of a 32-bit register ends within 32 bits, and zeros are before it.
  instruction("UBFM", "sf:1 10 100110 N:1 immr:6 imms:6 Rn:5 Rd:5", {
    ...common,
    assembly: assembly(printUnsigned),
    emit: (t) => t.setX("Rd", shrU(shl(t.x("Rn"), t.number("toTheEnd")), t.number("back"))),
  }),
];
