// What an operation reads of FPCR and adds to FPSR. Arm DDI 0487, "FPCR, Floating-point Control Register" and
// "FPSR, Floating-point Status Register". FEAT_AFP and FEAT_EBF16 are not implemented; no exception traps.

/** The operation reads `fpcr` and ORs the exceptions it raises into `fpsr`. */
export interface FloatStatus {
  readonly fpcr: number;
  fpsr: number;
}

/** FPSR: cumulative exception bits. */
export const IOC = 1 << 0;
export const DZC = 1 << 1;
export const OFC = 1 << 2;
export const UFC = 1 << 3;
export const IXC = 1 << 4;
export const IDC = 1 << 7;

/** FPCR: control bits. */
export const FZ16 = 1 << 19;
export const RMODE_SHIFT = 22;
export const FZ = 1 << 24;
export const DN = 1 << 25;
export const AHP = 1 << 26;

/** The first four are FPCR.RMode's values. */
export const FPRounding_TIEEVEN = 0;
export const FPRounding_POSINF = 1;
export const FPRounding_NEGINF = 2;
export const FPRounding_ZERO = 3;
export const FPRounding_TIEAWAY = 4;
export const FPRounding_ODD = 5;

export function FPRoundingMode(status: FloatStatus): number {
  return (status.fpcr >>> RMODE_SHIFT) & 3;
}
