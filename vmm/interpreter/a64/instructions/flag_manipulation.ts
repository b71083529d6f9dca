// CFINV, XAFLAG and AXFLAG: Arm DDI 0487, "A64 instruction set encoding", "PSTATE" (FEAT_FlagM, FEAT_FlagM2).

import { type Definition, instruction } from "../definition.ts";
import { and32, bind, const32, type I32, or32, shl32, shrU32, xor32 } from "../vocabulary.ts";
import { flag } from "./flags.ts";

const { Z, C, V } = flag;
const has = (flags: I32, bit: number): I32 => and32(flags, const32(bit));

/** The flags of a comparison of floating-point numbers as another architecture has them. */
const toExternal = (flags: I32): I32 => {
  const zero = has(or32(flags, shl32(flags, const32(2))), Z);
  const carry = has(and32(flags, xor32(shl32(flags, const32(1)), const32(C))), C);
  return or32(zero, carry);
};

const fromExternal = (flags: I32): I32 => {
  const carryAtZ = shl32(flags, const32(1));
  const neither = has(xor32(or32(flags, carryAtZ), const32(Z)), Z);
  // N is next to Z, and nothing is above it.
  const negative = shl32(neither, const32(1));
  const zero = has(and32(flags, carryAtZ), Z);
  const carry = has(or32(flags, shrU32(flags, const32(1))), C);
  const overflow = has(shrU32(and32(xor32(carryAtZ, const32(Z)), flags), const32(2)), V);
  return or32(or32(negative, zero), or32(carry, overflow));
};

export const flagManipulation: readonly Definition[] = [
  instruction("CFINV", "1101010100000 000 0100 0000 000 11111", {
    needs: ["ID_AA64ISAR0_EL1", 52, 1],
    assembly: () => "cfinv",
    emit: (target) => target.setNzcv(xor32(target.nzcv(), const32(C))),
  }),
  instruction("XAFLAG", "1101010100000 000 0100 0000 001 11111", {
    needs: ["ID_AA64ISAR0_EL1", 52, 2],
    assembly: () => "xaflag",
    emit: (target) => bind("i32", target.nzcv(), (flags) => target.setNzcv(fromExternal(flags))),
  }),
  instruction("AXFLAG", "1101010100000 000 0100 0000 010 11111", {
    needs: ["ID_AA64ISAR0_EL1", 52, 2],
    assembly: () => "axflag",
    emit: (target) => bind("i32", target.nzcv(), (flags) => target.setNzcv(toExternal(flags))),
  }),
];
