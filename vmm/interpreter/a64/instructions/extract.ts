// EXTR: Arm DDI 0487, "A64 instruction set encoding", "Extract".

import { type Definition, type Fields, instruction, read, write } from "../definition.ts";
import { const64, or, shl, shrU, sub } from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";

function assembly({ sf, Rd, Rn, Rm, imms }: Fields): string {
  const names = [Rd!, Rn!, Rm!].map((n) => generalRegister(n, sf!));
  return Rn === Rm ? `ror ${names[0]}, ${names[1]}, #${imms}` : `extr ${names.join(", ")}, #${imms}`;
}

export const extract: readonly Definition[] = [
  instruction("EXTR", "sf:1 00 100111 N:1 0 Rm:5 imms:6 Rn:5 Rd:5", {
    operands: { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm"), imms: (f) => f.imms! },
    forms: ["sf"],
    valid: ({ sf, N, imms }) => N === sf && (sf === 1 || imms! < 32),
    isHot: true,
    assembly,
    emit: (t, { sf }) => {
      const low = t.number("imms");
      if (!sf) return t.setW("Rd", shrU(or(shl(t.w("Rn"), const64(32)), t.w("Rm")), low));
      // In two shifts, as one by 64 would be by 0.
      const upper = shl(shl(t.x("Rn"), const64(1)), sub(const64(63), low));
      return t.setX("Rd", or(upper, shrU(t.x("Rm"), low)));
    },
  }),
];
