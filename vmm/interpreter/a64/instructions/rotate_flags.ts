// RMIF, SETF8 and SETF16: Arm DDI 0487, "A64 instruction set encoding", "Rotate right into flags" and "Evaluate
// into flags" (FEAT_FlagM).

import { type Definition, type Fields, instruction, type Need, read } from "../definition.ts";
import type { Target } from "../target.ts";
import { and32, bind, const32, eqz32, or32, rotr, shl32, shrU32, wrap, xor32 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalRegister } from "./assembly_names.ts";
import { flag } from "./flags.ts";

const needs: Need = ["ID_AA64ISAR0_EL1", 52, 1];
const { N, C, V } = flag;

function emitRmif(target: Target): Statement {
  const mask = shl32(wrap(target.number("mask")), const32(28));
  const flags = shl32(wrap(rotr(target.x("Rn"), target.number("imm6"))), const32(28));
  const changed = and32(xor32(flags, target.nzcv()), mask);
  return target.setNzcv(xor32(target.nzcv(), changed));
}

/** V is whether the bit above the sign differs from it. C stays. */
function emitSetf(target: Target, { sz }: Fields): Statement {
  const width = 8 << sz!;
  const left = shl32(wrap(target.x("Rn")), const32(32 - width));
  const above = shl32(wrap(target.x("Rn")), const32(31 - width));
  return bind("i32", left, (value) => {
    const sign = and32(value, const32(N));
    const zero = shl32(eqz32(value), const32(30));
    const overflow = and32(shrU32(xor32(value, above), const32(3)), const32(V));
    const carry = and32(target.nzcv(), const32(C));
    return target.setNzcv(or32(or32(sign, zero), or32(carry, overflow)));
  });
}

export const rotateFlags: readonly Definition[] = [
  instruction("RMIF", "1 01 11010000 imm6:6 00001 Rn:5 0 mask:4", {
    operands: { Rn: read("Rn"), imm6: (f) => f.imm6!, mask: (f) => f.mask! },
    needs,
    assembly: (f) => `rmif ${generalRegister(f.Rn!, 1)}, #${f.imm6}, #${f.mask}`,
    emit: emitRmif,
  }),
  instruction("SETF8, SETF16", "0 01 11010000 000000 sz:1 0010 Rn:5 0 1101", {
    operands: { Rn: read("Rn") },
    forms: ["sz"],
    needs,
    assembly: (f) => `setf${8 << f.sz!} ${generalRegister(f.Rn!, 0)}`,
    emit: emitSetf,
  }),
];
