// The fields of the ID registers: where each lies, which features its values announce, and which of two values is
// the one that software made for both hosts can live with (Arm DDI 0487, "AArch64 System register descriptions" and
// "Principles of the ID scheme for fields in ID registers").

/**
 * How a value that is safe on several hosts is found: the lower, the lower of signed numbers, the higher, the higher
 * of sizes of which 0 says "not told" and is higher still, or none but the same.
 */
export type SafeRule = "lower" | "signed" | "higher" | "higherOrZero" | "exact";

export interface IdField {
  readonly name: string;
  readonly shift: number;
  readonly width: number;
  readonly safe: SafeRule;
  /** What the values from 1 on announce beside what those before them do; "" where the value has no name. */
  readonly features: readonly string[];
}

type Row = Omit<IdField, "name">;

/** Four bits, the lower value of which is safe. */
const at = (shift: number, ...features: string[]): Row => ({ shift, width: 4, safe: "lower", features });
/** Four bits as a signed number: 0xf is "none". */
const signed = (shift: number): Row => ({ ...at(shift), safe: "signed" });
const exact = (shift: number, ...features: string[]): Row => ({ ...at(shift, ...features), safe: "exact" });
const bits = (shift: number, width: number, safe: SafeRule = "lower"): Row => ({
  shift,
  width,
  safe,
  features: [],
});
/** Consecutive fields of four bits. */
const nibbles = (...names: string[]): Record<string, Row> =>
  Object.fromEntries(names.map((name, index) => [name, at(4 * index)]).filter(([name]) => name !== ""));

