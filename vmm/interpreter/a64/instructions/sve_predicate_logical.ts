// Arm DDI 0487, "SVE encodings", "SVE predicate logical operations": of two predicates under a third, and
// SEL.

import { type Definition, type Fields, predicate } from "../definition.ts";
import { and32, bind32, const32, type I32, or32, sequence, xor32 } from "../vocabulary.ts";
import { p, sve, zeroing } from "./sve_assembly.ts";
import { maybeTesting } from "./sve_predicate_bits.ts";

const not32 = (value: I32) => xor32(value, const32(-1));
const predicates = Object.fromEntries(["Pd", "Pg", "Pn", "Pm"].map((name) => [name, predicate(name)]));

interface Row {
  readonly name: string;
  /** Bits 23, 9 and 4 of the encoding. */
  readonly bits: readonly [0 | 1, 0 | 1, 0 | 1];
  readonly compute: (n: I32, m: I32) => I32;
  /** The name by which assembly prefers it, given the fields; the same with "s" where flags are set. */
  readonly alias?: (fields: Fields) => string | undefined;
}

const names = (f: Fields, ...fields: readonly string[]) => fields.map((name) => p(f[name]!, 0)).join(", ");

const rows: readonly Row[] = [
  {
    name: "AND",
    bits: [0, 0, 0],
    compute: and32,
    alias: (f) => f.Pn === f.Pm ? `mov${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}` : undefined,
  },
  { name: "BIC", bits: [0, 0, 1], compute: (n, m) => and32(n, not32(m)) },
  {
    name: "EOR",
    bits: [0, 1, 0],
    compute: xor32,
    alias: (f) => f.Pm === f.Pg ? `not${suffix(f)} ${p(f.Pd!, 0)}, ${zeroing(f)}, ${p(f.Pn!, 0)}` : undefined,
  },
  {
    name: "ORR",
    bits: [1, 0, 0],
    compute: or32,
    alias: (f) => f.Pn === f.Pm && f.Pn === f.Pg ? `mov${suffix(f)} ${names(f, "Pd", "Pn")}` : undefined,
  },
  { name: "ORN", bits: [1, 0, 1], compute: (n, m) => or32(n, not32(m)) },
  { name: "NOR", bits: [1, 1, 0], compute: (n, m) => not32(or32(n, m)) },
  { name: "NAND", bits: [1, 1, 1], compute: (n, m) => not32(and32(n, m)) },
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
      operands: predicates,
      forms: ["S"],
      emit: (t, { S }) =>
        maybeTesting(t, S === 1, ({ bits, setBits }, test) =>
          bind32(bits("Pg"), (mask) =>
            bind32(and32(mask, compute(bits("Pn"), bits("Pm"))), (result) =>
              sequence(setBits("Pd", result), test(mask, result))))),
    },
  );

const SEL = sve("SEL (predicates)", "00100101 0000 Pm:4 01 Pg:4 1 Pn:4 1 Pd:4", {
  assembly: (f) =>
    f.Pd === f.Pm
      ? `mov ${p(f.Pd!, 0)}, p${f.Pg}/m, ${p(f.Pn!, 0)}`
      : `sel ${p(f.Pd!, 0)}, p${f.Pg}, ${names(f, "Pn", "Pm")}`,
  operands: predicates,
  emit: (t) =>
    t.eachQuadword(({ bits, setBits }) => {
      const chosen = and32(bits("Pg"), bits("Pn")), others = and32(not32(bits("Pg")), bits("Pm"));
      return setBits("Pd", or32(chosen, others));
    }),
});

export const svePredicateLogical: readonly Definition[] = [...rows.map(logical), SEL];
