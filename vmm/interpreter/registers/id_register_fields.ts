// Which bits of the ID registers a monitor may change, by the rules of Linux 6.12, and what it may make of them.
// Fields are named as in Arm DDI 0487.

import { type RegisterId, registerName, registerNamed } from "../../kvm/register_id.ts";

/** A mask of the fields, four bits each, that begin at these bits. */
const fields = (...shifts: number[]) => shifts.reduce((mask, shift) => mask | 0xfn << BigInt(shift), 0n);

const everyAArch32Bit = 0xffff_ffffn;
const aarch32Registers = [
  ...["ID_PFR0_EL1", "ID_PFR1_EL1", "ID_PFR2_EL1", "ID_DFR0_EL1"],
  ...[0, 1, 2, 3, 4, 5].map((n) => `ID_MMFR${n}_EL1`),
  ...[0, 1, 2, 3, 4, 5, 6].map((n) => `ID_ISAR${n}_EL1`),
  ...[0, 1, 2].map((n) => `MVFR${n}_EL1`),
];

/** As KVM_ARM_GET_REG_WRITABLE_MASKS tells them of a host that has AArch32 at EL0. */
const writable = new Map<bigint, bigint>(
  Object.entries({
    ...Object.fromEntries(aarch32Registers.map((name) => [name, everyAArch32Bit])),
    // Not FP, AdvSIMD, RAS, SVE, MPAM, AMU.
    ID_AA64PFR0_EL1: 0xffff_00f0_0f00_ffffn,
    // BT, SSBS, CSV2_frac.
    ID_AA64PFR1_EL1: fields(0, 4, 32),
    // FPMR.
    ID_AA64PFR2_EL1: fields(32),
    ID_AA64ZFR0_EL1: 0x0ff0_ff0f_0fff_00ffn,
    // F8FMA, F8DP4, F8DP2, F8E4M3, F8E5M2.
    ID_AA64FPFR0_EL1: 0xf000_0003n,
    // DebugVer, PMUVer, WRPs, DoubleLock.
    ID_AA64DFR0_EL1: fields(0, 8, 20, 36),
    ID_AA64ISAR0_EL1: 0xffff_ffff_ffff_fff0n,
    // Not APA, API, GPA, GPI.
    ID_AA64ISAR1_EL1: 0xffff_ffff_00ff_f00fn,
    // Not GPA3, APA3.
    ID_AA64ISAR2_EL1: 0xffff_0fff_ffff_00ffn,
    // Not ASIDBits, TGran16_2, TGran64_2, TGran4_2.
    ID_AA64MMFR0_EL1: 0xff00_f000_ffff_ff0fn,
    // Not VMIDBits, VH, XNX, TWED, HCX.
    ID_AA64MMFR1_EL1: 0xffff_f0f0_0fff_f00fn,
    // Not CCIDX, NV, IDS, FWB, EVT.
    ID_AA64MMFR2_EL1: 0xf0ff_000f_f00f_ffffn,
    // TCRX, S1PIE, S1POE.
    ID_AA64MMFR3_EL1: fields(0, 8, 16),
    // All but the types of caches it has no room for.
    CLIDR_EL1: 0x7fff_ffff_ffffn,
    // IminLine, DminLine, and the bits IDC and DIC.
    CTR_EL0: fields(0, 16) | 3n << 28n,
  }).map(([name, mask]) => [registerNamed(name), mask]),
);

/** None of the AArch32 registers' on a host without AArch32 at EL0. */
export function writableMask(id: RegisterId, hasAArch32User: boolean): bigint {
  if (!hasAArch32User && aarch32Registers.includes(registerName(id))) return 0n;
  return writable.get(id) ?? 0n;
}

/** Fields whose value 0xf says "none", as their negative values do: TGran64, TGran4; DoubleLock. */
const signed = new Map<bigint, bigint>([
  [registerNamed("ID_AA64MMFR0_EL1"), fields(24, 28)],
  [registerNamed("ID_AA64DFR0_EL1"), fields(36)],
]);

/** ID_AA64DFR0_EL1.DebugVer and ID_DFR0_EL1.CopDbg of Armv8.0, below which there is nothing. */
const leastDebug = 6n;
const debugVersions = new Set<bigint>([registerNamed("ID_AA64DFR0_EL1"), registerNamed("ID_DFR0_EL1")]);

/**
 * Whether every field of `value` is one that a host with `limit` can show.
 * @param mask the bits that may change
 */
export function isWithinFields(id: RegisterId, value: bigint, limit: bigint, mask: bigint): boolean {
  if ((value & ~mask) !== (limit & ~mask)) return false;
  if (debugVersions.has(id) && (value & 0xfn) < leastDebug) return false;
  for (let shift = 0n; shift < 64n; shift += 4n) {
    const isSigned = ((signed.get(id) ?? 0n) >> shift & 1n) === 1n;
    if (rank(value >> shift & 0xfn, isSigned) > rank(limit >> shift & 0xfn, isSigned)) return false;
  }
  return true;
}

const rank = (field: bigint, isSigned: boolean) => isSigned && field > 7n ? field - 16n : field;