const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  MIDR_EL1: {
    Revision: bits(0, 4, "exact"),
    PartNum: bits(4, 12, "exact"),
    Architecture: bits(16, 4, "exact"),
    Variant: bits(20, 4, "exact"),
    Implementer: bits(24, 8, "exact"),
  },
  ID_AA64PFR0_EL1: {
    EL0: at(0, "AArch64 only", "AArch32 too"),
    EL1: at(4, "AArch64 only", "AArch32 too"),
    EL2: at(8, "AArch64 only", "AArch32 too"),
    EL3: at(12, "AArch64 only", "AArch32 too"),
    FP: signed(16),
    AdvSIMD: signed(20),
    GIC: at(24, "GICv3 registers", "", "GICv4.1 registers"),
    RAS: at(28, "FEAT_RAS", "FEAT_RASv1p1", "FEAT_RASv2"),
    SVE: at(32, "FEAT_SVE"),
    SEL2: at(36, "FEAT_SEL2"),
    MPAM: at(40, "FEAT_MPAM"),
    AMU: at(44, "FEAT_AMUv1", "FEAT_AMUv1p1"),
    DIT: at(48, "FEAT_DIT"),
    RME: at(52, "FEAT_RME"),
    CSV2: at(56, "FEAT_CSV2", "FEAT_CSV2_2", "FEAT_CSV2_3"),
    CSV3: at(60, "FEAT_CSV3"),
  },
  ID_AA64PFR1_EL1: {
    BT: at(0, "FEAT_BTI"),
    SSBS: at(4, "FEAT_SSBS", "FEAT_SSBS2"),
    MTE: at(8, "FEAT_MTE", "FEAT_MTE2", "FEAT_MTE3"),
    RAS_frac: at(12),
    MPAM_frac: at(16),
    SME: at(24, "FEAT_SME", "FEAT_SME2"),
    RNDR_trap: at(28, "FEAT_RNG_TRAP"),
    CSV2_frac: at(32, "FEAT_CSV2_1p1", "FEAT_CSV2_1p2"),
    NMI: at(36, "FEAT_NMI"),
    MTE_frac: signed(40),
    GCS: at(44, "FEAT_GCS"),
    THE: at(48, "FEAT_THE"),
    MTEX: at(52),
    DF2: at(56, "FEAT_DoubleFault2"),
    PFAR: at(60, "FEAT_PFAR"),
  },
  ID_AA64PFR2_EL1: { MTEPERM: at(0), MTESTOREONLY: at(4), MTEFAR: at(8), FPMR: at(32, "FEAT_FPMR") },
  ID_AA64ZFR0_EL1: {
    SVEver: at(0, "FEAT_SVE2", "FEAT_SVE2p1"),
    AES: at(4, "FEAT_SVE_AES", "FEAT_SVE_PMULL128"),
    EltPerm: at(12),
    BitPerm: at(16, "FEAT_SVE_BitPerm"),
    BF16: at(20, "FEAT_BF16 in SVE", "FEAT_EBF16 in SVE"),
    B16B16: at(24, "FEAT_SVE_B16B16"),
    SHA3: at(32, "FEAT_SVE_SHA3"),
    SM4: at(40, "FEAT_SVE_SM4"),
    I8MM: at(44, "FEAT_I8MM in SVE"),
    F16MM: at(48),
    F32MM: at(52, "FEAT_F32MM"),
    F64MM: at(56, "FEAT_F64MM"),
  },
  ID_AA64SMFR0_EL1: {
    SF8DP2: bits(28, 1),
    SF8DP4: bits(29, 1),
    SF8FMA: bits(30, 1),
    F32F32: bits(32, 1),
    BI32I32: bits(33, 1),
    B16F32: bits(34, 1),
    F16F32: bits(35, 1),
    I8I32: at(36),
    F8F32: bits(40, 1),
    F8F16: bits(41, 1),
    F16F16: bits(42, 1),
    B16B16: bits(43, 1),
    I16I32: at(44),
    F64F64: bits(48, 1),
    I16I64: at(52),
    SMEver: at(56),
    LUTv2: bits(60, 1),
    FA64: bits(63, 1),
  },
  ID_AA64FPFR0_EL1: {
    F8E5M2: bits(0, 1),
    F8E4M3: bits(1, 1),
    F8DP2: bits(28, 1),
    F8DP4: bits(29, 1),
    F8FMA: bits(30, 1),
    F8CVT: bits(31, 1),
  },
  ID_AA64DFR0_EL1: {
    DebugVer: at(0, "", "", "", "", "", "Debug v8", "with VHE", "FEAT_Debugv8p2", "FEAT_Debugv8p4"),
    TraceVer: at(4),
    PMUVer: at(8, "FEAT_PMUv3", "", "", "FEAT_PMUv3p1", "FEAT_PMUv3p4", "FEAT_PMUv3p5", "FEAT_PMUv3p7"),
    BRPs: at(12),
    PMSS: at(16),
    WRPs: at(20),
    SEBEP: at(24),
    CTX_CMPs: at(28),
    PMSVer: at(32, "FEAT_SPE"),
    DoubleLock: signed(36),
    TraceFilt: at(40, "FEAT_TRF"),
    TraceBuffer: at(44, "FEAT_TRBE"),
    MTPMU: signed(48),
    BRBE: at(52, "FEAT_BRBE"),
    ExtTrcBuff: at(56),
    HPMN0: at(60, "FEAT_HPMN0"),
  },
  ID_AA64ISAR0_EL1: {
    AES: at(4, "FEAT_AES", "FEAT_PMULL"),
    SHA1: at(8, "FEAT_SHA1"),
    SHA2: at(12, "FEAT_SHA256", "FEAT_SHA512"),
    CRC32: at(16, "FEAT_CRC32"),
    Atomic: at(20, "", "FEAT_LSE", "FEAT_LSE128"),
    TME: at(24, "FEAT_TME"),
    RDM: at(28, "FEAT_RDM"),
    SHA3: at(32, "FEAT_SHA3"),
    SM3: at(36, "FEAT_SM3"),
    SM4: at(40, "FEAT_SM4"),
    DP: at(44, "FEAT_DotProd"),
    FHM: at(48, "FEAT_FHM"),
    TS: at(52, "FEAT_FlagM", "FEAT_FlagM2"),
    TLB: at(56, "FEAT_TLBIOS", "FEAT_TLBIRANGE"),
    RNDR: at(60, "FEAT_RNG"),
  },
  ID_AA64ISAR1_EL1: {
    DPB: at(0, "FEAT_DPB", "FEAT_DPB2"),
    APA: exact(4, "FEAT_PAuth, FEAT_PACQARMA5", "FEAT_EPAC", "FEAT_PAuth2", "FEAT_FPAC", "FEAT_FPACCOMBINE"),
    API: exact(8, "FEAT_PAuth, FEAT_PACIMP", "FEAT_EPAC", "FEAT_PAuth2", "FEAT_FPAC", "FEAT_FPACCOMBINE"),
    JSCVT: at(12, "FEAT_JSCVT"),
    FCMA: at(16, "FEAT_FCMA"),
    LRCPC: at(20, "FEAT_LRCPC", "FEAT_LRCPC2", "FEAT_LRCPC3"),
    GPA: exact(24, "generic FEAT_PACQARMA5"),
    GPI: exact(28, "generic FEAT_PACIMP"),
    FRINTTS: at(32, "FEAT_FRINTTS"),
    SB: at(36, "FEAT_SB"),
    SPECRES: at(40, "FEAT_SPECRES", "FEAT_SPECRES2"),
    BF16: at(44, "FEAT_BF16", "FEAT_EBF16"),
    DGH: at(48, "FEAT_DGH"),
    I8MM: at(52, "FEAT_I8MM"),
    XS: at(56, "FEAT_XS"),
    LS64: at(60, "FEAT_LS64", "FEAT_LS64_V", "FEAT_LS64_ACCDATA"),
  },
  ID_AA64ISAR2_EL1: {
    WFxT: at(0, "", "FEAT_WFxT"),
    RPRES: at(4, "FEAT_RPRES"),
    GPA3: exact(8, "generic FEAT_PACQARMA3"),
    APA3: exact(
      12,
      "FEAT_PAuth, FEAT_PACQARMA3",
      "FEAT_EPAC",
      "FEAT_PAuth2",
      "FEAT_FPAC",
      "FEAT_FPACCOMBINE",
    ),
    MOPS: at(16, "FEAT_MOPS"),
    BC: at(20, "FEAT_HBC"),
    PAC_frac: at(24, "FEAT_CONSTPACFIELD"),
    CLRBHB: at(28, "FEAT_CLRBHB"),
    SYSREG_128: at(32, "FEAT_SYSREG128"),
    SYSINSTR_128: at(36, "FEAT_SYSINSTR128"),
    PRFMSLC: at(40, "FEAT_PRFMSLC"),
    RPRFM: at(48, "FEAT_RPRFM"),
    CSSC: at(52, "FEAT_CSSC"),
    LUT: at(56, "FEAT_LUT"),
    ATS1A: at(60, "FEAT_ATS1A"),
  },
  ID_AA64ISAR3_EL1: {
    CPA: at(0, "FEAT_CPA", "FEAT_CPA2"),
    FAMINMAX: at(4, "FEAT_FAMINMAX"),
    TLBIW: at(8),
    PACM: at(12),
  },
  ID_AA64MMFR0_EL1: {
    PARange: at(0),
    ASIDBits: at(4),
    BigEnd: at(8, "FEAT_MixedEnd"),
    SNSMem: at(12),
    BigEndEL0: at(16, "FEAT_MixedEndEL0"),
    TGran16: at(20, "FEAT_TGran16K", "FEAT_LPA2 with 16 KB"),
    TGran64: signed(24),
    TGran4: signed(28),
    TGran16_2: exact(32),
    TGran64_2: exact(36),
    TGran4_2: exact(40),
    ExS: at(44, "FEAT_ExS"),
    FGT: at(56, "FEAT_FGT", "FEAT_FGT2"),
    ECV: at(60, "FEAT_ECV", "FEAT_ECV_POFF"),
  },
  ID_AA64MMFR1_EL1: {
    HAFDBS: at(0, "FEAT_HAFDBS, access flag", "FEAT_HAFDBS, dirty state", "FEAT_HAFT"),
    VMIDBits: at(4, "", "FEAT_VMID16"),
    VH: at(8, "FEAT_VHE"),
    HPDS: at(12, "FEAT_HPDS", "FEAT_HPDS2"),
    LO: at(16, "FEAT_LOR"),
    PAN: at(20, "FEAT_PAN", "FEAT_PAN2", "FEAT_PAN3"),
    SpecSEI: { ...at(24), safe: "higher" },
    XNX: at(28, "FEAT_XNX"),
    TWED: at(32, "FEAT_TWED"),
    ETS: at(36, "", "FEAT_ETS2", "FEAT_ETS3"),
    HCX: at(40, "FEAT_HCX"),
    AFP: at(44, "FEAT_AFP"),
    nTLBPA: at(48, "FEAT_nTLBPA"),
    TIDCP1: at(52, "FEAT_TIDCP1"),
    CMOW: at(56, "FEAT_CMOW"),
    ECBHB: at(60, "FEAT_ECBHB"),
  },
  ID_AA64MMFR2_EL1: {
    CnP: at(0, "FEAT_TTCNP"),
    UAO: at(4, "FEAT_UAO"),
    LSM: at(8, "FEAT_LSMAOC"),
    IESB: at(12, "FEAT_IESB"),
    VARange: at(16, "FEAT_LVA", "FEAT_LVA3"),
    CCIDX: at(20, "FEAT_CCIDX"),
    NV: at(24, "FEAT_NV", "FEAT_NV2"),
    ST: at(28, "FEAT_TTST"),
    AT: at(32, "FEAT_LSE2"),
    IDS: at(36, "FEAT_IDST"),
    FWB: at(40, "FEAT_S2FWB"),
    TTL: at(48, "FEAT_TTL"),
    BBM: at(52, "FEAT_BBM level 1", "FEAT_BBM level 2"),
    EVT: at(56, "FEAT_EVT", "FEAT_EVT2"),
    E0PD: at(60, "FEAT_E0PD"),
  },
  ID_AA64MMFR3_EL1: {
    TCRX: at(0, "FEAT_TCR2"),
    SCTLRX: at(4, "FEAT_SCTLR2"),
    S1PIE: at(8, "FEAT_S1PIE"),
    S2PIE: at(12, "FEAT_S2PIE"),
    S1POE: at(16, "FEAT_S1POE"),
    S2POE: at(20, "FEAT_S2POE"),
    AIE: at(24, "FEAT_AIE"),
    MEC: at(28, "FEAT_MEC"),
    D128: at(32, "FEAT_D128"),
    D128_2: at(36),
    SNERR: at(40),
    ANERR: at(44),
    SDERR: at(52),
    ADERR: at(56),
    Spec_FPACC: at(60),
  },
  ID_AA64MMFR4_EL1: {
    EIESB: at(4),
    ASID2: at(8, "FEAT_ASID2"),
    HACDBS: at(12),
    FGWTE3: at(16),
    NV_frac: at(20),
    E2H0: signed(24),
    E3DSE: at(36),
  },
  CTR_EL0: {
    IminLine: bits(0, 4),
    L1Ip: bits(14, 2, "exact"),
    DminLine: bits(16, 4),
    ERG: bits(20, 4, "higherOrZero"),
    CWG: bits(24, 4, "higherOrZero"),
    IDC: bits(28, 1),
    DIC: bits(29, 1),
    TminLine: bits(32, 6),
  },
  ID_PFR0_EL1: nibbles("State0", "State1", "State2", "State3", "CSV2", "AMU", "DIT", "RAS"),
  ID_PFR1_EL1: nibbles(
    ...["ProgMod", "Security", "MProgMod", "Virtualization", "GenTimer", "Sec_frac", "Virt_frac", "GIC"],
  ),
  ID_PFR2_EL1: nibbles("CSV3", "SSBS", "RAS_frac"),
  ID_DFR0_EL1: nibbles(
    ...["CopDbg", "CopSDbg", "MMapDbg", "CopTrc", "MMapTrc", "MProfDbg", "PerfMon", "TraceFilt"],
  ),
  ID_DFR1_EL1: { MTPMU: signed(0), HPMN0: at(4) },
  ID_ISAR0_EL1: nibbles("Swap", "BitCount", "BitField", "CmpBranch", "Coproc", "Debug", "Divide"),
  ID_ISAR1_EL1: nibbles(
    ...["Endian", "Except", "Except_AR", "Extend", "IfThen", "Immediate", "Interwork", "Jazelle"],
  ),
  ID_ISAR2_EL1: nibbles(
    ...["LoadStore", "MemHint", "MultiAccessInt", "Mult", "MultS", "MultU", "PSR_AR", "Reversal"],
  ),
  ID_ISAR3_EL1: nibbles(
    ...["Saturate", "SIMD", "SVC", "SynchPrim", "TabBranch", "T32Copy", "TrueNOP", "T32EE"],
  ),
  ID_ISAR4_EL1: nibbles(
    ...["Unpriv", "WithShifts", "Writeback", "SMC", "Barrier", "SynchPrim_frac", "PSR_M", "SWP_frac"],
  ),
  ID_ISAR5_EL1: nibbles("SEVL", "AES", "SHA1", "SHA2", "CRC32", "", "RDM", "VCMA"),
  ID_ISAR6_EL1: nibbles("JSCVT", "DP", "FHM", "SB", "SPECRES", "BF16", "I8MM", "CLRBHB"),
  ID_MMFR0_EL1: nibbles("VMSA", "PMSA", "OuterShr", "ShareLvl", "TCM", "AuxReg", "FCSE", "InnerShr"),
  ID_MMFR1_EL1: nibbles(
    ...["L1HvdVA", "L1UniVA", "L1HvdSW", "L1UniSW", "L1Hvd", "L1Uni", "L1TstCln", "BPred"],
  ),
  ID_MMFR2_EL1: nibbles(
    ...["L1HvdFG", "L1HvdBG", "L1HvdRng", "HvdTLB", "UniTLB", "MemBarr", "WFIStall", "HWAccFlg"],
  ),
  ID_MMFR3_EL1: nibbles(
    ...["CMaintVA", "CMaintSW", "BPMaint", "MaintBcst", "PAN", "CohWalk", "CMemSz", "Supersec"],
  ),
  ID_MMFR4_EL1: {
    ...nibbles("", "AC2", "XNX", "CnP", "HPDS", "LSM", "CCIDX", "EVT"),
    SpecSEI: { ...at(0), safe: "higher" },
  },
  ID_MMFR5_EL1: nibbles("ETS", "nTLBPA"),
  MVFR0_EL1: nibbles(
    ...["SIMDReg", "FPSP", "FPDP", "FPTrap", "FPDivide", "FPSqrt", "FPShVec", "FPRound"],
  ),
  MVFR1_EL1: nibbles("FPFtZ", "FPDNaN", "SIMDLS", "SIMDInt", "SIMDSP", "SIMDHP", "FPHP", "SIMDFMAC"),
  MVFR2_EL1: nibbles("SIMDMisc", "FPMisc"),
};

