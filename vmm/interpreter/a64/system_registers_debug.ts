// The self-hosted debug registers, as Linux's KVM shows them: those of the external debugger's channel read
// as zero (Arm DDI 0487, "Debug System registers").

import type { Encoding } from "../../kvm/system_registers.ts";
import type { Cpu } from "./cpu.ts";
import { breakpoints, watchpoints } from "../host_profile.ts";
import { debugChanged } from "./debug_unit.ts";
import type { After } from "./definition.ts";
import { placeOf, readOnly, row, type SystemRegisterRow, writeOnly, zero } from "./system_register_row.ts";

const sixteen = Array.from({ length: 16 }, (_, n) => n);
const word = 0xffff_ffffn;
const oslsr = placeOf("OSLSR_EL1");
const OSLK = 1n << 1n;

const withBreakpoint = (n: number) => (cpu: Cpu) => n < breakpoints(cpu.profile);
const withWatchpoint = (n: number) => (cpu: Cpu) => n < watchpoints(cpu.profile);

/** The next instruction may be one to be stepped, or one that a breakpoint is on. */
function changed(cpu: Cpu): After {
  debugChanged(cpu);
  cpu.pc += 4n;
  return "leave";
}

const storage = (
  named: readonly [name: string, ...encoding: Encoding],
  bits = -1n,
): SystemRegisterRow => {
  const at = placeOf(named[0]);
  return row(named, {
    read: (cpu) => cpu.u64(at),
    write(cpu, value) {
      cpu.setU64(at, value & bits);
      return changed(cpu);
    },
  });
};

/** MDSCR_EL1.TDCC: the debugger's channel traps at EL0. */
const TDCC = 1n << 12n;
const channelAtEl0: NonNullable<SystemRegisterRow["atEl0"]> = (cpu) =>
  cpu.system("MDSCR_EL1") & TDCC ? "trapped" : "allowed";

export const debugRegisters: readonly SystemRegisterRow[] = [
  ...sixteen.flatMap((n): SystemRegisterRow[] => [
    { ...storage([`DBGBVR${n}_EL1`, 2, 0, 0, n, 4]), isThere: withBreakpoint(n) },
    { ...storage([`DBGBCR${n}_EL1`, 2, 0, 0, n, 5], word), isThere: withBreakpoint(n) },
    { ...storage([`DBGWVR${n}_EL1`, 2, 0, 0, n, 6]), isThere: withWatchpoint(n) },
    { ...storage([`DBGWCR${n}_EL1`, 2, 0, 0, n, 7], word), isThere: withWatchpoint(n) },
  ]),
  zero(["OSDTRRX_EL1", 2, 0, 0, 0, 2]),
  storage(["MDCCINT_EL1", 2, 0, 0, 2, 0], word),
  storage(["MDSCR_EL1", 2, 0, 0, 2, 2], word),
  zero(["OSDTRTX_EL1", 2, 0, 0, 3, 2]),
  zero(["OSECCR_EL1", 2, 0, 0, 6, 2]),
  readOnly(["MDRAR_EL1", 2, 0, 1, 0, 0], () => 0n),
  writeOnly(["OSLAR_EL1", 2, 0, 1, 0, 4], (cpu, value) => {
    cpu.setU64(oslsr, cpu.u64(oslsr) & ~OSLK | (value & 1n) << 1n);
    return changed(cpu);
  }),
  readOnly(["OSLSR_EL1", 2, 0, 1, 1, 4], (cpu) => cpu.u64(oslsr)),
  zero(["OSDLR_EL1", 2, 0, 1, 3, 4]),
  zero(["DBGPRCR_EL1", 2, 0, 1, 4, 4]),
  zero(["DBGCLAIMSET_EL1", 2, 0, 7, 8, 6]),
  zero(["DBGCLAIMCLR_EL1", 2, 0, 7, 9, 6]),
  readOnly(["DBGAUTHSTATUS_EL1", 2, 0, 7, 14, 6], () => 0n),
  readOnly(["MDCCSR_EL0", 2, 3, 0, 1, 0], () => 0n, { atEl0: channelAtEl0 }),
  zero(["DBGDTR_EL0", 2, 3, 0, 4, 0], { atEl0: channelAtEl0 }),
  zero(["DBGDTRRX_EL0", 2, 3, 0, 5, 0], { atEl0: channelAtEl0 }),
];
