// Arm DDI 0487, "SVE encodings", "SVE Partition Break" and "SVE Propagate Break": predicates up to the first
// lane for which a condition holds, with that lane (A) or without it (B).

import type { Definition, Fields } from "../definition.ts";
import { p, sve, zeroing } from "./sve_assembly.ts";
import { predicateOf, predicateTest, setPredicate } from "./sve_registers.ts";

const suffix = ({ S }: Fields) => S ? "s" : "";

/** Active lanes up to the first that is active and true. */
function breakAt(mask: readonly boolean[], n: readonly boolean[], isAfter: boolean): boolean[] {
  const found = mask.findIndex((isActive, lane) => isActive && n[lane]);
  const end = found < 0 ? mask.length : isAfter ? found + 1 : found;
  return mask.map((isActive, lane) => isActive && lane < end);
}

/** The last active lane's value. */
const lastActive = (mask: readonly boolean[], n: readonly boolean[]) => n[mask.lastIndexOf(true)] ?? false;

const partition = (name: string, B: 0 | 1): Definition =>
  sve(`${name}, ${name}S`, `00100101 ${B} S:1 010000 01 Pg:4 0 Pn:4 M:1 Pd:4`, {
    valid: ({ S, M }) => !(S && M),
    assembly: (f) =>
      `${name.toLowerCase()}${suffix(f)} ${p(f.Pd!, 0)}, p${f.Pg}/${f.M ? "m" : "z"}, ${p(f.Pn!, 0)}`,
    run(cpu, { Pd, Pg, Pn, S, M }) {
      const mask = predicateOf(cpu, Pg!, 0), before = predicateOf(cpu, Pd!, 0);
      const broken = breakAt(mask, predicateOf(cpu, Pn!, 0), B === 0);
      const result = M ? broken.map((flag, lane) => mask[lane] ? flag : before[lane]!) : broken;
      setPredicate(cpu, Pd!, 0, result);
      if (S) predicateTest(cpu, mask, result);
    },
  });

/** Nothing where the lanes before, in Pn, ended with one that is not active. */
const propagate = (name: string, B: 0 | 1): Definition =>
  sve(`${name}, ${name}S`, `00100101 0 S:1 00 Pm:4 11 Pg:4 0 Pn:4 ${B} Pd:4`, {
    assembly: (f) =>
      `${name.toLowerCase()}${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}, ${p(f.Pm!, 0)}`,
    run(cpu, { Pd, Pg, Pn, Pm, S }) {
      const mask = predicateOf(cpu, Pg!, 0);
      const goesOn = lastActive(mask, predicateOf(cpu, Pn!, 0));
      const broken = breakAt(mask, predicateOf(cpu, Pm!, 0), B === 0);
      const result = broken.map((flag) => goesOn && flag);
      setPredicate(cpu, Pd!, 0, result);
      if (S) predicateTest(cpu, mask, result);
    },
  });

const BRKN = sve("BRKN, BRKNS", "00100101 0 S:1 011000 01 Pg:4 0 Pn:4 0 Pdm:4", {
  assembly: (f) => `brkn${suffix(f)} ${p(f.Pdm!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}, ${p(f.Pdm!, 0)}`,
  run(cpu, { Pdm, Pg, Pn, S }) {
    const goesOn = lastActive(predicateOf(cpu, Pg!, 0), predicateOf(cpu, Pn!, 0));
    const result = predicateOf(cpu, Pdm!, 0).map((flag) => goesOn && flag);
    setPredicate(cpu, Pdm!, 0, result);
    if (S) predicateTest(cpu, result.map(() => true), result);
  },
});

export const svePredicateBreak: readonly Definition[] = [
  partition("BRKA", 0),
  partition("BRKB", 1),
  propagate("BRKPA", 0),
  propagate("BRKPB", 1),
  BRKN,
];
