// FMADD, FMSUB, FNMADD and FNMSUB: Arm DDI 0487, "A64 instruction set encoding", "Floating-point
// data-processing (3 source)".

import type { Definition } from "../definition.ts";
import { FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import { fastFused } from "./float_fused.ts";
import { floatNames, formatOf, inFormats, readFloat, type Ternary, writeFloat } from "./float_formats.ts";

const rows: readonly (readonly [name: string, o1: 0 | 1, o0: 0 | 1, compute: Ternary])[] = [
  ["FMADD", 0, 0, FPMulAdd],
  ["FMSUB", 0, 1, (a, n, m, format, status) => FPMulAdd(a, FPNeg(n, format), m, format, status)],
  [
    "FNMADD",
    1,
    0,
    (a, n, m, format, status) => FPMulAdd(FPNeg(a, format), FPNeg(n, format), m, format, status),
  ],
  ["FNMSUB", 1, 1, (a, n, m, format, status) => FPMulAdd(FPNeg(a, format), n, m, format, status)],
];

export const floatDataProcessing3Source: readonly Definition[] = rows.flatMap(([name, o1, o0, compute]) =>
  inFormats(name, (ftype) => `000 11111 ${ftype} ${o1} Rm:5 ${o0} Ra:5 Rn:5 Rd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${floatNames(f, "Rd", "Rn", "Rm", "Ra")}`,
    run(cpu, fields) {
      const format = formatOf(fields);
      const [a, n, m] = [fields.Ra!, fields.Rn!, fields.Rm!].map((each) => readFloat(cpu, each, format));
      writeFloat(cpu, fields.Rd!, format, compute(a!, n!, m!, format, cpu));
    },
  }, fastFused(o1 === 1, o1 !== o0))
);
