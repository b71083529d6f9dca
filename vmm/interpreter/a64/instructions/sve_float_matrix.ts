// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Matrix Multiply Accumulate": FMMLA, of two rows and two
// columns in each four lanes (FEAT_F32MM, FEAT_F64MM).

import type { Definition, Need } from "../definition.ts";
import { FPAdd, FPMul } from "../float/arithmetic.ts";
import { GuestException } from "../guest_exception.ts";
import { sve, sveFloat32Matrix, sveFloat64Matrix, zNames } from "./sve_assembly.ts";
import { formatOfSize } from "./sve_float_formats.ts";
import { eachLane, laneCount, laneOf, setLanes } from "./sve_registers.ts";

/** ESR_EL1.EC of an undefined instruction: this vector is too short for it. */
const unknown = 0x00;

const FMMLA = (size: number, sz: string, needs: Need): Definition => {
  const format = formatOfSize(size);
  return sve(`FMMLA (${"BHSD"[size]})`, `01100100 ${sz} 1 Zm:5 111001 Zn:5 Zda:5`, {
    needs,
    assembly: (f) => `fmmla ${zNames(f, size, "Zda", "Zn", "Zm")}`,
    run(cpu, f) {
      const count = laneCount(cpu, size);
      if (count < 4) throw new GuestException(unknown, 0);
      const of = (lane: number) => {
        const matrix = lane - lane % 4, row = matrix + 2 * (lane >> 1 & 1), column = matrix + 2 * (lane & 1);
        // What is left over of a vector is zero.
        if (matrix + 4 > count) return 0n;
        const product = (k: number) =>
          FPMul(laneOf(cpu, f.Zn!, size, row + k), laneOf(cpu, f.Zm!, size, column + k), format, cpu);
        const sum = FPAdd(product(0), product(1), format, cpu);
        return FPAdd(laneOf(cpu, f.Zda!, size, lane), sum, format, cpu);
      };
      setLanes(cpu, f.Zda!, size, eachLane(cpu, size, of));
    },
  });
};

export const sveFloatMatrix: readonly Definition[] = [
  FMMLA(2, "10", sveFloat32Matrix),
  FMMLA(3, "11", sveFloat64Matrix),
];
