// RBIT, REV16, REV, REV32, CLZ and CLS: Arm DDI 0487, "A64 instruction set encoding", "Data-processing (1
// source)". The pointer authentication of that class is in pointer_authentication.ts.

import { type Definition, type Fields, instruction, type Meaning, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { bind64, clz, const64, type I64, shrS, shrU, sub, xor } from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { reverse } from "./bit_order.ts";
import { bits, get, getSigned, set } from "./width.ts";

type Compute = (target: Target, form: Fields) => I64;

const print = (name: string, { sf, Rd, Rn }: Fields) =>
  `${name} ${generalRegister(Rd!, sf!)}, ${generalRegister(Rn!, sf!)}`;

const row = (name: string, compute: Compute, isHot = false): Meaning => ({
  operands: { Rd: write("Rd"), Rn: read("Rn") },
  forms: ["sf"],
  isHot,
  assembly: (fields) => print(name, fields),
  emit: (target, form) => set(target, form, "Rd", compute(target, form)),
});

/** Bits above those of the width are the value's sign or zero. */
const unused = (form: Fields) => 64 - bits(form);

const reverseAll: Compute = (t, form) => {
  const reversed = reverse(t.x("Rn"), 1, 64);
  return form.sf ? reversed : shrU(reversed, const64(32));
};

const countLeadingZeros: Compute = (t, form) =>
  form.sf ? clz(t.x("Rn")) : sub(clz(get(t, form, "Rn")), const64(unused(form)));

const countLeadingSigns: Compute = (t, form) =>
  bind64(
    getSigned(t, form, "Rn"),
    (x) => sub(clz(xor(x, shrS(x, const64(1)))), const64(unused(form) + 1)),
  );

const opcode = "sf:1 1 0 11010110 00000";

export const dataProcessing1Source: readonly Definition[] = [
  instruction("RBIT", `${opcode} 000000 Rn:5 Rd:5`, row("rbit", reverseAll)),
  instruction("REV16", `${opcode} 000001 Rn:5 Rd:5`, row("rev16", (t) => reverse(t.x("Rn"), 8, 16))),
  // REV of a W register does to it what REV32 does to both halves of an X register.
  instruction("REV32", `${opcode} 000010 Rn:5 Rd:5`, {
    ...row("rev32", (t) => reverse(t.x("Rn"), 8, 32)),
    assembly: (f) => print(f.sf ? "rev32" : "rev", f),
  }),
  instruction("REV", `${opcode} 000011 Rn:5 Rd:5`, {
    ...row("rev", (t) => reverse(t.x("Rn"), 8, 64)),
    valid: ({ sf }) => sf === 1,
  }),
  instruction("CLZ", `${opcode} 000100 Rn:5 Rd:5`, row("clz", countLeadingZeros, true)),
  instruction("CLS", `${opcode} 000101 Rn:5 Rd:5`, row("cls", countLeadingSigns)),
];
