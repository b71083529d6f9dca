// Arm DDI 0487, "A64 instruction set encoding", "Add/subtract (extended register)". The extension and the shift
// after it (shared pseudocode "ExtendReg") are one shift to the left end and one back to where it belongs.

import { type Definition, type Fields, instruction, orSp, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { type I64, shl, shrS, shrU } from "../vocabulary.ts";
import { type Addition, additions, compareName, emitAddition } from "./addition.ts";
import { extensions, generalRegister, registerOrSp } from "./assembly_names.ts";
import { fit } from "./width.ts";

/** The field option is its upper bit, whether the extension is signed, and which bits it is of. */
const extendedBits = ({ size }: Fields) => 8 << size!;
const toTheEnd = (f: Fields) => f.size === 3 ? f.imm3! : 64 - extendedBits(f);
const back = (f: Fields) => f.size === 3 ? 0 : 64 - extendedBits(f) - f.imm3!;

function extended(target: Target, form: Fields): I64 {
  const shift = form.signed ? shrS : shrU;
  return fit(form, shift(shl(target.x("Rm"), target.number("toTheEnd")), target.number("back")));
}

function extension(addition: Addition, f: Fields): string {
  const option = f.signed! << 2 | f.size!;
  const withSp = f.Rn === 31 || (f.Rd === 31 && !addition.S);
  const isShift = withSp && option === (f.sf ? 3 : 2);
  if (isShift) return f.imm3 ? `, lsl #${f.imm3}` : "";
  return `, ${extensions[option]}${f.imm3 ? ` #${f.imm3}` : ""}`;
}

function assembly(addition: Addition, f: Fields): string {
  const Rn = registerOrSp(f.Rn!, f.sf!);
  const operand2 = generalRegister(f.Rm!, f.size === 3 ? f.sf! : 0) + extension(addition, f);
  if (addition.S && f.Rd === 31) return `${compareName(addition)} ${Rn}, ${operand2}`;
  const Rd = (addition.S ? generalRegister : registerOrSp)(f.Rd!, f.sf!);
  return `${addition.name.toLowerCase()} ${Rd}, ${Rn}, ${operand2}`;
}

export const addSubtractExtended: readonly Definition[] = additions.map((addition) =>
  instruction(
    `${addition.name} (extended register)`,
    `sf:1 ${addition.op}${addition.S} 01011 00 1 Rm:5 signed:1 size:2 imm3:3 Rn:5 Rd:5`,
    {
      operands: {
        Rd: addition.S ? write("Rd") : orSp("Rd"),
        Rn: orSp("Rn"),
        Rm: read("Rm"),
        toTheEnd,
        back,
      },
      forms: ["sf", "signed"],
      valid: ({ imm3 }) => imm3! <= 4,
      isHot: true,
      assembly: (fields) => assembly(addition, fields),
      emit: (target, form) => emitAddition(addition, target, form, extended(target, form)),
    },
  )
);
