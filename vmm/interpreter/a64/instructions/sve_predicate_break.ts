// Arm DDI 0487, "SVE encodings", "SVE Partition Break" and "SVE Propagate Break": predicates up to the first
// lane for which a condition holds, with that lane (A) or without it (B).

import { type Definition, type Fields, predicate } from "../definition.ts";
import type { Target } from "../target.ts";
import { and32, bind32, const32, or32, select, sequence, shl32, sub32, xor32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { p, sve, zeroing } from "./sve_assembly.ts";
import { type Kept, maybeTesting, withKept } from "./sve_predicate_bits.ts";
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
    operands: { Pd: predicate("Pd"), Pg: predicate("Pg"), Pn: predicate("Pn") },
    forms: ["S", "M"],
    emit: (t, { S, M }) => withKept(1, (isBroken) => breaking(t, B, S === 1, M === 1, isBroken)),
  });

/** What is active up to the first lane that breaks, which is kept for the quadwords after it. */
const breaking = (t: Target, B: 0 | 1, S: boolean, M: boolean, isBroken: Kept): Statement =>
  maybeTesting(
    t,
    S,
    ({ bits, setBits }, test) =>
      bind32(bits("Pg"), (mask) =>
        bind32(and32(mask, bits("Pn")), (found) => {
          const first = and32(found, sub32(const32(0), found));
          const upTo = sub32(B ? first : shl32(first, const32(1)), const32(1));
          // Where none is found this is all ones.
          const active = and32(mask, select(found, upTo, const32(-1)));
          const result = select(isBroken.get, const32(0), active);
          const merged = M ? or32(result, and32(bits("Pd"), xor32(mask, const32(-1)))) : result;
          return bind32(merged, (value) =>
            sequence(isBroken.set(or32(isBroken.get, found)), setBits("Pd", value), test(mask, value)));
        })),
  );

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
