// Arm DDI 0487, "SVE encodings", "SVE predicate logical operations": of two predicates under a third, and
// SEL.

import type { Definition, Fields } from "../definition.ts";
import { p, sve, zeroing } from "./sve_assembly.ts";
import { predicateOf, predicateTest, setPredicate } from "./sve_registers.ts";

interface Row {
  readonly name: string;
  /** Bits 23, 9 and 4 of the encoding. */
  readonly bits: readonly [0 | 1, 0 | 1, 0 | 1];
  readonly compute: (n: boolean, m: boolean) => boolean;
  /** The name by which assembly prefers it, given the fields; the same with "s" where flags are set. */
  readonly alias?: (fields: Fields) => string | undefined;
}

const names = (f: Fields, ...fields: readonly string[]) => fields.map((name) => p(f[name]!, 0)).join(", ");

const rows: readonly Row[] = [
  {
    name: "AND",
    bits: [0, 0, 0],
    compute: (n, m) => n && m,
    alias: (f) => f.Pn === f.Pm ? `mov${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}` : undefined,
  },
  { name: "BIC", bits: [0, 0, 1], compute: (n, m) => n && !m },
  {
    name: "EOR",
    bits: [0, 1, 0],
    compute: (n, m) => n !== m,
    alias: (f) => f.Pm === f.Pg ? `not${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}` : undefined,
  },
  {
    name: "ORR",
    bits: [1, 0, 0],
    compute: (n, m) => n || m,
    alias: (f) => f.Pn === f.Pm && f.Pn === f.Pg ? `mov${suffix(f)} ${names(f, "Pd", "Pn")}` : undefined,
  },
  { name: "ORN", bits: [1, 0, 1], compute: (n, m) => n || !m },
  { name: "NOR", bits: [1, 1, 0], compute: (n, m) => !n && !m },
  { name: "NAND", bits: [1, 1, 1], compute: (n, m) => !n || !m },
];

const suffix = ({ S }: Fields) => S ? "s" : "";

const logical = ({ name, bits: [op, o2, o3], compute, alias }: Row): Definition =>
  sve(
    `${name}, ${name}S (predicates)`,
    `00100101 ${op} S:1 00 Pm:4 01 Pg:4 ${o2} Pn:4 ${o3} Pd:4`,
    {
      assembly: (f) =>
        alias?.(f) ??
          `${name.toLowerCase()}${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${names(f, "Pn", "Pm")}`,
      run(cpu, { Pd, Pg, Pn, Pm, S }) {
        const mask = predicateOf(cpu, Pg!, 0), n = predicateOf(cpu, Pn!, 0), m = predicateOf(cpu, Pm!, 0);
        const result = mask.map((isActive, lane) => isActive && compute(n[lane]!, m[lane]!));
        setPredicate(cpu, Pd!, 0, result);
        if (S) predicateTest(cpu, mask, result);
      },
    },
  );

const SEL = sve("SEL (predicates)", "00100101 0000 Pm:4 01 Pg:4 1 Pn:4 1 Pd:4", {
  assembly: (f) =>
    f.Pd === f.Pm
      ? `mov ${p(f.Pd!, 0)}, p${f.Pg}/m, ${p(f.Pn!, 0)}`
      : `sel ${p(f.Pd!, 0)}, p${f.Pg}, ${names(f, "Pn", "Pm")}`,
  run(cpu, { Pd, Pg, Pn, Pm }) {
    const n = predicateOf(cpu, Pn!, 0), m = predicateOf(cpu, Pm!, 0);
    setPredicate(cpu, Pd!, 0, predicateOf(cpu, Pg!, 0).map((flag, lane) => flag ? n[lane]! : m[lane]!));
  },
});

export const svePredicateLogical: readonly Definition[] = [...rows.map(logical), SEL];
