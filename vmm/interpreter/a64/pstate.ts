// PSTATE's fields, in their places in SPSR_EL1 (Arm DDI 0487, "SPSR_EL1, Saved Program Status Register
// (EL1)").

import type { Cpu } from "./cpu.ts";

export const PSTATE = {
  /** N, Z, C and V, which are kept in a word of their own. */
  NZCV: 0xf << 28,
  DIT: 1 << 24,
  UAO: 1 << 23,
  PAN: 1 << 22,
  SS: 1 << 21,
  IL: 1 << 20,
  SSBS: 1 << 12,
  BTYPE: 3 << 10,
  D: 1 << 9,
  A: 1 << 8,
  I: 1 << 7,
  F: 1 << 6,
  DAIF: 0xf << 6,
  /** Execution state: AArch32. */
  nRW: 1 << 4,
  EL: 3 << 2,
  /** SPSel: 0 is SP_EL0. */
  SP: 1,
} as const;

export const EL0 = 0;
export const EL1 = 1 << 2;

/** The value of M[4:0] for EL1 with its own stack pointer. */
export const EL1h = EL1 | PSTATE.SP;

export const isAtEl0 = (cpu: Cpu): boolean => (cpu.pstate & PSTATE.EL) === EL0;
export const isAtEl1 = (cpu: Cpu): boolean => (cpu.pstate & PSTATE.EL) === EL1;

const offered = new WeakMap<object, number>();

/** The fields of PSTATE that come with features the vcpu has. SS is none: returns decide on it themselves. */
export function offeredFields(cpu: Cpu): number {
  let fields = offered.get(cpu.profile);
  if (fields === undefined) offered.set(cpu.profile, fields = readOffered(cpu));
  return fields;
}

function readOffered(cpu: Cpu): number {
  const field = (register: string, shift: number, bits: number) =>
    cpu.idField(register, shift) > 0 ? bits : 0;
  return field("ID_AA64MMFR1_EL1", 20, PSTATE.PAN) | field("ID_AA64MMFR2_EL1", 4, PSTATE.UAO) |
    field("ID_AA64PFR0_EL1", 48, PSTATE.DIT) | field("ID_AA64PFR1_EL1", 4, PSTATE.SSBS) |
    field("ID_AA64PFR1_EL1", 0, PSTATE.BTYPE);
}
