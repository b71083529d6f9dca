// FMOV of a constant to a scalar: Arm DDI 0487, "A64 instruction set encoding", "Floating-point immediate";
// the constant is the shared pseudocode's "VFPExpandImm".

import { type Definition, vector } from "../definition.ts";
import { DOUBLE, type FloatFormat } from "../float/format.ts";
import { floatNames, formatOf, inFormats, writeFloat } from "./float_formats.ts";
import { scalarOf } from "./float_vocabulary.ts";

/** -3 to 4: the second bit, inverted, is the exponent's sign. */
const exponentOf = (imm8: number) => (imm8 >> 4 & 3) + (imm8 & 0x40 ? -3 : 1);

export function VFPExpandImm(imm8: number, format: FloatFormat): bigint {
  const biased = BigInt(exponentOf(imm8) - format.minimumExponent + 1);
  const fraction = BigInt(imm8 & 0xf) << format.fraction - 4n;
  return (imm8 & 0x80 ? format.signMask : 0n) | biased << format.fraction | fraction;
}

/** As C prints it with "%.18e". */
function decimal(imm8: number): string {
  const value = (imm8 & 0x80 ? -1 : 1) * 2 ** exponentOf(imm8) * (16 + (imm8 & 0xf)) / 16;
  return value.toExponential(18).replace(/([+-])(\d)$/, "$10$2");
}

export const floatImmediate: readonly Definition[] = inFormats(
  "FMOV (scalar, immediate)",
  (ftype) => `000 11110 ${ftype} 1 imm8:8 100 00000 Rd:5`,
  {
    assembly: (f) => `fmov ${floatNames(f, "Rd")}, #${decimal(f.imm8!)}`,
    run(cpu, fields) {
      const format = formatOf(fields);
      writeFloat(cpu, fields.Rd!, format, VFPExpandImm(fields.imm8!, format));
    },
  },
  {
    operands: { Rd: vector("Rd") },
    immediate: (fields) => VFPExpandImm(fields.imm8!, formatOf(fields)),
    emit: (t) => t.setQ("Rd", scalarOf(DOUBLE, t.immediate())),
  },
);
