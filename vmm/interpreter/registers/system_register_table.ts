// The system registers of a vcpu beside its ID registers and timers: which there are, with which features,
// what they hold after a reset, and what a monitor's write leaves in them (names: Arm DDI 0487, "AArch64
// System register descriptions"; values and rules as Linux 6.12 shows them).

import { errno } from "../../kvm/errno.ts";
import type { FeatureName } from "../../kvm/features.ts";
import type { HostProfile } from "../host_profile.ts";
import { inventedClidr } from "./cache_sizes.ts";
import { unknownAtReset } from "./family.ts";

/** Whose register it is. */
export interface Owner {
  readonly profile: HostProfile;
  /** Aff2 to Aff0 of MPIDR_EL1. */
  readonly affinity: number;
}

export interface SystemRegister {
  readonly name: string;
  /** Only on vcpus with this feature. */
  readonly needs?: FeatureName;
  /** The register whose other name this is. */
  readonly sameAs?: string;
  reset(owner: Owner): bigint;
  /** What is kept of a value that is written, or minus an error number; all of it unless given. */
  keep?(value: bigint, before: bigint, owner: Owner): bigint | number;
}

type Rest = Omit<SystemRegister, "name" | "reset">;
const register = (
  name: string,
  reset: bigint | SystemRegister["reset"],
  rest: Rest = {},
): SystemRegister => ({
  name,
  reset: typeof reset === "bigint" ? () => reset : reset,
  ...rest,
});
const all = (names: readonly string[], reset: bigint, rest?: Rest) =>
  names.map((name) => register(name, reset, rest));
const numbered = (count: number, name: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => name(n));

const fixed: Rest = { keep: (value, before) => value === before ? value : -errno.EINVAL };
const fromHost = (name: string) => register(name, ({ profile }) => profile.idRegisters[name] ?? 0n, fixed);

const ctr = ({ profile }: Owner) => profile.idRegisters.CTR_EL0 ?? 0n;
/** Levels of coherence and unification, and whether the data cache is cleaned of itself. */
const LoUIS = 7n << 21n, LoC = 7n << 24n, LoUU = 7n << 27n, IDC = 1n << 28n;
const CLIDR_RES0 = ~((1n << 47n) - 1n);

function keepClidr(value: bigint, _before: bigint, owner: Owner): bigint | number {
  const needsNoCleaning = (value & LoC) === 0n || (value & (LoUIS | LoUU)) === 0n;
  const isTrue = !needsNoCleaning || (ctr(owner) & IDC) !== 0n;
  return (value & CLIDR_RES0) === 0n && isTrue ? value : -errno.EINVAL;
}

const MPIDR_RES1 = 1n << 31n;
const OSLK = 1n << 1n;

const base: readonly SystemRegister[] = [
  ...numbered(16, (n) => n + "").flatMap((n) =>
    all([`DBGBVR${n}_EL1`, `DBGBCR${n}_EL1`, `DBGWVR${n}_EL1`, `DBGWCR${n}_EL1`], 0n)
  ),
  ...all(["MDCCINT_EL1", "MDSCR_EL1", "DBGVCR32_EL2", "ACTLR_EL1", "CPACR_EL1", "TCR_EL1", "TCR2_EL1"], 0n),
  ...all(["AMAIR_EL1", "VBAR_EL1", "DISR_EL1", "CONTEXTIDR_EL1", "CNTKCTL_EL1"], 0n),
  ...all(
    ["TTBR0_EL1", "TTBR1_EL1", "AFSR0_EL1", "AFSR1_EL1", "ESR_EL1", "FAR_EL1", "PAR_EL1"],
    unknownAtReset,
  ),
  ...all(["MAIR_EL1", "PIRE0_EL1", "PIR_EL1", "TPIDR_EL1", "TPIDR_EL0", "TPIDRRO_EL0"], unknownAtReset),
  ...all(["CSSELR_EL1", "DACR32_EL2", "IFSR32_EL2"], unknownAtReset),
  register("SCTLR_EL1", 0xc5_0078n),
  register("FPEXC32_EL2", 0x700n),
  register("OSLSR_EL1", 0x8n, {
    keep: (value, before) => ((value ^ before) & ~OSLK) === 0n ? value : -errno.EINVAL,
  }),
  register("MPIDR_EL1", ({ affinity }) => BigInt(affinity) | MPIDR_RES1),
  ...["MIDR_EL1", "REVIDR_EL1", "AIDR_EL1"].map(fromHost),
  register("CLIDR_EL1", (owner) => inventedClidr(ctr(owner)), { keep: keepClidr }),
];

const keys = ["IA", "IB", "DA", "DB", "GA"].flatMap((key) => [`AP${key}KEYLO_EL1`, `AP${key}KEYHI_EL1`]);

/** A bit for each event counter, and bit 31 for the cycle counter. */
const counters = ({ profile }: Owner) => (1n << BigInt(profile.pmuCounters)) - 1n | 1n << 31n;
const eventType = 0xc800_ffffn;
const word = 0xffff_ffffn;
const needsPmu: Rest = { needs: "KVM_ARM_VCPU_PMU_V3" };

/** PMCR_EL0.N, the number of event counters, and the bits that only act. */
const N = 0x1fn << 11n, P = 1n << 1n, C = 1n << 2n;
const PMCR_BITS = 0xffn;

function keepPmcr(value: bigint, before: bigint, { profile }: Owner): bigint {
  const isFitting = value >> 11n & 0x1fn;
  const n = isFitting <= BigInt(profile.pmuCounters) ? value & N : before & N;
  return value & PMCR_BITS & ~(P | C) | n;
}

/** A set of counters, which one register sets, another clears, and both read. */
const counterSet = (name: string, other: string): SystemRegister[] => [
  register(name, (owner) => unknownAtReset & counters(owner), {
    ...needsPmu,
    keep: (value, _, owner) => value & counters(owner),
  }),
  register(other, 0n, { ...needsPmu, sameAs: name }),
];

const pmu: readonly SystemRegister[] = [
  register("PMCR_EL0", ({ profile }) => BigInt(profile.pmuCounters) << 11n, { ...needsPmu, keep: keepPmcr }),
  ...counterSet("PMCNTENSET_EL0", "PMCNTENCLR_EL0"),
  ...counterSet("PMINTENSET_EL1", "PMINTENCLR_EL1"),
  ...counterSet("PMOVSSET_EL0", "PMOVSCLR_EL0"),
  register("PMSELR_EL0", unknownAtReset & 0x1fn, needsPmu),
  ...all(["PMSWINC_EL0", "PMUSERENR_EL0", "PMCCFILTR_EL0"], 0n, needsPmu),
  register("PMCCNTR_EL0", unknownAtReset, needsPmu),
  ...all(numbered(31, (n) => `PMEVCNTR${n}_EL0`), unknownAtReset & word, needsPmu),
  ...all(numbered(31, (n) => `PMEVTYPER${n}_EL0`), unknownAtReset & eventType, needsPmu),
];

export const systemRegisterTable: readonly SystemRegister[] = [
  ...base,
  register("ZCR_EL1", 0n, { needs: "KVM_ARM_VCPU_SVE" }),
  ...all(keys.slice(0, 8), unknownAtReset, { needs: "KVM_ARM_VCPU_PTRAUTH_ADDRESS" }),
  ...all(keys.slice(8), unknownAtReset, { needs: "KVM_ARM_VCPU_PTRAUTH_GENERIC" }),
  ...pmu,
];
