// Arm DDI 0487, "A64 instruction set encoding", "Logical (immediate)".

import { type Definition, type Fields, instruction, orSp, read, write } from "../definition.ts";
import { generalRegister, hex, registerOrSp } from "./assembly_names.ts";
import { logicalMask } from "./logical_mask.ts";
import { emitLogical, type LogicalOperation, logicalOperations, setsFlags } from "./logical_operations.ts";
import { isWideImmediate } from "./move_wide.ts";

const mask = ({ sf, N, imms, immr }: Fields) => logicalMask(sf!, N!, imms!, immr!);

function assembly(operation: LogicalOperation, f: Fields): string {
  const immediate = mask(f)!;
  const Rn = generalRegister(f.Rn!, f.sf!);
  if (setsFlags(operation) && f.Rd === 31) return `tst ${Rn}, ${hex(immediate)}`;
  const Rd = (setsFlags(operation) ? generalRegister : registerOrSp)(f.Rd!, f.sf!);
  // MOVZ and MOVN cannot write SP.
  const isMove = operation.opc === "01" && f.Rn === 31 && (f.Rd === 31 || !isWideImmediate(f.sf!, immediate));
  if (isMove) return `mov ${Rd}, ${hex(immediate)}`;
  return `${operation.names[0].toLowerCase()} ${Rd}, ${Rn}, ${hex(immediate)}`;
}

export const logicalImmediate: readonly Definition[] = logicalOperations.map((operation) =>
  instruction(
    `${operation.names[0]} (immediate)`,
    `sf:1 ${operation.opc} 100100 N:1 immr:6 imms:6 Rn:5 Rd:5`,
    {
      operands: { Rd: setsFlags(operation) ? write("Rd") : orSp("Rd"), Rn: read("Rn") },
      immediate: (fields) => mask(fields)!,
      forms: ["sf"],
      valid: (fields) => mask(fields) !== undefined,
      isHot: true,
      assembly: (fields) => assembly(operation, fields),
      emit: (target, form) => emitLogical(operation, target, form, target.immediate()),
    },
  )
);
