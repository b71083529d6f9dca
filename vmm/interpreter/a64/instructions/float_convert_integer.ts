// FCVTxS, FCVTxU, SCVTF, UCVTF and FJCVTZS between scalars and general registers: Arm DDI 0487, "A64
// instruction set encoding", "Conversion between floating-point and integer".

import { type Definition, type Fields, instruction, type Meaning } from "../definition.ts";
import { DOUBLE } from "../float/format.ts";
import { FixedToFP, FPToFixed, FPToFixedJS } from "../float/integer.ts";
import { generalRegister } from "./assembly_names.ts";
import { fastFromInteger, fastToInteger } from "./float_fast_convert.ts";
import { floatName, floatNames, formatOf, inFormats, readFloat, writeFloat } from "./float_formats.ts";
import { roundingByLetter } from "./float_round.ts";

export const integerBits = ({ sf }: Fields) => sf ? 64 : 32;

/** @param fractionBits of the fixed-point number */
export function toGeneral(
  rounding: number,
  unsigned: boolean,
  fractionBits: (fields: Fields) => number,
): NonNullable<Meaning["run"]> {
  return (cpu, f) => {
    const format = formatOf(f);
    const operand = readFloat(cpu, f.Rn!, format);
    cpu.writeX(f.Rd!, FPToFixed(operand, fractionBits(f), unsigned, integerBits(f), rounding, format, cpu));
  };
}

export function fromGeneral(
  unsigned: boolean,
  fractionBits: (fields: Fields) => number,
): NonNullable<Meaning["run"]> {
  return (cpu, f) => {
    const format = formatOf(f);
    const operand = cpu.readX(f.Rn!);
    const result = FixedToFP(operand, fractionBits(f), unsigned, integerBits(f), format, cpu);
    writeFloat(cpu, f.Rd!, format, result);
  };
}

const noFraction = () => 0;

const toInteger:
  readonly (readonly [letter: keyof typeof roundingByLetter, rmode: string, opcode: string])[] = [
    ["N", "00", "00"],
    ["A", "00", "10"],
    ["P", "01", "00"],
    ["M", "10", "00"],
    ["Z", "11", "00"],
  ];

const signs = [["S", 0], ["U", 1]] as const;

export const floatConvertInteger: readonly Definition[] = signs.flatMap(([sign, U]) => [
  ...toInteger.flatMap(([letter, rmode, opcode]) =>
    inFormats(
      `FCVT${letter}${sign} (scalar)`,
      (ftype) => `sf:1 00 11110 ${ftype} 1 ${rmode} ${opcode}${U} 000000 Rn:5 Rd:5`,
      {
        assembly: (f) =>
          `fcvt${letter}${sign}`.toLowerCase() + ` ${generalRegister(f.Rd!, f.sf!)}, ${floatNames(f, "Rn")}`,
        run: toGeneral(roundingByLetter[letter], U === 1, noFraction),
      },
      fastToInteger(letter, U === 1),
    )
  ),
  ...inFormats(
    `${sign}CVTF (scalar, integer)`,
    (ftype) => `sf:1 00 11110 ${ftype} 1 00 01${U} 000000 Rn:5 Rd:5`,
    {
      assembly: (f) => `${sign.toLowerCase()}cvtf ${floatNames(f, "Rd")}, ${generalRegister(f.Rn!, f.sf!)}`,
      run: fromGeneral(U === 1, noFraction),
    },
    fastFromInteger(U === 1),
  ),
]).concat(
  instruction("FJCVTZS", "0 00 11110 01 1 11 110 000000 Rn:5 Rd:5", {
    uses: "fp",
    needs: ["ID_AA64ISAR1_EL1", 12, 1],
    assembly: (f) => `fjcvtzs ${generalRegister(f.Rd!, 0)}, ${floatName(f.Rn!, DOUBLE)}`,
    run(cpu, { Rn, Rd }) {
      const result = FPToFixedJS(readFloat(cpu, Rn!, DOUBLE), cpu);
      cpu.writeX(Rd!, BigInt.asUintN(32, result));
      cpu.nzcv = result >> 32n ? 0x4000_0000 : 0;
    },
  }),
);
