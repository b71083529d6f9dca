// Arm DDI 0487, "SVE encodings", "SVE Integer Compare - Scalars": WHILELT and its like, which make the
// predicate of a loop that counts up, and CTERMEQ and CTERMNE, which end one.

import { type Definition, predicate, read } from "../definition.ts";
import {
  add,
  bind64,
  const64,
  eq as isEqual,
  extend32,
  extendU32,
  type I64,
  leS,
  leU,
  ltS,
  ltU,
  select,
  sub,
  wrap,
} from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { p, sve } from "./sve_assembly.ts";
import { laneCountOf, setFirstLanes } from "./sve_predicate_bits.ts";

const N = 1 << 31, V = 1 << 28, C = 1 << 29;

/** How many numbers from one on are below the other, or not above it; no more than there are lanes. */
function whileCount(from: I64, to: I64, most: I64, U: 0 | 1, eq: 0 | 1, sf: number): I64 {
  const bits = BigInt(sf ? 64 : 32), greatest = (1n << (U ? bits : bits - 1n)) - 1n;
  const isNone = U ? (eq ? ltU(to, from) : leU(to, from)) : (eq ? ltS(to, from) : leS(to, from));
  const count = select(isNone, const64(0), add(sub(to, from), const64(eq)));
  const limited = bind64(count, (n) => select(ltU(n, most), n, most));
  // The greatest number is not exceeded: the comparison with it is always true.
  return eq ? select(isEqual(to, const64(greatest)), most, limited) : limited;
}

/** Lanes are active as long as the first operand, one more in each lane, is below the second. */
const whileLess = (name: string, U: 0 | 1, eq: 0 | 1): Definition =>
  sve(name, `00100101 size:2 1 Rm:5 000 sf:1 ${U} 1 Rn:5 ${eq} Pd:4`, {
    assembly: ({ Pd, size, sf, Rn, Rm }) =>
      `${name.toLowerCase()} ${p(Pd!, size!)}, ${generalRegister(Rn!, sf!)}, ${generalRegister(Rm!, sf!)}`,
    operands: { Pd: predicate("Pd"), Rn: read("Rn"), Rm: read("Rm") },
    forms: ["size", "sf"],
    emit: (t, { size, sf }) => {
      const of = (operand: string) => sf ? t.x(operand) : U ? t.w(operand) : extend32(t.x(operand));
      const count = bind64(
        of("Rn"),
        (from) =>
          bind64(of("Rm"), (to) => whileCount(from, to, extendU32(laneCountOf(t, size!)), U, eq, sf!)),
      );
      return setFirstLanes(t, size!, wrap(count), true);
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
