// What Linux 6.12 leaves of a processor's ID registers for KVM's guests. Fields are named as in Arm DDI 0487.

import type { IdRegisterValues } from "../host_profile.ts";

const fields = (...shifts: number[]) => shifts.reduce((mask, shift) => mask | 0xfn << BigInt(shift), 0n);

/** Fields that no guest of KVM is shown. */
const hidden: IdRegisterValues = {
  // MPAM, AMU, RME.
  ID_AA64PFR0_EL1: fields(40, 44, 52),
  // MTE, MPAM_frac, SME, RNDR_trap, NMI, MTE_frac, GCS, THE, MTEX, DF2, PFAR.
  ID_AA64PFR1_EL1: fields(8, 16, 24, 28, 36, 40, 44, 48, 52, 56, 60),
  // TraceVer, bits 19 to 16 and 27 to 24, PMSVer, and all from TraceFilt up but for DoubleLock.
  ID_AA64DFR0_EL1: fields(4, 16, 24, 32, 40, 44, 48, 52, 56, 60),
  // XS, LS64.
  ID_AA64ISAR1_EL1: fields(56, 60),
  // CCIDX, NV, IDS.
  ID_AA64MMFR2_EL1: fields(20, 24, 36),
  // TraceFilt.
  ID_DFR0_EL1: fields(28),
  // CCIDX.
  ID_MMFR4_EL1: fields(24),
};

/** The ID registers of a processor as guests with every feature see them. */
export function guestView(processor: IdRegisterValues): IdRegisterValues {
  return Object.fromEntries(
    Object.entries(processor).map(([name, value]) => [name, value & ~(hidden[name] ?? 0n)]),
  );
}
