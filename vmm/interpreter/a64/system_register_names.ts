// The system registers of EL1 and EL0 that are plain storage in a vcpu's state, by their names in Arm DDI
// 0487, "AArch64 System register descriptions". ID registers, timers and the interrupt controller's are
// elsewhere.

const numbered = (count: number, names: (n: number) => readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, n) => names(n)).flat();

/**
 * SP is in its slot at the exception level that uses it; here is the other, and both while EL0 has SP_EL0.
 */
const general = [
  "SP_EL0",
  "SP_EL1",
  "ELR_EL1",
  "SPSR_EL1",
  "ESR_EL1",
  "FAR_EL1",
  "AFSR0_EL1",
  "AFSR1_EL1",
  "VBAR_EL1",
  "DISR_EL1",
  "SCTLR_EL1",
  "ACTLR_EL1",
  "CPACR_EL1",
  "ZCR_EL1",
  "TPIDR_EL0",
  "TPIDRRO_EL0",
  "TPIDR_EL1",
  "CONTEXTIDR_EL1",
  "CNTKCTL_EL1",
  "CSSELR_EL1",
  "CLIDR_EL1",
  "MPIDR_EL1",
  "MIDR_EL1",
  "REVIDR_EL1",
  "AIDR_EL1",
];

const translation = [
  "TTBR0_EL1",
  "TTBR1_EL1",
  "TCR_EL1",
  "TCR2_EL1",
  "MAIR_EL1",
  "AMAIR_EL1",
  "PIR_EL1",
  "PIRE0_EL1",
  "PAR_EL1",
];

const keys = ["IA", "IB", "DA", "DB", "GA"].flatMap((key) => [`AP${key}KEYLO_EL1`, `AP${key}KEYHI_EL1`]);

const debug = [
  "MDSCR_EL1",
  "MDCCINT_EL1",
  "OSLSR_EL1",
  "OSECCR_EL1",
  "OSDLR_EL1",
  "DBGCLAIM_EL1",
  ...numbered(16, (n) => [`DBGBVR${n}_EL1`, `DBGBCR${n}_EL1`, `DBGWVR${n}_EL1`, `DBGWCR${n}_EL1`]),
];

/** Of each pair of registers that sets and clears the same bits, the one that sets. */
const performanceMonitors = [
  "PMCR_EL0",
  "PMCNTENSET_EL0",
  "PMINTENSET_EL1",
  "PMOVSSET_EL0",
  "PMSELR_EL0",
  "PMSWINC_EL0",
  "PMUSERENR_EL0",
  "PMCCFILTR_EL0",
  "PMCCNTR_EL0",
  ...numbered(31, (n) => [`PMEVCNTR${n}_EL0`, `PMEVTYPER${n}_EL0`]),
];

/** What AArch32 would use at EL1, which a monitor reads and writes. */
const aarch32 = ["SPSR_abt", "SPSR_und", "SPSR_irq", "SPSR_fiq"];
const aarch32Kernel = ["DACR32_EL2", "IFSR32_EL2", "FPEXC32_EL2", "DBGVCR32_EL2"];

export const systemRegisterNames: readonly string[] = [
  ...general,
  ...translation,
  ...keys,
  ...debug,
  ...performanceMonitors,
  ...aarch32,
  ...aarch32Kernel,
];
