// What SVE2 has of "SVE Integer Compare - Scalars" (Arm DDI 0487, "SVE encodings"): WHILEGE and its like make the
// predicate of a loop that counts down, WHILERW and WHILEWR that of a loop whose pointers may overlap.

import type { Definition } from "../definition.ts";
import { generalRegister } from "./assembly_names.ts";
import { p, sve2 } from "./sve_assembly.ts";
import { laneCount, predicateTest, setPredicate } from "./sve_registers.ts";

/** From the last lane down, as long as the first operand, one less in each, is above the second. */
const whileGreater = (name: string, U: 0 | 1, gt: 0 | 1): Definition =>
  sve2(name, `00100101 size:2 1 Rm:5 000 sf:1 ${U} 0 Rn:5 ${gt} Pd:4`, {
    assembly: ({ Pd, size, sf, Rn, Rm }) =>
      `${name.toLowerCase()} ${p(Pd!, size!)}, ${generalRegister(Rn!, sf!)}, ${generalRegister(Rm!, sf!)}`,
    run(cpu, { Pd, size, sf, Rn, Rm }) {
      const bits = sf ? 64 : 32, as = U ? BigInt.asUintN : BigInt.asIntN;
      const from = as(bits, cpu.readX(Rn!)), to = as(bits, cpu.readX(Rm!));
      // No number is below the least: the comparison with it is always true.
      const isEndless = gt === 0 && to === (U ? 0n : -(1n << BigInt(bits - 1)));
      const count = laneCount(cpu, size!);
      const flags = Array.from({ length: count }, (_, lane) => {
        const value = from - BigInt(count - 1 - lane);
        return isEndless || (gt ? value > to : value >= to);
      });
      setPredicate(cpu, Pd!, size!, flags);
      predicateTest(cpu, flags.map(() => true), flags);
    },
  });

/** Lanes up to the distance of the addresses; all where it is none, or where that order makes no conflict. */
const whileApart = (name: string, rw: 0 | 1): Definition =>
  sve2(name, `00100101 size:2 1 Rm:5 001100 Rn:5 ${rw} Pd:4`, {
    assembly: ({ Pd, size, Rn, Rm }) =>
      `${name.toLowerCase()} ${p(Pd!, size!)}, ${generalRegister(Rn!, 1)}, ${generalRegister(Rm!, 1)}`,
    run(cpu, { Pd, size, Rn, Rm }) {
      const difference = cpu.readX(Rm!) - cpu.readX(Rn!);
      const distance = (rw && difference < 0n ? -difference : difference) >> BigInt(size!);
      const flags = Array.from(
        { length: laneCount(cpu, size!) },
        (_, lane) => distance <= 0n || BigInt(lane) < distance,
      );
      setPredicate(cpu, Pd!, size!, flags);
      predicateTest(cpu, flags.map(() => true), flags);
    },
  });

export const sve2CompareScalars: readonly Definition[] = [
  whileGreater("WHILEGE", 0, 0),
  whileGreater("WHILEGT", 0, 1),
  whileGreater("WHILEHS", 1, 0),
  whileGreater("WHILEHI", 1, 1),
  whileApart("WHILEWR", 0),
  whileApart("WHILERW", 1),
];
