// Arm DDI 0487, "SVE encodings", "SVE predicate count" and "SVE Inc/Dec by Predicate Count": how many lanes
// are active, and registers and vectors changed by as many.

import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, predicate, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, add32, and32, extendU32, type I64, popcnt32, sequence, sub } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalRegister } from "./assembly_names.ts";
import { hasSizes, p, sve, z } from "./sve_assembly.ts";
import { changed, changedNames, changeRegister, type Saturating, saturating } from "./sve_element_count.ts";
import { changeLanes } from "./sve_lane_operations.ts";
import { lanesIn, withKept } from "./sve_predicate_bits.ts";
import { predicateOf } from "./sve_registers.ts";

const countOf = (cpu: Cpu, { Pm, size }: Fields) =>
  BigInt(predicateOf(cpu, Pm!, size!).filter((flag) => flag).length);

/** Lanes that are active in all of the predicates. */
const counting = (t: Target, size: number, names: readonly string[], use: (count: I64) => Statement) =>
  withKept(1, (count) =>
    sequence(
      t.eachQuadword(({ bits }) => {
        const all = names.map(bits).reduce((one, other) => and32(one, other));
        return count.set(add32(count.get, popcnt32(lanesIn(size, all))));
      }),
      use(extendU32(count.get)),
    ));

const CNTP = sve("CNTP", "00100101 size:2 100000 10 Pg:4 0 Pn:4 Rd:5", {
  assembly: ({ Rd, Pg, Pn, size }) => `cntp ${generalRegister(Rd!, 1)}, p${Pg}, ${p(Pn!, size!)}`,
  operands: { Rd: write("Rd"), Pg: predicate("Pg"), Pn: predicate("Pn") },
  forms: ["size"],
  emit: (t, { size }) => counting(t, size!, ["Pg", "Pn"], (count) => t.setX("Rd", count)),
});

const vectorSizes = hasSizes(1, 2, 3);

const change = (name: string, D: 0 | 1): Definition[] => {
  const by = (cpu: Cpu, f: Fields) => D ? -countOf(cpu, f) : countOf(cpu, f);
  return [
    sve(`${name} (scalar)`, `00100101 size:2 10110 ${D} 10001 00 Pm:4 Rdn:5`, {
      assembly: ({ Rdn, Pm, size }) => `${name.toLowerCase()} ${generalRegister(Rdn!, 1)}, ${p(Pm!, size!)}`,
      operands: { Rdn: read("Rdn"), Rd: write("Rdn"), Pm: predicate("Pm") },
      forms: ["size"],
      emit: (t, { size }) =>
        counting(t, size!, ["Pm"], (count) => t.setX("Rd", (D ? sub : add)(t.x("Rdn"), count))),
    }),
    sve(`${name} (vector)`, `00100101 size:2 10110 ${D} 10000 00 Pm:4 Zdn:5`, {
      valid: vectorSizes,
      assembly: ({ Zdn, Pm, size }) => `${name.toLowerCase()} ${z(Zdn!, size!)}, p${Pm}${dot(size!)}`,
      run(cpu, f) {
        const count = by(cpu, f);
        changeLanes(cpu, f.Zdn!, f.size!, false, (value) => value + count);
      },
    }),
  ];
};

const dot = (size: number) => `.${"bhsd"[size]}`;

const changeSaturating = (row: Saturating): Definition[] => {
  const mnemonic = `${row.name.toLowerCase()}p`, name = `${row.name}P`;
  return [
    sve(`${name} (scalar)`, `00100101 size:2 1010 ${row.D}${row.U} 10001 sf:1 0 Pm:4 Rdn:5`, {
      assembly: ({ Rdn, Pm, sf, size }) => {
        const [register, word] = changedNames(Rdn!, sf!, row).split(", ");
        return `${mnemonic} ${register}, ${p(Pm!, size!)}${word ? `, ${word}` : ""}`;
      },
      run: (cpu, f) => changeRegister(cpu, f.Rdn!, f.sf!, countOf(cpu, f), row),
    }),
    sve(`${name} (vector)`, `00100101 size:2 1010 ${row.D}${row.U} 10000 00 Pm:4 Zdn:5`, {
      valid: vectorSizes,
      assembly: ({ Zdn, Pm, size }) => `${mnemonic} ${z(Zdn!, size!)}, p${Pm}${dot(size!)}`,
      run(cpu, f) {
        const count = countOf(cpu, f), bits = 8 << f.size!;
        changeLanes(cpu, f.Zdn!, f.size!, !row.isUnsigned, (value) => changed(value, count, bits, row));
      },
    }),
  ];
};

export const svePredicateCount: readonly Definition[] = [
  CNTP,
  ...change("INCP", 0),
  ...change("DECP", 1),
  ...saturating.flatMap(changeSaturating),
];