const fields: ReadonlyMap<string, readonly IdField[]> = new Map(
  Object.entries(rows).map(([register, own]) => [
    register,
    Object.entries(own).map(([name, row]) => ({ name, ...row })).sort((a, b) => a.shift - b.shift),
  ]),
);

/** The registers that have fields. */
export const idRegistersWithFields: readonly string[] = [...fields.keys()];

/** From the lowest bit up; none of a register that is not among them. */
export const fieldsOfIdRegister = (register: string): readonly IdField[] => fields.get(register) ?? [];

/** As in `ID_AA64ISAR0_EL1.Atomic`; bits that are no field of the table are told by their numbers. */
export function idFieldName(register: string, shift: number): string {
  const field = fieldsOfIdRegister(register).find((one) => one.shift === shift);
  return field ? `${register}.${field.name}` : `${register}[${shift + 3}:${shift}]`;
}

const maskOf = ({ width }: IdField) => (1n << BigInt(width)) - 1n;

export const readField = (value: bigint, field: IdField): number =>
  Number(value >> BigInt(field.shift) & maskOf(field));

export function writeField(value: bigint, field: IdField, to: number): bigint {
  const shift = BigInt(field.shift);
  return value & ~(maskOf(field) << shift) | (BigInt(to) & maskOf(field)) << shift;
}

/** The number that a field's bits are: a signed field's may be negative. */
export const numberOf = ({ safe, width }: IdField, bits: number): number =>
  safe === "signed" && bits >> width - 1 ? bits - (1 << width) : bits;

/** What a field's value announces, all that lower values do among it. */
export function featuresOf({ features, safe }: IdField, value: number): string[] {
  if (safe === "signed") return [];
  return features.slice(0, value).filter(Boolean);
}

/** The value that is safe where each of these is true; undefined where the rule knows none. */
export function safeValue(field: IdField, values: readonly number[]): number | undefined {
  switch (field.safe) {
    case "lower":
      return Math.min(...values);
    case "signed":
      return values.reduce((least, value) => numberOf(field, value) < numberOf(field, least) ? value : least);
    case "higher":
      return Math.max(...values);
    case "higherOrZero":
      return values.includes(0) ? 0 : Math.max(...values);
    case "exact":
      return values.every((value) => value === values[0]) ? values[0] : undefined;
  }
}
