// FCMP, FCMPE, FCCMP and FCCMPE: Arm DDI 0487, "A64 instruction set encoding", "Floating-point compare" and
// "Floating-point conditional compare".

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { FPCompare } from "../float/compare.ts";
import { conditions, hex } from "./assembly_names.ts";
import { conditionTable } from "./condition.ts";
import { floatNames, formatOf, inFormats, readFloat } from "./float_formats.ts";

const flagsShift = 28;
const tableOf = conditionTable("cond");

function compare(cpu: Cpu, fields: Fields, signalNaNs: boolean, withZero: boolean) {
  const format = formatOf(fields);
  const op2 = withZero ? 0n : readFloat(cpu, fields.Rm!, format);
  const flags = FPCompare(readFloat(cpu, fields.Rn!, format), op2, signalNaNs, format, cpu);
  cpu.nzcv = flags << flagsShift;
}

function comparisons(name: string, signals: 0 | 1): Definition[] {
  const mnemonic = name.toLowerCase();
  return [
    ...inFormats(name, (ftype) => `000 11110 ${ftype} 1 Rm:5 00 1000 Rn:5 ${signals}0 000`, {
      assembly: (f) => `${mnemonic} ${floatNames(f, "Rn", "Rm")}`,
      run: (cpu, fields) => compare(cpu, fields, signals === 1, false),
    }),
    ...inFormats(`${name} (zero)`, (ftype) => `000 11110 ${ftype} 1 00000 00 1000 Rn:5 ${signals}1 000`, {
      assembly: (f) => `${mnemonic} ${floatNames(f, "Rn")}, #0.0`,
      run: (cpu, fields) => compare(cpu, fields, signals === 1, true),
    }),
  ];
}

const conditionally = (name: string, signals: 0 | 1): Definition[] =>
  inFormats(name, (ftype) => `000 11110 ${ftype} 1 Rm:5 cond:4 01 Rn:5 ${signals} nzcv:4`, {
    assembly: (f) =>
      `${name.toLowerCase()} ${floatNames(f, "Rn", "Rm")}, ${hex(f.nzcv!)}, ${conditions[f.cond!]}`,
    run(cpu, fields) {
      if (tableOf(fields) >> (cpu.nzcv >>> flagsShift) & 1) compare(cpu, fields, signals === 1, false);
      else cpu.nzcv = fields.nzcv! << flagsShift;
    },
  });

export const floatCompare: readonly Definition[] = [
  ...comparisons("FCMP", 0),
  ...comparisons("FCMPE", 1),
  ...conditionally("FCCMP", 0),
  ...conditionally("FCCMPE", 1),
];
