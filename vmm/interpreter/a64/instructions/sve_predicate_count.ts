// Arm DDI 0487, "SVE encodings", "SVE predicate count" and "SVE Inc/Dec by Predicate Count": how many lanes
// are active, and registers and vectors changed by as many.

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { generalRegister } from "./assembly_names.ts";
import { hasSizes, p, sve, z } from "./sve_assembly.ts";
import { changed, changedNames, changeRegister, type Saturating, saturating } from "./sve_element_count.ts";
import { changeLanes } from "./sve_lane_operations.ts";
import { isActive, predicateOf } from "./sve_registers.ts";

const countOf = (cpu: Cpu, { Pm, size }: Fields) =>
  BigInt(predicateOf(cpu, Pm!, size!).filter((flag) => flag).length);

const CNTP = sve("CNTP", "00100101 size:2 100000 10 Pg:4 0 Pn:4 Rd:5", {
  assembly: ({ Rd, Pg, Pn, size }) => `cntp ${generalRegister(Rd!, 1)}, p${Pg}, ${p(Pn!, size!)}`,
  run(cpu, { Rd, Pg, Pn, size }) {
    const n = predicateOf(cpu, Pn!, size!);
    cpu.writeX(Rd!, BigInt(n.filter((flag, lane) => flag && isActive(cpu, Pg!, size!, lane)).length));
  },
});

const vectorSizes = hasSizes(1, 2, 3);

const change = (name: string, D: 0 | 1): Definition[] => {
  const by = (cpu: Cpu, f: Fields) => D ? -countOf(cpu, f) : countOf(cpu, f);
  return [
    sve(`${name} (scalar)`, `00100101 size:2 10110 ${D} 10001 00 Pm:4 Rdn:5`, {
      assembly: ({ Rdn, Pm, size }) => `${name.toLowerCase()} ${generalRegister(Rdn!, 1)}, ${p(Pm!, size!)}`,
      run: (cpu, f) => cpu.writeX(f.Rdn!, cpu.readX(f.Rdn!) + by(cpu, f)),
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
