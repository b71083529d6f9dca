// The ID registers' fields that say which instructions there are, by register and lowest bit (Arm DDI 0487,
// "ID_AA64ISAR0_EL1, AArch64 Instruction Set Attribute Register 0" and the like).

const names: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  ID_AA64ISAR0_EL1: {
    4: "AES",
    8: "SHA1",
    12: "SHA2",
    16: "CRC32",
    20: "Atomic",
    24: "TME",
    28: "RDM",
    32: "SHA3",
    36: "SM3",
    40: "SM4",
    44: "DP",
    48: "FHM",
    52: "TS",
    56: "TLB",
    60: "RNDR",
  },
  ID_AA64ISAR1_EL1: {
    0: "DPB",
    4: "APA",
    8: "API",
    12: "JSCVT",
    16: "FCMA",
    20: "LRCPC",
    24: "GPA",
    28: "GPI",
    32: "FRINTTS",
    36: "SB",
    40: "SPECRES",
    44: "BF16",
    48: "DGH",
    52: "I8MM",
    56: "XS",
    60: "LS64",
  },
  ID_AA64ISAR2_EL1: { 0: "WFxT", 4: "RPRES", 8: "GPA3", 12: "APA3", 16: "MOPS", 20: "BC" },
  ID_AA64MMFR1_EL1: { 16: "LO", 20: "PAN" },
  ID_AA64MMFR2_EL1: { 4: "UAO", 32: "AT" },
  ID_AA64PFR0_EL1: { 16: "FP", 20: "AdvSIMD", 28: "RAS", 32: "SVE", 48: "DIT" },
  ID_AA64PFR1_EL1: { 0: "BT", 4: "SSBS", 8: "MTE" },
  ID_AA64ZFR0_EL1: {
    0: "SVEver",
    4: "AES",
    16: "BitPerm",
    20: "BF16",
    32: "SHA3",
    40: "SM4",
    44: "I8MM",
    52: "F32MM",
    56: "F64MM",
  },
};

/** As in `ID_AA64ISAR0_EL1.Atomic`; a field without a name here is told by its bits. */
export function idRegisterField(register: string, shift: number): string {
  const name = names[register]?.[shift];
  return name === undefined ? `${register}[${shift + 3}:${shift}]` : `${register}.${name}`;
}
