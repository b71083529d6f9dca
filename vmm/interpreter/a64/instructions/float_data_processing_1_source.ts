// FMOV, FABS, FNEG, FSQRT, FRINTx, FCVT and BFCVT of scalars: Arm DDI 0487, "A64 instruction set encoding",
// "Floating-point data-processing (1 source)".

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Meaning } from "../definition.ts";
import { FPSqrt } from "../float/arithmetic.ts";
import { FPConvert, FPConvertBF } from "../float/convert.ts";
import { BFLOAT, DOUBLE, type FloatFormat, FPAbs, FPNeg, HALF, SINGLE } from "../float/format.ts";
import { FPRoundingMode } from "../float/status.ts";
import { exactOrKnown, fastBits, fastUnary, isNumber } from "./float_fast.ts";
import { rootAllowed } from "./float_fast.ts";
import { and, const64, not, xor } from "../vocabulary.ts";
import { bfloat, floatName, floatNames, formatOf, inFormats, readFloat } from "./float_formats.ts";
import { roundToSizes, type Unary, writeFloat } from "./float_formats.ts";
import { fastNarrowing, fastWidening } from "./float_fast_convert.ts";
import { fceil, ffloor, fnearest, fsqrt, ftrunc } from "./float_vocabulary.ts";
import { roundings, roundingsToSizes } from "./float_round.ts";

function meaningOf(name: string, compute: Unary): Meaning {
  return {
    assembly: (f) => `${name.toLowerCase()} ${floatNames(f, "Rd", "Rn")}`,
    run(cpu, fields) {
      const format = formatOf(fields);
      writeFloat(cpu, fields.Rd!, format, compute(readFloat(cpu, fields.Rn!, format), format, cpu));
    },
  };
}

type Row = readonly [name: string, opcode: string, compute: Unary, fast?: Partial<Meaning>];

const signBit = ({ signMask }: FloatFormat) => const64(signMask);

const rows: readonly Row[] = [
  ["FMOV", "000000", (a) => a, fastBits((_, a) => a)],
  ["FABS", "000001", FPAbs, fastBits((format, a) => and(a, not(signBit(format))))],
  ["FNEG", "000010", FPNeg, fastBits((format, a) => xor(a, signBit(format)))],
  ["FSQRT", "000011", FPSqrt, fastUnary(fsqrt, rootAllowed)],
  ["FRINTN", "001000", roundings.FRINTN, fastUnary(fnearest, isNumber)],
  ["FRINTP", "001001", roundings.FRINTP, fastUnary(fceil, isNumber)],
  ["FRINTM", "001010", roundings.FRINTM, fastUnary(ffloor, isNumber)],
  ["FRINTZ", "001011", roundings.FRINTZ, fastUnary(ftrunc, isNumber)],
  ["FRINTA", "001100", roundings.FRINTA],
  ["FRINTX", "001110", roundings.FRINTX, fastUnary(fnearest, exactOrKnown)],
  ["FRINTI", "001111", roundings.FRINTI, fastUnary(fnearest, isNumber)],
];

const toSizes: readonly (readonly [name: string, opcode: string, compute: Unary])[] = [
  ["FRINT32Z", "010000", roundingsToSizes.FRINT32Z],
  ["FRINT32X", "010001", roundingsToSizes.FRINT32X],
  ["FRINT64Z", "010010", roundingsToSizes.FRINT64Z],
  ["FRINT64X", "010011", roundingsToSizes.FRINT64X],
];

/** By `ftype` and `opc`. */
const formats: readonly (FloatFormat | undefined)[] = [SINGLE, DOUBLE, undefined, HALF];

function convert(cpu: Cpu, { ftype, opc, Rn, Rd }: Fields) {
  const from = formats[ftype!]!, to = formats[opc!]!;
  const result = FPConvert(readFloat(cpu, Rn!, from), from, to, FPRoundingMode(cpu), cpu);
  writeFloat(cpu, Rd!, to, result);
}

/** `type` says which the operand is. */
const betweenSingleAndDouble = [0, 1].map((type) =>
  instruction(
    `FCVT (to ${type ? "single" : "double"})`,
    `000 11110 0${type} 1 0001 0${1 - type} 10000 Rn:5 Rd:5`,
    {
      uses: "fp",
      assembly: (f) => `fcvt ${floatName(f.Rd!, formats[1 - type]!)}, ${floatName(f.Rn!, formats[type]!)}`,
      run: (cpu, f) => convert(cpu, { ...f, ftype: type, opc: 1 - type }),
      ...type ? fastNarrowing : fastWidening,
    },
  )
);

export const floatDataProcessing1Source: readonly Definition[] = [
  ...rows.flatMap(([name, opcode, compute, fast]) =>
    inFormats(
      `${name} (scalar)`,
      (ftype) => `000 11110 ${ftype} 1 ${opcode} 10000 Rn:5 Rd:5`,
      meaningOf(name, compute),
      fast,
    )
  ),
  ...toSizes.map(([name, opcode, compute]) =>
    instruction(`${name} (scalar)`, `000 11110 0 type:1 1 ${opcode} 10000 Rn:5 Rd:5`, {
      uses: "fp",
      needs: roundToSizes,
      ...meaningOf(name, compute),
    })
  ),
  ...betweenSingleAndDouble,
  instruction("FCVT", "000 11110 ftype:2 1 0001 opc:2 10000 Rn:5 Rd:5", {
    uses: "fp",
    valid: ({ ftype, opc }) => ftype !== opc && (ftype === 3 || opc === 3) && ftype !== 2 && opc !== 2,
    assembly: (f) => `fcvt ${floatName(f.Rd!, formats[f.opc!]!)}, ${floatName(f.Rn!, formats[f.ftype!]!)}`,
    run: convert,
  }),
  instruction("BFCVT", "000 11110 01 1 000110 10000 Rn:5 Rd:5", {
    uses: "fp",
    needs: bfloat,
    assembly: (f) => `bfcvt ${floatName(f.Rd!, HALF)}, ${floatName(f.Rn!, SINGLE)}`,
    run: (cpu, f) => writeFloat(cpu, f.Rd!, BFLOAT, FPConvertBF(readFloat(cpu, f.Rn!, SINGLE), cpu)),
  }),
];
