// A vcpu's registers by name, for a guest that cannot go on.

import type { Vcpu } from "../kvm/vcpu.ts";
import { registerNamed } from "../kvm/register_id.ts";

const general = Array.from({ length: 31 }, (_, n) => `X${n}`);
/** What a report shows. */
export const shownRegisters: readonly string[] = [
  ...general,
  ...["SP", "PC", "PSTATE", "SP_EL1", "ELR_EL1", "SPSR_EL1", "ESR_EL1", "FAR_EL1", "SCTLR_EL1", "VBAR_EL1"],
  ...["TTBR0_EL1", "TTBR1_EL1", "TCR_EL1", "MPIDR_EL1"],
];
const columns = 3;

/** Rows of `NAME value`, 64-bit hexadecimal. The vcpu must not be running. */
export function registerReport(vcpu: Vcpu): string {
  const cells = shownRegisters.map((name) => {
    const value = vcpu.getRegister(registerNamed(name)).toString(16).padStart(16, "0");
    return `${name.padEnd(10)}${value}`;
  });
  const rows = Array.from(
    { length: Math.ceil(cells.length / columns) },
    (_, row) => cells.slice(row * columns, (row + 1) * columns),
  );
  return [`vcpu ${vcpu.index}:`, ...rows.map((row) => "  " + row.join("  "))].join("\n");
}
