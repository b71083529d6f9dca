// FCSEL: Arm DDI 0487, "A64 instruction set encoding", "Floating-point conditional select".

import { type Definition, vector } from "../definition.ts";
import { select } from "../vocabulary.ts";
import { conditions } from "./assembly_names.ts";
import { conditionTable, holds } from "./condition.ts";
import { floatNames, formatOf, inFormats, readFloat, writeFloat } from "./float_formats.ts";
import { formats } from "./float_fast.ts";
import { laneBits, scalarOf } from "./float_vocabulary.ts";

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
  {
    operands: { Rd: vector("Rd"), Rn: vector("Rn"), Rm: vector("Rm"), cond: tableOf },
    forms: ["type"],
    emit(t, { type }) {
      const format = formats[type!]!;
      const chosen = select(holds(t, "cond"), t.q("Rn"), t.q("Rm"));
      return t.setQ("Rd", scalarOf(format, laneBits(format, chosen)));
    },
  },
);
