// Arm DDI 0487, "A64 instruction set encoding", "Add/subtract (immediate)".

import { type Definition, type Fields, instruction, orSp, write } from "../definition.ts";
import {
  type Addition,
  additions,
  compareName,
  emitAddition,
  emitCompared,
  isComparison,
} from "./addition.ts";
import { generalRegister, hex, registerOrSp } from "./assembly_names.ts";

const value = ({ imm12, sh }: Fields) => imm12! << 12 * sh!;

function assembly(addition: Addition, f: Fields): string {
  const Rn = registerOrSp(f.Rn!, f.sf!);
  const operand2 = hex(f.imm12!) + (f.sh ? ", lsl #12" : "");
  if (addition.S && f.Rd === 31) return `${compareName(addition)} ${Rn}, ${operand2}`;
  const Rd = (addition.S ? generalRegister : registerOrSp)(f.Rd!, f.sf!);
  const isMove = addition.name === "ADD" && f.imm12 === 0 && !f.sh && (f.Rd === 31 || f.Rn === 31);
  return isMove ? `mov ${Rd}, ${Rn}` : `${addition.name.toLowerCase()} ${Rd}, ${Rn}, ${operand2}`;
}

export const addSubtractImmediate: readonly Definition[] = additions.map((addition) =>
  instruction(
    `${addition.name} (immediate)`,
    `sf:1 ${addition.op}${addition.S} 100010 sh:1 imm12:12 Rn:5 Rd:5`,
    {
      operands: { Rd: addition.S ? write("Rd") : orSp("Rd"), Rn: orSp("Rn") },
      immediate: value,
      forms: ["sf"],
      isHot: true,
      assembly: (fields) => assembly(addition, fields),
      emit: (target, form) => emitAddition(addition, target, form, target.immediate()),
      ...(isComparison(addition)
        ? {
          emitCompared: (target, form, cond, then) =>
            emitCompared(target, form, target.immediate(), cond, then),
        }
        : {}),
    },
  )
);
