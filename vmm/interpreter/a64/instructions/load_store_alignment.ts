// The alignment that exclusive, ordered and atomic accesses need (Arm DDI 0487, shared pseudocode
// "AArch64.UnalignedAccessFaults").

import type { Cpu } from "../cpu.ts";

/** DFSC of an Alignment fault. */
const alignmentFault = 0x21;
/** Bytes of which an unaligned access may be a part with FEAT_LSE2. */
const quantity = 16n;
/** SCTLR_EL1.nAA: ordered accesses may be unaligned. */
const nAA = 1n << 6n;

const hasLse2 = (cpu: Cpu) => cpu.idField("ID_AA64MMFR2_EL1", 32) > 0;

/**
 * Throws the Alignment fault of an access that may not be where it is.
 * @param isWrite whether it is a write only: what reads too has WnR clear, as the read would fault
 */
export function checkAlignment(
  cpu: Cpu,
  address: bigint,
  bytes: number,
  isWrite: boolean,
  kind: "atomic" | "ordered",
) {
  if ((address & BigInt(bytes - 1)) === 0n) return;
  const isWithin = address % quantity + BigInt(bytes) <= quantity;
  const isAllowed = isWithin || (kind === "ordered" && (cpu.system("SCTLR_EL1") & nAA) !== 0n);
  if (!hasLse2(cpu) || !isAllowed) throw cpu.dataAbort(alignmentFault, isWrite, address);
}
