// CSEL, CSINC, CSINV and CSNEG: Arm DDI 0487, "A64 instruction set encoding", "Conditional select".

import { type Definition, type Fields, instruction, read, write } from "../definition.ts";
import { add, const64, type I64, not, select, sub } from "../vocabulary.ts";
import { conditions, generalRegister } from "./assembly_names.ts";
import { conditionTable, holds } from "./condition.ts";
import { get, set } from "./width.ts";

interface Row {
  readonly name: string;
  readonly bits: readonly [op: string, op2: string];
  /** Of Rm, where the condition does not hold. */
  readonly otherwise: (Rm: I64) => I64;
  /** The name where Rm is Rn, and where both are zero. */
  readonly aliases?: readonly [same: string, zero?: string];
}

const rows: readonly Row[] = [
  { name: "CSEL", bits: ["0", "00"], otherwise: (Rm) => Rm },
  { name: "CSINC", bits: ["0", "01"], otherwise: (Rm) => add(Rm, const64(1)), aliases: ["cinc", "cset"] },
  { name: "CSINV", bits: ["1", "00"], otherwise: not, aliases: ["cinv", "csetm"] },
  { name: "CSNEG", bits: ["1", "01"], otherwise: (Rm) => sub(const64(0), Rm), aliases: ["cneg"] },
];

function assembly({ name, aliases }: Row, f: Fields): string {
  const [Rd, Rn, Rm] = [f.Rd!, f.Rn!, f.Rm!].map((n) => generalRegister(n, f.sf!));
  const isAlias = aliases && f.Rm === f.Rn && f.cond! < 14;
  const opposite = conditions[f.cond! ^ 1];
  if (isAlias && f.Rn === 31 && aliases[1]) return `${aliases[1]} ${Rd}, ${opposite}`;
  if (isAlias && (f.Rn !== 31 || !aliases[1])) return `${aliases[0]} ${Rd}, ${Rn}, ${opposite}`;
  return `${name.toLowerCase()} ${Rd}, ${Rn}, ${Rm}, ${conditions[f.cond!]}`;
}

export const conditionalSelect: readonly Definition[] = rows.map((row) =>
  instruction(row.name, `sf:1 ${row.bits[0]} 0 11010100 Rm:5 cond:4 ${row.bits[1]} Rn:5 Rd:5`, {
    operands: { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm"), cond: conditionTable("cond") },
    forms: ["sf"],
    isHot: true,
    assembly: (fields) => assembly(row, fields),
    emit: (t, form) =>
      set(t, form, "Rd", select(holds(t, "cond"), get(t, form, "Rn"), row.otherwise(get(t, form, "Rm")))),
  })
);
