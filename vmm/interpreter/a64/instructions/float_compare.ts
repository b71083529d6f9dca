// FCMP, FCMPE, FCCMP and FCCMPE: Arm DDI 0487, "A64 instruction set encoding", "Floating-point compare" and
// "Floating-point conditional compare".

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, type Meaning, vector } from "../definition.ts";
import { FPCompare } from "../float/compare.ts";
import type { Target } from "../target.ts";
import { and32, const32, type I32, select, when, wrap } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { conditions, hex } from "./assembly_names.ts";
import { conditionTable, holds } from "./condition.ts";
import { bothNumbers, fast, operand } from "./float_fast.ts";
import { floatNames, formatOf, inFormats, readFloat } from "./float_formats.ts";
import { bindF, constF, type F, feq, flt, isPlain } from "./float_vocabulary.ts";

const flagsShift = 28;
const tableOf = conditionTable("cond");

function compare(cpu: Cpu, fields: Fields, signalNaNs: boolean, withZero: boolean) {
  const format = formatOf(fields);
  const op2 = withZero ? 0n : readFloat(cpu, fields.Rm!, format);
  const flags = FPCompare(readFloat(cpu, fields.Rn!, format), op2, signalNaNs, format, cpu);
  cpu.nzcv = flags << flagsShift;
}

/** Flags of two numbers, neither of which is a NaN. */
const order = (type: number, a: F, b: F): I32 =>
  select(
    flt(type, a, b),
    const32(0b1000 << flagsShift),
    select(feq(type, a, b), const32(0b0110 << flagsShift), const32(0b0010 << flagsShift)),
  );

/** No NaN, no denormal that is flushed: then nothing is raised. */
const compareFast = (t: Target, type: number, a: F, b: F): Statement =>
  when(and32(isPlain(t), bothNumbers(t, type, a, b)), t.setNzcv(order(type, a, b)), t.fallBack());

const fastComparison = (withZero: boolean) =>
  fast(withZero ? ["Rn"] : ["Rn", "Rm"], (t, { type }) => {
    const second = withZero ? constF(type!, 0) : operand(t, type!, "Rm");
    return bindF(type!, operand(t, type!, "Rn"), (a) =>
      bindF(type!, second, (b) =>
        compareFast(t, type!, a, b)));
  });

const fastConditional: Partial<Meaning> = {
  operands: { Rn: vector("Rn"), Rm: vector("Rm"), cond: tableOf },
  immediate: ({ nzcv }) => nzcv! << flagsShift,
  forms: ["type"],
  emit: (t, { type }) =>
    when(
      holds(t, "cond"),
      bindF(type!, operand(t, type!, "Rn"), (a) =>
        bindF(type!, operand(t, type!, "Rm"), (b) =>
          compareFast(t, type!, a, b))),
      t.setNzcv(wrap(t.immediate())),
    ),
};

/** Of FCMP with zero the bits of Rm, which should be zeroes, make no difference. */
function comparisons(name: string, signals: 0 | 1): Definition[] {
  const mnemonic = name.toLowerCase();
  return [
    ...inFormats(name, (ftype) => `000 11110 ${ftype} 1 Rm:5 00 1000 Rn:5 ${signals}0 000`, {
      assembly: (f) => `${mnemonic} ${floatNames(f, "Rn", "Rm")}`,
      run: (cpu, fields) => compare(cpu, fields, signals === 1, false),
    }, fastComparison(false)),
    ...inFormats(`${name} (zero)`, (ftype) => `000 11110 ${ftype} 1 ignored:5 00 1000 Rn:5 ${signals}1 000`, {
      assembly: (f) => `${mnemonic} ${floatNames(f, "Rn")}, #0.0`,
      run: (cpu, fields) => compare(cpu, fields, signals === 1, true),
    }, fastComparison(true)),
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
  }, fastConditional);

export const floatCompare: readonly Definition[] = [
  ...comparisons("FCMP", 0),
  ...comparisons("FCMPE", 1),
  ...conditionally("FCCMP", 0),
  ...conditionally("FCCMPE", 1),
];
