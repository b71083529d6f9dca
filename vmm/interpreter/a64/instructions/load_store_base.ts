// The base register of a load or store, and its write-back (Arm DDI 0487, "Load/Store addressing modes"). Where
// the base is SP it has to be aligned, if SCTLR_EL1 says so.

import { type Fields, orSp } from "../definition.ts";
import type { Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { GuestException } from "../guest_exception.ts";
import type { Target } from "../target.ts";
import { add, bind64, type I64, sequence } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";

export const base = { Rn: orSp("Rn") };

/** The statement after the check of SP, where SP is the base. */
export const withCheckedBase = (target: Target, form: Fields, statement: Statement): Statement =>
  form.isSp ? sequence(target.checkSp(), statement) : statement;

export interface Indexed {
  /** Whether the offset is added before the access or after it. */
  readonly isPost: boolean;
  /** Added to the base. */
  readonly offset: I64;
}

/**
 * The access and the write-back. A base that is also loaded has the address in the end, and a base that is
 * also stored is stored as it was: CONSTRAINED UNPREDICTABLE, and what QEMU does.
 */
export function indexed(
  target: Target,
  { isPost, offset }: Indexed,
  access: (address: I64) => Statement,
): Statement {
  if (isPost) {
    return bind64(
      target.x("Rn"),
      (address) => sequence(access(address), target.setX("Rn", add(address, offset))),
    );
  }
  return bind64(
    add(target.x("Rn"), offset),
    (address) => sequence(access(address), target.setX("Rn", address)),
  );
}

/** ESR_EL1.EC of "SP alignment fault". */
const misalignedSp = 0x26;

/** The base register's value, for an instruction whose meaning is TypeScript. */
export function baseOf(cpu: Cpu, { Rn }: Fields): bigint {
  if (Rn !== 31) return cpu.readX(Rn!);
  if (cpu.sp & cpu.u64(cpuWord.spAlignment)) throw new GuestException(misalignedSp, 0);
  return cpu.sp;
}

/** Writes the base register back. */
export function setBase(cpu: Cpu, { Rn }: Fields, address: bigint) {
  if (Rn === 31) cpu.sp = BigInt.asUintN(64, address);
  else cpu.writeX(Rn!, address);
}
