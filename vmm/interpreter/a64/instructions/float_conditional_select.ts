// FCSEL: Arm DDI 0487, "A64 instruction set encoding", "Floating-point conditional select".

import type { Definition } from "../definition.ts";
import { conditions } from "./assembly_names.ts";
import { conditionTable } from "./condition.ts";
import { floatNames, formatOf, inFormats, readFloat, writeFloat } from "./float_formats.ts";

const flagsShift = 28;
const tableOf = conditionTable("cond");

export const floatConditionalSelect: readonly Definition[] = inFormats(
  "FCSEL",
  (ftype) => `000 11110 ${ftype} 1 Rm:5 cond:4 11 Rn:5 Rd:5`,
  {
    assembly: (f) => `fcsel ${floatNames(f, "Rd", "Rn", "Rm")}, ${conditions[f.cond!]}`,
    run(cpu, fields) {
      const format = formatOf(fields);
      const from = tableOf(fields) >> (cpu.nzcv >>> flagsShift) & 1 ? fields.Rn! : fields.Rm!;
      writeFloat(cpu, fields.Rd!, format, readFloat(cpu, from, format));
    },
  },
);
