// Arm DDI 0487, "SVE encodings", "SVE Integer Compare - Scalars": WHILELT and its like, which make the
// predicate of a loop that counts up, and CTERMEQ and CTERMNE, which end one.

import type { Definition } from "../definition.ts";
import { generalRegister } from "./assembly_names.ts";
import { p, sve } from "./sve_assembly.ts";
import { laneCount, predicateTest, setPredicate } from "./sve_registers.ts";

const N = 1 << 31, V = 1 << 28, C = 1 << 29;

/** Lanes are active as long as the first operand, one more in each lane, is below the second. */
const whileLess = (name: string, U: 0 | 1, eq: 0 | 1): Definition =>
  sve(name, `00100101 size:2 1 Rm:5 000 sf:1 ${U} 1 Rn:5 ${eq} Pd:4`, {
    assembly: ({ Pd, size, sf, Rn, Rm }) =>
      `${name.toLowerCase()} ${p(Pd!, size!)}, ${generalRegister(Rn!, sf!)}, ${generalRegister(Rm!, sf!)}`,
    run(cpu, { Pd, size, sf, Rn, Rm }) {
      const bits = sf ? 64 : 32, as = U ? BigInt.asUintN : BigInt.asIntN;
      const from = as(bits, cpu.readX(Rn!)), to = as(bits, cpu.readX(Rm!));
      // The greatest number is not exceeded: the comparison with it is always true.
      const greatest = (1n << BigInt(U ? bits : bits - 1)) - 1n;
      const isEndless = eq === 1 && to === greatest;
      const flags = Array.from({ length: laneCount(cpu, size!) }, (_, lane) => {
        const value = from + BigInt(lane);
        return isEndless || (eq ? value <= to : value < to);
      });
      setPredicate(cpu, Pd!, size!, flags);
      predicateTest(cpu, flags.map(() => true), flags);
    },
  });

/** N where the loop ends; V where it does not and had not, which C says. */
const compareTerminate = (name: string, ne: 0 | 1): Definition =>
  sve(name, `00100101 1 sf:1 1 Rm:5 001000 Rn:5 ${ne} 0000`, {
    assembly: ({ sf, Rn, Rm }) =>
      `${name.toLowerCase()} ${generalRegister(Rn!, sf!)}, ${generalRegister(Rm!, sf!)}`,
    run(cpu, { sf, Rn, Rm }) {
      const bits = sf ? 64 : 32;
      const isEqual = BigInt.asUintN(bits, cpu.readX(Rn!)) === BigInt.asUintN(bits, cpu.readX(Rm!));
      const before = cpu.nzcv & ~(N | V);
      const ends = isEqual === (ne === 0);
      cpu.nzcv = (before | (ends ? N : before & C ? 0 : V)) >>> 0;
    },
  });

export const sveCompareScalars: readonly Definition[] = [
  whileLess("WHILELT", 0, 0),
  whileLess("WHILELE", 0, 1),
  whileLess("WHILELO", 1, 0),
  whileLess("WHILELS", 1, 1),
  compareTerminate("CTERMEQ", 0),
  compareTerminate("CTERMNE", 1),
];
