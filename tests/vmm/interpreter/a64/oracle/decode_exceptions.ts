// Where the decoder and binutils 2.40 rightly differ over a word, and why.

import type { HostProfile } from "../../../../../vmm/interpreter/host_profile.ts";

/** An extension that binutils knows and the profile does not advertise. */
interface Unadvertised {
  readonly extension: string;
  /** The field of an ID register that would tell of it. */
  readonly field: readonly [register: string, shift: number];
  /** Disassembly of its instructions. */
  readonly prints: RegExp;
}

const unadvertised: readonly Unadvertised[] = [
  {
    extension: "FEAT_MTE",
    field: ["ID_AA64PFR1_EL1", 8],
    prints: /^(addg|subg|irg|gmi|subps?|ldgm?|stz?gm?|stz?2g|stgp) /,
  },
  { extension: "FEAT_MOPS", field: ["ID_AA64ISAR2_EL1", 16], prints: /^(cpyf?|setg?)[pme][rtwn]* / },
  {
    extension: "FEAT_CSSC",
    field: ["ID_AA64ISAR2_EL1", 52],
    prints: /^(abs|cnt|ctz|[su]max|[su]min) [wx]/,
  },
  { extension: "FEAT_HBC", field: ["ID_AA64ISAR2_EL1", 20], prints: /^bc\./ },
  { extension: "FEAT_LS64", field: ["ID_AA64ISAR1_EL1", 60], prints: /^(ld64b|st64bv?0?) / },
  { extension: "FEAT_TME", field: ["ID_AA64ISAR0_EL1", 24], prints: /^(tcancel|tcommit|tstart|ttest)\b/ },
];

/** That a word is one of an extension's and the profile says it has none. */
export function isUnadvertised({ idRegisters }: HostProfile, disassembly: string): boolean {
  return unadvertised.some(({ field: [register, shift], prints }) =>
    ((idRegisters[register] ?? 0n) >> BigInt(shift) & 0xfn) === 0n && prints.test(disassembly)
  );
}

interface Quirk {
  readonly mask: number;
  readonly value: number;
  /** Beyond mask and value. */
  readonly also?: (word: number) => boolean;
  readonly reason: string;
}

/** What binutils disassembles though nothing is allocated there (Arm DDI 0487, "A64 Instruction Set Encoding"). */
export const wronglyDisassembled: readonly Quirk[] = [
  {
    mask: 0xffd8_0000,
    value: 0xd500_0000,
    reason: "MRS and MSR have an op0 of 2 or 3: the bit above is fixed",
  },
  { mask: 0xbf60_fc00, value: 0x0e60_ec00, reason: "FMLAL and FMLSL, vector: bit 22 is fixed at 0" },
  { mask: 0xbf60_fc00, value: 0x2e60_cc00, reason: "FMLAL2 and FMLSL2, vector: bit 22 is fixed at 0" },
];

const Rt = (word: number) => word & 0x1f;
const Rn = (word: number) => word >>> 5 & 0x1f;
const Rt2 = (word: number) => word >>> 10 & 0x1f;

/** What binutils calls undefined though the manual has it, as CONSTRAINED UNPREDICTABLE. */
export const wronglyUndefined: readonly Quirk[] = [
  {
    mask: 0xfe40_0000,
    value: 0x6840_0000,
    also: (word) => Rt(word) === Rt2(word),
    reason: "LDPSW of one register twice may load either word",
  },
  {
    mask: 0xfec0_0000,
    value: 0x68c0_0000,
    also: (word) => Rn(word) !== 31 && (Rt(word) === Rn(word) || Rt2(word) === Rn(word)),
    reason: "LDPSW whose base, written back, is loaded too may leave either in it",
  },
  {
    mask: 0x3fe0_8000,
    value: 0x08c0_8000,
    reason: "LDAR's Rs and Rt2 should be all ones: bits that should be one may be ignored",
  },
];

export const isQuirk = (quirks: readonly Quirk[], word: number): boolean =>
  quirks.some(({ mask, value, also }) => (word & mask) >>> 0 === value && (also?.(word) ?? true));
