// Where QEMU 7.2 walks otherwise, with what the manual says (Arm DDI 0487, chapter D8).

import type { WalkAccess, WalkCase } from "./walk_cases.ts";

export interface Outcome {
  readonly of: WalkCase;
  /** None where the outcome is what became of the last descriptor. */
  readonly access: WalkAccess | undefined;
  readonly theirs: readonly bigint[];
  readonly ours: readonly bigint[];
}

interface Difference {
  /** What QEMU does, and which section of the manual has it otherwise or leaves it open. */
  readonly why: string;
  readonly holds: (outcome: Outcome) => boolean;
}

const AF = 1n << 10n, readOnly = 1n << 7n, DBM = 1n << 51n;
const HA = 1n << 39n, HD = 1n << 40n;
const parAt = 3, parF = 1n, parSh = 3n << 7n;

const isTranslation = ({ access }: Outcome) => access?.kind.startsWith("at ") === true;

const shareabilityIsForced = (par: bigint) => {
  const attributes = par >> 56n;
  return (attributes & 0xf0n) === 0n || attributes === 0x44n;
};

const isUnder52Bits = ({ tcr }: WalkCase) => (tcr >> 32n & 7n) < 6n;

/** Whether a descriptor has any of an address's bits 51 to 48 where the format has those. */
function reachesBeyond48({ descriptors, tcr, granule }: WalkCase): boolean {
  const isDs = (tcr >> 59n & 1n) === 1n;
  const bits = granule === 16 ? 0xfn << 12n : isDs ? 3n << 48n | 3n << 8n : 0n;
  return descriptors.some(({ value }) => (value & bits) !== 0n);
}

const takesReservedBlock = ({ defect, lastLevel }: WalkCase) => defect === "reserved block" && lastLevel < 3;
const ignoresBitsBeyond48 = (of: WalkCase) => isUnder52Bits(of) && reachesBeyond48(of);

/** Whether QEMU goes on where the walk should end: what is written then would show in later cases. */
export const goesOnInQemu = (of: WalkCase): boolean => takesReservedBlock(of) || ignoresBitsBeyond48(of);

const differences: readonly Difference[] = [
  {
    why: "PAR_EL1.SH is the descriptor's for Device and Non-cacheable memory too; PAR_EL1 has 0b10 for those",
    holds: (outcome) => {
      const theirs = outcome.theirs[parAt] ?? parF, ours = outcome.ours[parAt] ?? parF;
      return isTranslation(outcome) && !(theirs & parF) && (theirs & ~parSh) === (ours & ~parSh) &&
        shareabilityIsForced(ours) && (ours & parSh) === 2n << 7n;
    },
  },
  {
    why: "a block is taken at levels that have none; Block descriptor and Page descriptor formats reserve it",
    holds: ({ of }) => takesReservedBlock(of),
  },
  {
    why:
      "an address's bits 51 to 48 are ignored where TCR_EL1.IPS is less than 52 bits, and are no Address size " +
      "fault; AArch64.LeafBase and AArch64.OAOutOfRange have them count",
    holds: ({ of }) => ignoresBitsBeyond48(of),
  },
  {
    why: "AF is not set where a permission is missing; AArch64.FaultAllowsSetAccessFlag leaves it open",
    holds: ({ access, of, theirs, ours }) =>
      access === undefined && (of.tcr & HA) !== 0n && ours[0] === (theirs[0]! | AF),
  },
  {
    why:
      "a clean page may be executed though what may be written may not; AArch64.S1DirectBasePermissions has " +
      "AP[2] of such a page clear",
    holds: ({ access, of }) =>
      access?.kind === "execute" && (~of.tcr & (HA | HD)) === 0n &&
      (~of.descriptors.at(-1)!.value & (DBM | readOnly)) === 0n,
  },
];

export const isKnown = (outcome: Outcome): boolean => differences.some(({ holds }) => holds(outcome));
