// Arm DDI 0487, "A64 instruction set encoding", "Logical (shifted register)".

import { type Definition, type Fields, instruction, read, write } from "../definition.ts";
import { not } from "../vocabulary.ts";
import { generalRegister, shifted } from "./assembly_names.ts";
import { emitLogical, type LogicalOperation, logicalOperations, setsFlags } from "./logical_operations.ts";
import { isAmountInRange, isShifted, shiftedRm } from "./shifted_register.ts";
import { get } from "./width.ts";

function assembly(operation: LogicalOperation, N: 0 | 1, f: Fields): string {
  const [Rd, Rn, Rm] = [f.Rd!, f.Rn!, f.Rm!].map((n) => generalRegister(n, f.sf!));
  const operand2 = Rm + shifted(f.shift ?? 0, f.imm6 ?? 0);
  const name = operation.names[N];
  if (name === "ANDS" && f.Rd === 31) return `tst ${Rn}, ${operand2}`;
  if (name === "ORN" && f.Rn === 31) return `mvn ${Rd}, ${operand2}`;
  if (name === "ORR" && f.Rn === 31 && operand2 === Rm) return `mov ${Rd}, ${Rm}`;
  return `${name.toLowerCase()} ${Rd}, ${Rn}, ${operand2}`;
}

function both(operation: LogicalOperation, N: 0 | 1): Definition[] {
  const opcode = `sf:1 ${operation.opc} 01010`;
  const name = operation.names[N];
  const operands = { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm") };
  return [
    instruction(`${name} (register)`, `${opcode} 00 ${N} Rm:5 000000 Rn:5 Rd:5`, {
      operands,
      forms: ["sf"],
      isHot: true,
      assembly: (fields) => assembly(operation, N, fields),
      emit: (target, form) => {
        const Rm = get(target, form, "Rm");
        return emitLogical(operation, target, form, N ? not(Rm) : Rm);
      },
    }),
    instruction(`${name} (shifted register)`, `${opcode} shift:2 ${N} Rm:5 imm6:6 Rn:5 Rd:5`, {
      operands: { ...operands, imm6: (f) => f.imm6! },
      forms: ["sf", "shift"],
      valid: (f) => isAmountInRange(f) && isShifted(f),
      isHot: !N && !setsFlags(operation),
      assembly: (fields) => assembly(operation, N, fields),
      emit: (target, form) => {
        const Rm = shiftedRm(target, form);
        return emitLogical(operation, target, form, N ? not(Rm) : Rm);
      },
    }),
  ];
}

export const logicalShifted: readonly Definition[] = logicalOperations.flatMap((operation) => [
  ...both(operation, 0),
  ...both(operation, 1),
]);
