// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Multiply-Add": FMLA and its like to the addend's
// register, FMAD and its like to a factor's.

import type { Definition } from "../definition.ts";
import { FPNeg } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import { merging, z, zNames } from "./sve_assembly.ts";
import { floatFast, fusedFastPath } from "./sve_float_fast.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { mergeLanes } from "./sve_lane_operations.ts";
import { laneOf } from "./sve_registers.ts";

interface Row {
  readonly name: string;
  /** Bits of the encoding. */
  readonly opcode: string;
  readonly negatesProduct: boolean;
  readonly negatesAddend: boolean;
}

const rows = ([accumulate, multiply]: readonly [string, string]): readonly Row[] =>
  [0, 1, 2, 3].map((opcode) => {
    const isNegated = opcode >= 2, isDifference = opcode === 1 || opcode === 3;
    return {
      name: `F${isNegated ? "N" : ""}${isDifference ? multiply : accumulate}`,
      opcode: opcode.toString(2).padStart(2, "0"),
      negatesProduct: opcode === 1 || opcode === 2,
      negatesAddend: isNegated,
    };
  });

/** @param names of the fields of the destination, the factors and the addend */
function definition(row: Row, encoding: string, names: readonly string[]): Definition {
  const [Zd, Zn, Zm, Za] = names as [string, string, string, string];
  const path = fusedFastPath(row.negatesProduct, row.negatesAddend);
  const others = names.slice(1).filter((each) => each !== Zd);
  return sveFloat(`${row.name} (vectors)`, `01100101 size:2 1 ${encoding}`, {
    assembly: (f) =>
      `${row.name.toLowerCase()} ${z(f[Zd]!, f.size!)}, ${merging(f)}, ${zNames(f, f.size!, ...others)}`,
    ...(path && floatFast(path, Zd, [Za, Zn, Zm], true)),
    run(cpu, f) {
      const size = f.size!, format = formatOfSize(size);
      const of = (field: string, lane: number) => laneOf(cpu, f[field]!, size, lane);
      mergeLanes(cpu, f[Zd]!, f.Pg!, size, (lane) => {
        const addend = of(Za, lane), factor = of(Zn, lane);
        return FPMulAdd(
          row.negatesAddend ? FPNeg(addend, format) : addend,
          row.negatesProduct ? FPNeg(factor, format) : factor,
          of(Zm, lane),
          format,
          cpu,
        );
      });
    },
  });
}

export const sveFloatMultiplyAdd: readonly Definition[] = [
  ...rows(["MLA", "MLS"]).map((row) =>
    definition(row, `Zm:5 0${row.opcode} Pg:3 Zn:5 Zda:5`, ["Zda", "Zn", "Zm", "Zda"])
  ),
  ...rows(["MAD", "MSB"]).map((row) =>
    definition(row, `Za:5 1${row.opcode} Pg:3 Zm:5 Zdn:5`, ["Zdn", "Zdn", "Zm", "Za"])
  ),
];
