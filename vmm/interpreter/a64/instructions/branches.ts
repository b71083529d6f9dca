// Branches: Arm DDI 0487, "A64 instruction set encoding", "Branches, Exception Generating and System
// instructions". Those that check a pointer are in pointer_authentication_branches.ts.

import { type Definition, type Fields, instruction, type Meaning, read } from "../definition.ts";
import { branchType, isCallRegister } from "../branch_targets.ts";
import { cpuWord, registerAt } from "../cpu_layout.ts";
import type { Target } from "../target.ts";
import {
  add,
  and,
  and32,
  bind64,
  const32,
  const64,
  eqz,
  type I32,
  ne,
  or32,
  sequence,
  shrU,
  sub32,
  when,
  wrap,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { conditions, generalRegister, relative, signed } from "./assembly_names.ts";
import { condition } from "./condition.ts";
import { get } from "./width.ts";

const linkRegister = 30;
const X30 = () => registerAt(linkRegister);

const offset26 = ({ imm26 }: Fields) => signed(imm26!, 26) * 4;
const offset19 = ({ imm19 }: Fields) => signed(imm19!, 19) * 4;
const offset14 = ({ imm14 }: Fields) => signed(imm14!, 14) * 4;

const link = (target: Target): Statement => target.setX("X30", add(target.pc(), const64(4)));

const compare = (name: string, holds: (target: Target, form: Fields) => I32): Meaning => ({
  operands: { Rt: read("Rt") },
  forms: ["sf"],
  branchOffset: offset19,
  isHot: true,
  assembly: (f) => `${name} ${generalRegister(f.Rt!, f.sf!)}, ${relative(offset19(f))}`,
  emit: (target, form) => when(holds(target, form), target.branch()),
});

const bitNumber = ({ b5, b40 }: Fields) => b5! << 5 | b40!;

const testBit = (name: string, holds: (target: Target) => I32): Meaning => ({
  operands: { Rt: read("Rt"), bit: bitNumber },
  branchOffset: offset14,
  isHot: true,
  assembly: (f) => `${name} ${generalRegister(f.Rt!, f.b5!)}, #${bitNumber(f)}, ${relative(offset14(f))}`,
  emit: (target) => when(holds(target), target.branch()),
});

/** Rt's bit, with others above it. */
const fromBit = (target: Target) => shrU(target.x("Rt"), target.number("bit"));
const isBitSet = (target: Target): I32 => wrap(and(fromBit(target), const64(1)));
const isBitClear = (target: Target): I32 => eqz(and(fromBit(target), const64(1)));

const toRegister = (name: string): Meaning => ({
  operands: { Rn: read("Rn") },
  isHot: true,
  assembly: ({ Rn }) => name === "ret" && Rn === linkRegister ? name : `${name} ${generalRegister(Rn!, 1)}`,
  emit: (target) => target.branchTo(target.x("Rn")),
});

const setBranchType = (target: Target, bits: I32): Statement =>
  target.setState32(cpuWord.pstate, or32(target.state32(cpuWord.pstate), bits));

export const branches: readonly Definition[] = [
  instruction("B", "0 00101 imm26:26", {
    branchOffset: offset26,
    isHot: true,
    assembly: (f) => `b ${relative(offset26(f))}`,
    emit: (target) => target.branch(),
  }),
  instruction("BL", "1 00101 imm26:26", {
    operands: { X30 },
    branchOffset: offset26,
    isHot: true,
    assembly: (f) => `bl ${relative(offset26(f))}`,
    emit: (target) => sequence(link(target), target.branch()),
  }),
  instruction("B.cond", "0101010 0 imm19:19 0 cond:4", {
    forms: ["cond"],
    branchOffset: offset19,
    isHot: true,
    assembly: (f) => `b.${conditions[f.cond!]} ${relative(offset19(f))}`,
    emit: (target, { cond }) => when(condition(target, cond!), target.branch()),
  }),
  instruction("CBZ", "sf:1 011010 0 imm19:19 Rt:5", compare("cbz", (t, form) => eqz(get(t, form, "Rt")))),
  instruction(
    "CBNZ",
    "sf:1 011010 1 imm19:19 Rt:5",
    compare("cbnz", (t, form) => ne(get(t, form, "Rt"), const64(0))),
  ),
  instruction("TBZ", "b5:1 011011 0 b40:5 imm14:14 Rt:5", testBit("tbz", isBitClear)),
  instruction("TBNZ", "b5:1 011011 1 b40:5 imm14:14 Rt:5", testBit("tbnz", isBitSet)),
  instruction("BR", "1101011 0000 11111 000000 Rn:5 00000", {
    ...toRegister("br"),
    operands: { Rn: read("Rn"), guarded: ({ Rn }) => isCallRegister(Rn!) ? 0 : branchType.guarded },
    emit: (target) =>
      sequence(
        setBranchType(
          target,
          or32(
            const32(branchType.jump),
            and32(wrap(target.number("guarded")), sub32(const32(0), target.inGuardedPage())),
          ),
        ),
        target.branchTo(target.x("Rn")),
      ),
  }),
  instruction("BLR", "1101011 0001 11111 000000 Rn:5 00000", {
    ...toRegister("blr"),
    operands: { Rn: read("Rn"), X30 },
    emit: (target) =>
      bind64(
        target.x("Rn"),
        (address) =>
          sequence(
            link(target),
            setBranchType(target, const32(branchType.call)),
            target.branchTo(address),
          ),
      ),
  }),
  instruction("RET", "1101011 0010 11111 000000 Rn:5 00000", toRegister("ret")),
];
