// The multiplications: Arm DDI 0487, "A64 instruction set encoding", "Data-processing (3 source)".

import { type Definition, type Fields, instruction, type Meaning, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import { add, bind64, const64, extend32, type I64, low32, mul, shrS, shrU, sub } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalRegister } from "./assembly_names.ts";
import { set } from "./width.ts";

const operands = { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm"), Ra: read("Ra") };
const isAlone = ({ Ra }: Fields) => Ra === 31;

/** What is added or subtracted is a product of Rn and Rm, extended or as they are. */
interface Row {
  readonly names: readonly [name: string, withoutRa: string];
  readonly combine: (a: I64, b: I64) => I64;
  readonly extend: (register: I64) => I64;
  readonly isLong: boolean;
}

function assembly({ names, isLong }: Row, f: Fields): string {
  const sf = isLong ? 1 : f.sf!;
  const Rd = generalRegister(f.Rd!, sf), Ra = generalRegister(f.Ra!, sf);
  const factors = [f.Rn!, f.Rm!].map((n) => generalRegister(n, isLong ? 0 : sf)).join(", ");
  return isAlone(f) ? `${names[1]} ${Rd}, ${factors}` : `${names[0]} ${Rd}, ${factors}, ${Ra}`;
}

function emit({ combine, extend, isLong }: Row, t: Target, form: Fields): Statement {
  const value = combine(t.x("Ra"), mul(extend(t.x("Rn")), extend(t.x("Rm"))));
  return isLong ? t.setX("Rd", value) : set(t, form, "Rd", value);
}

const row = (details: Row): Meaning => ({
  operands,
  forms: details.isLong ? [] : ["sf"],
  isHot: true,
  assembly: (fields) => assembly(details, fields),
  emit: (target, form) => emit(details, target, form),
});

const same = (register: I64) => register;
const multiplyAdd = row({ names: ["madd", "mul"], combine: add, extend: same, isLong: false });
const multiplySubtract = row({ names: ["msub", "mneg"], combine: sub, extend: same, isLong: false });
const long = (names: Row["names"], combine: Row["combine"], extend: Row["extend"]) =>
  row({ names, combine, extend, isLong: true });

/** The upper half of a product of 128 bits, from products of halves; `shift` gives the sign of the upper ones. */
function upperHalf(target: Target, shift: (value: I64, by: I64) => I64): I64 {
  const by = const64(32);
  return bind64(target.x("Rn"), (n) =>
    bind64(target.x("Rm"), (m) => {
      const low = shrU(mul(low32(n), low32(m)), by);
      const middle = add(mul(shift(n, by), low32(m)), low);
      return bind64(middle, (first) => {
        const second = add(mul(low32(n), shift(m, by)), low32(first));
        return add(add(mul(shift(n, by), shift(m, by)), shift(first, by)), shift(second, by));
      });
    }));
}

const high = (name: string, shift: (value: I64, by: I64) => I64): Meaning => ({
  operands: { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm") },
  assembly: (f) => `${name} ${[f.Rd!, f.Rn!, f.Rm!].map((n) => generalRegister(n, 1)).join(", ")}`,
  emit: (target) => target.setX("Rd", upperHalf(target, shift)),
});

export const dataProcessing3Source: readonly Definition[] = [
  instruction("MADD", "sf:1 00 11011 000 Rm:5 0 Ra:5 Rn:5 Rd:5", multiplyAdd),
  instruction("MSUB", "sf:1 00 11011 000 Rm:5 1 Ra:5 Rn:5 Rd:5", multiplySubtract),
  instruction("SMADDL", "1 00 11011 001 Rm:5 0 Ra:5 Rn:5 Rd:5", long(["smaddl", "smull"], add, extend32)),
  instruction("SMSUBL", "1 00 11011 001 Rm:5 1 Ra:5 Rn:5 Rd:5", long(["smsubl", "smnegl"], sub, extend32)),
  instruction("SMULH", "1 00 11011 010 Rm:5 0 unused:5 Rn:5 Rd:5", high("smulh", shrS)),
  instruction("UMADDL", "1 00 11011 101 Rm:5 0 Ra:5 Rn:5 Rd:5", long(["umaddl", "umull"], add, low32)),
  instruction("UMSUBL", "1 00 11011 101 Rm:5 1 Ra:5 Rn:5 Rd:5", long(["umsubl", "umnegl"], sub, low32)),
  instruction("UMULH", "1 00 11011 110 Rm:5 0 unused:5 Rn:5 Rd:5", high("umulh", shrU)),
];
