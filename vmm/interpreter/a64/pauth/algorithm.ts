// Which pointer authentication a PE has: Arm DDI 0487, ID_AA64ISAR1_EL1 (APA, API, GPA, GPI) and
// ID_AA64ISAR2_EL1 (APA3, GPA3, PAC_frac). An algorithm is announced by the field that is not zero, and for
// addresses the field's number is the level of FEAT_PAuth.

import { computePacImpdef } from "./implementation_defined.ts";
import { computePacQarma3, computePacQarma5 } from "./qarma.ts";
import { remembering } from "./remembered_codes.ts";

/** The manual's ComputePAC: a 64-bit code of 64 bits, a modifier and a key's halves, all unsigned. */
export type ComputePac = (data: bigint, modifier: bigint, keyHigh: bigint, keyLow: bigint) => bigint;

export type PacAlgorithm = "QARMA5" | "QARMA3" | "IMPLEMENTATION DEFINED";

export const computePac: Readonly<Record<PacAlgorithm, ComputePac>> = {
  "QARMA5": remembering(computePacQarma5),
  "QARMA3": remembering(computePacQarma3),
  "IMPLEMENTATION DEFINED": computePacImpdef,
};

/** What each number in APA, API and APA3 adds to those before it; FEAT_EPAC is not in those after it. */
export const PacLevel = {
  FEAT_PAuth: 1,
  FEAT_EPAC: 2,
  FEAT_PAuth2: 3,
  FEAT_FPAC: 4,
  FEAT_FPACCOMBINE: 5,
} as const;
export type PacLevel = typeof PacLevel[keyof typeof PacLevel];

/** How addresses are signed. */
export interface AddressAuthentication {
  readonly algorithm: PacAlgorithm;
  readonly level: PacLevel;
  /** FEAT_CONSTPACFIELD: bit 55 alone says which half an address is in. Has an effect from FEAT_PAuth2 on. */
  readonly constPacField: boolean;
}

const field = (register: bigint, shift: bigint) => Number(register >> shift & 0xfn);

function algorithmOf(qarma5: number, impdef: number, qarma3: number): PacAlgorithm | undefined {
  if (qarma5) return "QARMA5";
  if (qarma3) return "QARMA3";
  return impdef ? "IMPLEMENTATION DEFINED" : undefined;
}

/**
 * For PACIA to XPACD, from the two ID registers; undefined without FEAT_PAuth. Levels above FEAT_FPACCOMBINE
 * (FEAT_PAuth_LR) throw a `RangeError`: a host profile must not promise what is not implemented.
 */
export function addressAuthentication(isar1: bigint, isar2: bigint): AddressAuthentication | undefined {
  const [apa, api, apa3] = [field(isar1, 4n), field(isar1, 8n), field(isar2, 12n)];
  const algorithm = algorithmOf(apa, api, apa3);
  if (!algorithm) return undefined;
  const level = Object.values(PacLevel).find((known) => known === (apa || api || apa3));
  if (!level) {
    throw new RangeError(`level ${apa || api || apa3} of pointer authentication is not implemented`);
  }
  return { algorithm, level, constPacField: field(isar2, 24n) === 1 };
}

/** For PACGA, likewise. */
export function genericAuthentication(isar1: bigint, isar2: bigint): PacAlgorithm | undefined {
  return algorithmOf(field(isar1, 24n), field(isar1, 28n), field(isar2, 8n));
}
