// Arm DDI 0487, "A64 instruction set encoding", "Add/subtract (shifted register)".

import { type Definition, type Fields, instruction, type Meaning, read, write } from "../definition.ts";
import {
  type Addition,
  additions,
  compareName,
  emitAddition,
  emitCompared,
  isComparison,
} from "./addition.ts";
import { generalRegister, shifted } from "./assembly_names.ts";
import { isAmountInRange, isShifted, shiftedRm } from "./shifted_register.ts";
import { get } from "./width.ts";

function assembly(addition: Addition, f: Fields): string {
  const [Rd, Rn, Rm] = [f.Rd!, f.Rn!, f.Rm!].map((n) => generalRegister(n, f.sf!));
  const operand2 = Rm + shifted(f.shift ?? 0, f.imm6 ?? 0);
  if (addition.S && f.Rd === 31) return `${compareName(addition)} ${Rn}, ${operand2}`;
  if (addition.op && f.Rn === 31) return `${addition.S ? "negs" : "neg"} ${Rd}, ${operand2}`;
  return `${addition.name.toLowerCase()} ${Rd}, ${Rn}, ${operand2}`;
}

function both(addition: Addition): Definition[] {
  const opcode = `sf:1 ${addition.op}${addition.S} 01011`;
  const operands = { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm") };
  const common: Pick<Meaning, "isHot" | "assembly"> = {
    isHot: true,
    assembly: (fields) => assembly(addition, fields),
  };
  return [
    instruction(`${addition.name} (register)`, `${opcode} 00 0 Rm:5 000000 Rn:5 Rd:5`, {
      ...common,
      operands,
      forms: ["sf"],
      emit: (target, form) => emitAddition(addition, target, form, get(target, form, "Rm")),
      ...(isComparison(addition)
        ? {
          emitCompared: (target, form, cond, then) =>
            emitCompared(target, form, get(target, form, "Rm"), cond, then),
        }
        : {}),
    }),
    instruction(`${addition.name} (shifted register)`, `${opcode} shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5`, {
      ...common,
      operands: { ...operands, imm6: (f) => f.imm6! },
      forms: ["sf", "shift"],
      valid: (f) => f.shift !== 3 && isAmountInRange(f) && isShifted(f),
      emit: (target, form) => emitAddition(addition, target, form, shiftedRm(target, form)),
    }),
  ];
}

export const addSubtractShifted: readonly Definition[] = additions.flatMap(both);
