// CCMN and CCMP: Arm DDI 0487, "A64 instruction set encoding", "Conditional compare (register)" and
// "(immediate)".

import { type Definition, type Fields, instruction, read } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, bind64, const32, type I64, select, shl32, sub, wrap } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { conditions, generalRegister, hex } from "./assembly_names.ts";
import { conditionTable, holds } from "./condition.ts";
import { additionFlags, subtractionFlags } from "./flags.ts";
import { get } from "./width.ts";

function assembly(name: string, f: Fields, operand2: string): string {
  const Rn = generalRegister(f.Rn!, f.sf!);
  return `${name.toLowerCase()} ${Rn}, ${operand2}, ${hex(f.nzcv!)}, ${conditions[f.cond!]}`;
}

function emit(op: number, target: Target, form: Fields, operand2: I64): Statement {
  return bind64(get(target, form, "Rn"), (a) =>
    bind64(operand2, (b) => {
      const result = op ? sub(a, b) : add(a, b);
      const compared = bind64(result, (r) => (op ? subtractionFlags : additionFlags)(form, a, b, r));
      const given = shl32(wrap(target.number("nzcv")), const32(28));
      return target.setNzcv(select(holds(target, "cond"), compared, given));
    }));
}

function both(name: string, op: 0 | 1): Definition[] {
  const opcode = `sf:1 ${op} 1 11010010`;
  const operands = { Rn: read("Rn"), cond: conditionTable("cond"), nzcv: (f: Fields) => f.nzcv! };
  return [
    instruction(`${name} (register)`, `${opcode} Rm:5 cond:4 00 Rn:5 0 nzcv:4`, {
      operands: { ...operands, Rm: read("Rm") },
      forms: ["sf"],
      isHot: true,
      assembly: (f) => assembly(name, f, generalRegister(f.Rm!, f.sf!)),
      emit: (target, form) => emit(op, target, form, get(target, form, "Rm")),
    }),
    instruction(`${name} (immediate)`, `${opcode} imm5:5 cond:4 10 Rn:5 0 nzcv:4`, {
      operands,
      immediate: ({ imm5 }) => imm5!,
      forms: ["sf"],
      isHot: true,
      assembly: (f) => assembly(name, f, hex(f.imm5!)),
      emit: (target, form) => emit(op, target, form, target.immediate()),
    }),
  ];
}

export const conditionalCompare: readonly Definition[] = [...both("CCMN", 0), ...both("CCMP", 1)];
