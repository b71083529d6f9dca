// PSTATE's fields as registers (Arm DDI 0487, "Special-purpose registers").

import type { Cpu } from "./cpu.ts";
import { runsStepwise } from "./debug_unit.ts";
import { hasUnmaskedInterrupt, setPstate } from "./exceptions.ts";
import { offeredFields, PSTATE } from "./pstate.ts";
import { always, readOnly, row, type SystemRegisterRow, withBit } from "./system_register_row.ts";
import type { Encoding } from "../../kvm/system_registers.ts";

/** SCTLR_EL1.UMA: EL0 may mask interrupts. */
const UMA = 9;

/** Fields in the same places as in PSTATE. */
function fields(
  named: readonly [name: string, ...encoding: Encoding],
  bits: number,
  rest: Partial<SystemRegisterRow> = {},
): SystemRegisterRow {
  return row(named, {
    read: (cpu) => BigInt((cpu.pstate & bits) >>> 0),
    write: (cpu, value) => setFields(cpu, bits, Number(value & 0xffff_ffffn)),
    ...rest,
  });
}

/** Gives some fields of PSTATE new values. */
export function setFields(cpu: Cpu, bits: number, value: number) {
  setPstate(cpu, cpu.pstate & ~bits | value & bits);
}

const withField = (bits: number) => (cpu: Cpu) => (offeredFields(cpu) & bits) !== 0;

export const pstateRegisters: readonly SystemRegisterRow[] = [
  fields(["SPSel", 3, 0, 4, 2, 0], PSTATE.SP),
  readOnly(["CurrentEL", 3, 0, 4, 2, 2], (cpu) => BigInt(cpu.pstate & PSTATE.EL)),
  fields(["PAN", 3, 0, 4, 2, 3], PSTATE.PAN, { isThere: withField(PSTATE.PAN) }),
  fields(["UAO", 3, 0, 4, 2, 4], PSTATE.UAO, { isThere: withField(PSTATE.UAO) }),
  row(["NZCV", 3, 3, 4, 2, 0], {
    atEl0: always,
    read: (cpu) => BigInt(cpu.nzcv),
    write: (cpu, value) => {
      cpu.nzcv = (Number(value & 0xffff_ffffn) & PSTATE.NZCV) >>> 0;
    },
  }),
  fields(["DAIF", 3, 3, 4, 2, 1], PSTATE.DAIF, {
    atEl0: withBit("SCTLR_EL1", UMA),
    write(cpu, value) {
      setFields(cpu, PSTATE.DAIF, Number(value & 0xffff_ffffn));
      if (!hasUnmaskedInterrupt(cpu) && !runsStepwise(cpu)) return;
      cpu.pc += 4n;
      return "leave";
    },
  }),
  fields(["DIT", 3, 3, 4, 2, 5], PSTATE.DIT, { atEl0: always, isThere: withField(PSTATE.DIT) }),
  fields(["SSBS", 3, 3, 4, 2, 6], PSTATE.SSBS, {
    atEl0: always,
    isThere: (cpu) => cpu.idField("ID_AA64PFR1_EL1", 4) >= 2,
  }),
];
