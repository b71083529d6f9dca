// All system registers that a guest can name with MRS and MSR, by their encodings, and the rules common to
// all (Arm DDI 0487, "AArch64 System register descriptions"). An encoding without a row is undefined, as it
// is for KVM's guests.

import type { Encoding } from "../../kvm/system_registers.ts";
import type { Cpu } from "./cpu.ts";
import type { After } from "./definition.ts";
import { isAtEl0 } from "./pstate.ts";
import { type SystemRegisterRow, trappedAccess, undefinedInstruction } from "./system_register_row.ts";
import { controlRegisters } from "./system_registers_control.ts";
import { debugRegisters } from "./system_registers_debug.ts";
import { identificationRegisters } from "./system_registers_identification.ts";
import { outsideRegisters } from "./system_registers_outside.ts";
import { performanceRegisters } from "./system_registers_performance.ts";
import { pstateRegisters } from "./system_registers_pstate.ts";

export const systemRegisterRows: readonly SystemRegisterRow[] = [
  ...controlRegisters,
  ...pstateRegisters,
  ...identificationRegisters,
  ...debugRegisters,
  ...performanceRegisters,
  ...outsideRegisters,
];

/** An encoding as a number, as bits 20 to 5 of MRS and MSR have it. */
export const keyOf = (op0: number, op1: number, crn: number, crm: number, op2: number): number =>
  op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;

const encodings = 1 << 16;
const rows: (SystemRegisterRow | undefined)[] = new Array(encodings);
for (const row of systemRegisterRows) {
  const key = keyOf(...row.encoding);
  if (rows[key]) throw new Error(`${row.name} has the encoding of ${rows[key].name}`);
  rows[key] = row;
}

export const findSystemRegister = (key: number): SystemRegisterRow | undefined => rows[key];

const encodingOf = (
  key: number,
): Encoding => [key >> 14, key >> 11 & 7, key >> 7 & 15, key >> 3 & 15, key & 7];

/** Checks everything before the access; throws GuestException. */
function access(cpu: Cpu, key: number, Rt: number, isWrite: boolean): SystemRegisterRow {
  const row = rows[key];
  if (!row || row.isThere && !row.isThere(cpu)) throw undefinedInstruction();
  const isPossible = (isWrite ? row.write : row.read) !== undefined;
  if (isAtEl0(cpu)) {
    const answer = row.atEl0?.(cpu, isWrite) ?? "undefined";
    if (answer === "undefined") throw undefinedInstruction();
    if (answer === "trapped") throw trappedAccess(encodingOf(key), Rt, !isWrite);
  }
  if (!isPossible) throw undefinedInstruction();
  const trap = row.trap?.(cpu);
  if (trap) throw trap;
  return row;
}

/** MRS. */
export function readSystemRegister(cpu: Cpu, key: number, Rt: number) {
  const value = access(cpu, key, Rt, false).read!(cpu);
  cpu.writeX(Rt, BigInt.asUintN(64, value));
}

/** MSR (register). */
export function writeSystemRegister(cpu: Cpu, key: number, Rt: number): After {
  return access(cpu, key, Rt, true).write!(cpu, cpu.readX(Rt));
}
