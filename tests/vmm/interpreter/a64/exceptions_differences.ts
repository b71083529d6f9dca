// Where QEMU 7.2 takes exceptions otherwise, with what the manual says (Arm DDI 0487). Besides, it knows no SP
// alignment fault, clears NZCV and DIT when it takes an exception ("AArch64.TakeException" leaves them), has
// CNTFRQ_EL0 written at EL1 as there is no higher level, traps ZCR_EL1 by CPACR_EL1.FPEN, translates the address of
// an instruction before it is found to be misaligned, and neither waits in WFE nor looks at addresses in DC CVAC
// and its like: of those there are no cases.

export interface ExceptionOutcome {
  readonly code: string | undefined;
  /** The address of an access. */
  readonly x1: bigint;
  /** The vector's number, ESR_EL1, ELR_EL1, SPSR_EL1, FAR_EL1 and PSTATE. */
  readonly theirs: readonly bigint[];
  readonly ours: readonly bigint[];
}

interface Difference {
  readonly why: string;
  readonly holds: (outcome: ExceptionOutcome) => boolean;
}

const esrAt = 1, spsrAt = 3, pstateAt = 5;
const DIT = 1n << 24n, UAO = 1n << 23n, PAN = 1n << 22n, SSBS = 1n << 12n;
const alignmentFault = 0x21n, illegalState = 0x0en;

const sameBut = (at: Readonly<Record<number, bigint>>, { theirs, ours }: ExceptionOutcome) =>
  theirs.length === ours.length &&
  theirs.every((value, n) => (value & ~(at[n] ?? 0n)) === (ours[n]! & ~(at[n] ?? 0n)));

/** What this interpreter does not do yet. */
const missing: readonly Difference[] = [
  {
    why: "SCTLR_EL1.A checks a quadword and the elements of LD2 to LD4 by doublewords (mmu_access.ts)",
    holds: ({ code, x1 }) => code !== undefined && /^(ldr q|ld4)/.test(code) && (x1 & 15n) !== 0n,
  },
];

const differences: readonly Difference[] = [
  {
    why:
      "op1 and op2 of MSR (immediate) change places in ESR_EL1; ISS encoding for EC 0b011000 has them apart",
    holds: (outcome) =>
      /^msr daif(set|clr)/.test(outcome.code ?? "") && sameBut({ [esrAt]: 0xfc000n }, outcome),
  },
  {
    why: "LDAPR is not checked for alignment; AArch64.UnalignedAccessFaults has it as other ordered accesses",
    holds: ({ code, ours }) =>
      code?.startsWith("ldapr ") === true && (ours[esrAt]! & 0x3fn) === alignmentFault,
  },
  {
    why:
      "an illegal return leaves PSTATE.PAN; SetPSTATEFromSPSR takes it from SPSR_EL1, and UAO, DIT and SSBS are " +
      "UNKNOWN",
    holds: (outcome) =>
      outcome.ours[esrAt]! >> 26n === illegalState &&
      sameBut({ [spsrAt]: DIT | UAO | PAN | SSBS, [pstateAt]: PAN }, outcome),
  },
];

export const isKnown = (outcome: ExceptionOutcome): boolean =>
  [...differences, ...missing].some(({ holds }) => holds(outcome));
