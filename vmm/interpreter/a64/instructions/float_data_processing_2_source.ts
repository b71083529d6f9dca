// FMUL, FDIV, FADD, FSUB, FMAX, FMIN, FMAXNM, FMINNM and FNMUL of scalars: Arm DDI 0487, "A64 instruction set
// encoding", "Floating-point data-processing (2 source)".

import type { Definition, Meaning } from "../definition.ts";
import { FPAdd, FPDiv, FPMul, FPNegMul, FPSub } from "../float/arithmetic.ts";
import { FPMax, FPMaxNum, FPMin, FPMinNum } from "../float/extremes.ts";
import { bothNumbers, fastBinary, productAllowed, quotientAllowed, sumAllowed } from "./float_fast.ts";
import { type Binary, floatNames, formatOf, inFormats, readFloat, writeFloat } from "./float_formats.ts";

import { fadd, fdiv, fmax, fmin, fmul, fneg, fsub } from "./float_vocabulary.ts";

type Row = readonly [name: string, opcode: string, compute: Binary, fast: Partial<Meaning>];

const fastMax = fastBinary(fmax, bothNumbers), fastMin = fastBinary(fmin, bothNumbers);

const rows: readonly Row[] = [
  ["FMUL", "0000", FPMul, fastBinary(fmul, productAllowed)],
  ["FDIV", "0001", FPDiv, fastBinary(fdiv, quotientAllowed)],
  ["FADD", "0010", FPAdd, fastBinary(fadd, sumAllowed)],
  ["FSUB", "0011", FPSub, fastBinary(fsub, sumAllowed)],
  ["FMAX", "0100", FPMax, fastMax],
  ["FMIN", "0101", FPMin, fastMin],
  ["FMAXNM", "0110", FPMaxNum, fastMax],
  ["FMINNM", "0111", FPMinNum, fastMin],
  ["FNMUL", "1000", FPNegMul, fastBinary((type, a, b) => fneg(type, fmul(type, a, b)), productAllowed)],
];

function meaningOf(name: string, compute: Binary): Meaning {
  return {
    assembly: (f) => `${name.toLowerCase()} ${floatNames(f, "Rd", "Rn", "Rm")}`,
    run(cpu, fields) {
      const format = formatOf(fields);
      const op1 = readFloat(cpu, fields.Rn!, format), op2 = readFloat(cpu, fields.Rm!, format);
      writeFloat(cpu, fields.Rd!, format, compute(op1, op2, format, cpu));
    },
  };
}

export const floatDataProcessing2Source: readonly Definition[] = rows.flatMap((
  [name, opcode, compute, fast],
) =>
  inFormats(
    `${name} (scalar)`,
    (ftype) => `000 11110 ${ftype} 1 Rm:5 ${opcode} 10 Rn:5 Rd:5`,
    meaningOf(name, compute),
    fast,
  )
);
