// Which fields of the ID registers a monitor may lower, by the rules of Linux 6.12. Fields are named as in
// Arm DDI 0487; a register without a row, or a field that is not in its row, stays as it is.

import { type RegisterId, registerNamed } from "../../kvm/register_id.ts";

/** A mask of the fields, four bits each, that begin at these bits. */
const fields = (...shifts: number[]) => shifts.reduce((mask, shift) => mask | 0xfn << BigInt(shift), 0n);
const everyField = fields(...Array.from({ length: 16 }, (_, n) => 4 * n));
const allBut = (...shifts: number[]) => everyField & ~fields(...shifts);

const lowerable = new Map<bigint, bigint>(
  Object.entries({
    // Not FP, AdvSIMD, RAS, SVE, MPAM, AMU.
    ID_AA64PFR0_EL1: allBut(16, 20, 28, 32, 40, 44),
    // BT, SSBS, CSV2_frac.
    ID_AA64PFR1_EL1: fields(0, 4, 32),
    ID_AA64ZFR0_EL1: everyField,
    // DebugVer, PMUVer, WRPs, DoubleLock.
    ID_AA64DFR0_EL1: fields(0, 8, 20, 36),
    // CopDbg, PerfMon.
    ID_DFR0_EL1: fields(0, 24),
    ID_AA64ISAR0_EL1: everyField,
    // Not APA, API, GPA, GPI.
    ID_AA64ISAR1_EL1: allBut(4, 8, 24, 28),
    // Not GPA3, APA3.
    ID_AA64ISAR2_EL1: allBut(8, 12),
    // Not ASIDBits, TGran16_2, TGran64_2, TGran4_2.
    ID_AA64MMFR0_EL1: allBut(4, 32, 36, 40),
    // Not VMIDBits, VH, XNX, TWED, HCX.
    ID_AA64MMFR1_EL1: allBut(4, 8, 28, 32, 40),
    // Not CCIDX, NV, IDS, FWB, EVT.
    ID_AA64MMFR2_EL1: allBut(20, 24, 36, 40, 56),
    // IminLine, DminLine, and the bits IDC and DIC.
    CTR_EL0: fields(0, 16) | 3n << 28n,
  }).map(([name, mask]) => [registerNamed(name), mask]),
);

/** Fields whose value 0xf says "none", as their negative values do: TGran64, TGran4; DoubleLock. */
const signed = new Map<bigint, bigint>([
  [registerNamed("ID_AA64MMFR0_EL1"), fields(24, 28)],
  [registerNamed("ID_AA64DFR0_EL1"), fields(36)],
]);

/** ID_AA64DFR0_EL1.DebugVer and ID_DFR0_EL1.CopDbg of Armv8.0, below which there is nothing. */
const leastDebug = 6n;
const debugVersions = new Set<bigint>([registerNamed("ID_AA64DFR0_EL1"), registerNamed("ID_DFR0_EL1")]);

/** Whether every field of `value` is one that a host with `limit` can show. */
export function isWithinFields(id: RegisterId, value: bigint, limit: bigint): boolean {
  const mask = lowerable.get(id) ?? 0n;
  if ((value & ~mask) !== (limit & ~mask)) return false;
  if (debugVersions.has(id) && (value & 0xfn) < leastDebug) return false;
  for (let shift = 0n; shift < 64n; shift += 4n) {
    const isSigned = ((signed.get(id) ?? 0n) >> shift & 1n) === 1n;
    if (rank(value >> shift & 0xfn, isSigned) > rank(limit >> shift & 0xfn, isSigned)) return false;
  }
  return true;
}

const rank = (field: bigint, isSigned: boolean) => isSigned && field > 7n ? field - 16n : field;
