// What the logical instructions share (Arm DDI 0487, "Logical (immediate)", "Logical (shifted register)").

import type { Fields } from "../definition.ts";
import type { Target } from "../target.ts";
import { and, bind64, type I64, or, sequence, xor } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { logicalFlags } from "./flags.ts";
import { get, set } from "./width.ts";

/** By the field opc: what is done, and the name with the second operand as it is and inverted. */
export const logicalOperations = [
  { opc: "00", names: ["AND", "BIC"], combine: and },
  { opc: "01", names: ["ORR", "ORN"], combine: or },
  { opc: "10", names: ["EOR", "EON"], combine: xor },
  { opc: "11", names: ["ANDS", "BICS"], combine: and },
] as const;
export type LogicalOperation = (typeof logicalOperations)[number];

export const setsFlags = ({ opc }: LogicalOperation) => opc === "11";

export function emitLogical(
  operation: LogicalOperation,
  target: Target,
  form: Fields,
  operand2: I64,
): Statement {
  const value = operation.combine(get(target, form, "Rn"), operand2);
  if (!setsFlags(operation)) return set(target, form, "Rd", value);
  return bind64(
    value,
    (result) => sequence(set(target, form, "Rd", result), target.setNzcv(logicalFlags(form, result))),
  );
}
