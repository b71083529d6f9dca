// FMOV between scalars, or the upper half of a vector, and general registers: Arm DDI 0487, "FMOV (general)".

import { type Definition, instruction, type Meaning, read, vector, write } from "../definition.ts";
import { DOUBLE, type FloatFormat, HALF, SINGLE } from "../float/format.ts";
import { laneName } from "../simd_assembly.ts";
import { clearAbove, putLanes, readLane } from "../simd_lanes.ts";
import { generalRegister } from "./assembly_names.ts";
import { floatName, halfScalar, readFloat, writeFloat } from "./float_formats.ts";
import { laneBits, scalarOf } from "./float_vocabulary.ts";

interface Row {
  readonly format: FloatFormat;
  readonly sf: 0 | 1;
  readonly ftype: string;
}

const rows: readonly Row[] = [
  { format: SINGLE, sf: 0, ftype: "00" },
  { format: DOUBLE, sf: 1, ftype: "01" },
  { format: HALF, sf: 0, ftype: "11" },
  { format: HALF, sf: 1, ftype: "11" },
];

function both({ format, sf, ftype }: Row): Definition[] {
  const shared = { uses: "fp" as const, ...(format === HALF && { needs: halfScalar }) };
  const names = `${"hsd"[[HALF, SINGLE, DOUBLE].indexOf(format)]!.toUpperCase()} and ${sf ? "X" : "W"}`;
  return [
    instruction(`FMOV (general, from ${names})`, `${sf} 00 11110 ${ftype} 1 00 110 000000 Rn:5 Rd:5`, {
      ...shared,
      assembly: (f) => `fmov ${generalRegister(f.Rd!, sf)}, ${floatName(f.Rn!, format)}`,
      run: (cpu, f) => cpu.writeX(f.Rd!, readFloat(cpu, f.Rn!, format)),
      operands: { Rd: write("Rd"), Rn: vector("Rn") },
      emit: (t) => t.setX("Rd", laneBits(format, t.q("Rn"))),
    }),
    instruction(`FMOV (general, to ${names})`, `${sf} 00 11110 ${ftype} 1 00 111 000000 Rn:5 Rd:5`, {
      ...shared,
      assembly: (f) => `fmov ${floatName(f.Rd!, format)}, ${generalRegister(f.Rn!, sf)}`,
      run: (cpu, f) => writeFloat(cpu, f.Rd!, format, cpu.readX(f.Rn!)),
      operands: { Rd: vector("Rd"), Rn: read("Rn") },
      emit: (t) => t.setQ("Rd", scalarOf(format, t.x("Rn"))),
    }),
  ];
}

const upperHalf: Record<"from" | "to", Meaning> = {
  from: {
    uses: "fp",
    assembly: (f) => `fmov ${generalRegister(f.Rd!, 1)}, ${laneName(f.Rn!, 3, 1)}`,
    run: (cpu, f) => cpu.writeX(f.Rd!, readLane(cpu, f.Rn!, 1, 64, false)),
  },
  to: {
    uses: "fp",
    assembly: (f) => `fmov ${laneName(f.Rd!, 3, 1)}, ${generalRegister(f.Rn!, 1)}`,
    run(cpu, f) {
      putLanes(cpu, f.Rd!, 64, [cpu.readX(f.Rn!)], 1);
      clearAbove(cpu, f.Rd!, 16);
    },
  },
};

export const floatMoveGeneral: readonly Definition[] = [
  ...rows.flatMap(both),
  instruction("FMOV (from upper half)", "1 00 11110 10 1 01 110 000000 Rn:5 Rd:5", upperHalf.from),
  instruction("FMOV (to upper half)", "1 00 11110 10 1 01 111 000000 Rn:5 Rd:5", upperHalf.to),
];
