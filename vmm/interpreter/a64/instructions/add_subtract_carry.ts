// ADC, ADCS, SBC and SBCS: Arm DDI 0487, "A64 instruction set encoding", "Add/subtract (with carry)".

import { type Definition, type Fields, instruction, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, and32, bind64, const32, extendU32, not, sequence, shrU32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalRegister } from "./assembly_names.ts";
import { carriedFlags } from "./flags.ts";
import { fit, get, set } from "./width.ts";

const rows = [
  { name: "ADC", op: 0, S: 0 },
  { name: "ADCS", op: 0, S: 1 },
  { name: "SBC", op: 1, S: 0 },
  { name: "SBCS", op: 1, S: 1 },
] as const;
type Row = (typeof rows)[number];

function assembly({ name, op }: Row, f: Fields): string {
  const [Rd, Rn, Rm] = [f.Rd!, f.Rn!, f.Rm!].map((n) => generalRegister(n, f.sf!));
  const mnemonic = name.toLowerCase();
  return op && f.Rn === 31
    ? `${mnemonic.replace("sb", "ng")} ${Rd}, ${Rm}`
    : `${mnemonic} ${Rd}, ${Rn}, ${Rm}`;
}

function emit({ op, S }: Row, target: Target, form: Fields): Statement {
  const Rm = get(target, form, "Rm");
  const carry = extendU32(and32(shrU32(target.nzcv(), const32(29)), const32(1)));
  return bind64(
    get(target, form, "Rn"),
    (a) =>
      bind64(op ? fit(form, not(Rm)) : Rm, (b) =>
        bind64(fit(form, add(add(a, b), carry)), (sum) => {
          const store = set(target, form, "Rd", sum);
          return S ? sequence(store, target.setNzcv(carriedFlags(form, a, b, sum))) : store;
        })),
  );
}

export const addSubtractCarry: readonly Definition[] = rows.map((row) =>
  instruction(row.name, `sf:1 ${row.op}${row.S} 11010000 Rm:5 000000 Rn:5 Rd:5`, {
    operands: { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm") },
    forms: ["sf"],
    isHot: true,
    assembly: (fields) => assembly(row, fields),
    emit: (target, form) => emit(row, target, form),
  })
);
