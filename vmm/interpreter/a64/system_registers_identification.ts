// What a vcpu tells of itself (Arm DDI 0487, "Identification registers"). At EL0 only CTR_EL0 and DCZID_EL0
// are there; the others are trapped or undefined, as FEAT_IDST says.

import type { Cpu } from "./cpu.ts";
import { isAtEl0 } from "./pstate.ts";
import { type Encoding, systemRegisters } from "../../kvm/system_registers.ts";
import { always, placeOf, readOnly, row, type SystemRegisterRow, withBit } from "./system_register_row.ts";
import { storage } from "./system_register_row.ts";

/** SCTLR_EL1.UCT: EL0 may read CTR_EL0. SCTLR_EL1.DZE: EL0 may use DC ZVA. */
const UCT = 15, DZE = 14n;

const atEl0: NonNullable<SystemRegisterRow["atEl0"]> = (cpu, isWrite) =>
  !isWrite && cpu.idField("ID_AA64MMFR2_EL1", 36) > 0 ? "trapped" : "undefined";

const kept = (name: string, ...encoding: Encoding) => {
  const at = placeOf(name);
  return readOnly([name, ...encoding], (cpu) => cpu.u64(at), { atEl0 });
};

/** log2 of the words that DC ZVA zeroes, and the bit that says it may not be used. */
export const zeroBlockBytes = 64;
export const BS = BigInt(Math.log2(zeroBlockBytes / 4)), DZP = 1n << 4n;

function dczid(cpu: Cpu): bigint {
  const isProhibited = isAtEl0(cpu) && (cpu.u64(sctlr) >> DZE & 1n) === 0n;
  return isProhibited ? BS | DZP : BS;
}
const sctlr = placeOf("SCTLR_EL1");
const csselr = placeOf("CSSELR_EL1");
/** CSSELR_EL1.Level and InD. */
const CSSELR_BITS = 0xfn;

const nameOf = new Map([...systemRegisters].map(([name, encoding]) => [encoding.join(), name]));

/** The space of ID registers at op0 3, op1 0, CRn 0, CRm 1 to 7: what has no value reads as zero. */
const idSpace: readonly SystemRegisterRow[] = [1, 2, 3, 4, 5, 6, 7].flatMap((crm) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((op2): SystemRegisterRow => {
    const encoding: Encoding = [3, 0, 0, crm, op2];
    const name = nameOf.get(encoding.join()) ?? `S3_0_C0_C${crm}_${op2}`;
    return readOnly([name, ...encoding], (cpu) => cpu.profile.idRegisters[name] ?? 0n, { atEl0 });
  })
);

export const identificationRegisters: readonly SystemRegisterRow[] = [
  kept("MIDR_EL1", 3, 0, 0, 0, 0),
  kept("MPIDR_EL1", 3, 0, 0, 0, 5),
  kept("REVIDR_EL1", 3, 0, 0, 0, 6),
  ...idSpace,
  row(["CCSIDR_EL1", 3, 1, 0, 0, 0], {
    atEl0,
    read: (cpu) => cpu.surroundings.cacheSize(cpu, Number(cpu.u64(csselr))) ?? 0n,
  }),
  kept("CLIDR_EL1", 3, 1, 0, 0, 1),
  kept("AIDR_EL1", 3, 1, 0, 0, 7),
  storage(["CSSELR_EL1", 3, 2, 0, 0, 0], CSSELR_BITS),
  readOnly(["CTR_EL0", 3, 3, 0, 0, 1], (cpu) => cpu.profile.idRegisters.CTR_EL0 ?? 0n, {
    atEl0: withBit("SCTLR_EL1", UCT),
  }),
  readOnly(["DCZID_EL0", 3, 3, 0, 0, 7], dczid, { atEl0: always }),
];
