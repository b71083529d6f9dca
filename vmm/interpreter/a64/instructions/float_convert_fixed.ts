// FCVTZS, FCVTZU, SCVTF and UCVTF between scalars and fixed-point numbers in general registers: Arm DDI 0487,
// "A64 instruction set encoding", "Conversion between floating-point and fixed-point".

import type { Definition, Fields } from "../definition.ts";
import { FPRounding_ZERO } from "../float/status.ts";
import { generalRegister } from "./assembly_names.ts";
import { fromGeneral, toGeneral } from "./float_convert_integer.ts";
import { floatNames, inFormats } from "./float_formats.ts";

const fractionBits = ({ scale }: Fields) => 64 - scale!;

/** Of 32 bits at most 32 are the fraction. */
const valid = ({ sf, scale }: Fields) => sf === 1 || scale! >= 32;

const signs = [["S", 0], ["U", 1]] as const;

export const floatConvertFixed: readonly Definition[] = signs.flatMap(([sign, U]) => [
  ...inFormats(
    `FCVTZ${sign} (scalar, fixed-point)`,
    (ftype) => `sf:1 00 11110 ${ftype} 0 11 00${U} scale:6 Rn:5 Rd:5`,
    {
      valid,
      assembly: (f) =>
        `fcvtz${sign.toLowerCase()} ${generalRegister(f.Rd!, f.sf!)}, ${floatNames(f, "Rn")}, #${
          fractionBits(f)
        }`,
      run: toGeneral(FPRounding_ZERO, U === 1, fractionBits),
    },
  ),
  ...inFormats(
    `${sign}CVTF (scalar, fixed-point)`,
    (ftype) => `sf:1 00 11110 ${ftype} 0 00 01${U} scale:6 Rn:5 Rd:5`,
    {
      valid,
      assembly: (f) =>
        `${sign.toLowerCase()}cvtf ${floatNames(f, "Rd")}, ${generalRegister(f.Rn!, f.sf!)}, #${
          fractionBits(f)
        }`,
      run: fromGeneral(U === 1, fractionBits),
    },
  ),
]);
