// TLBI: Arm DDI 0487, "TLB maintenance instructions". What an ASID is part of is forgotten for all ASIDs, and
// where only the last level is asked for, all levels are.

import type { Cpu } from "./cpu.ts";
import { flushAddressSpace, flushTlb, flushTlbPages } from "./tlb.ts";

export type TlbiScope = "own" | "shared";

const pageBits = 12n;
/** Of the operand: VA[55:12] in bits 43 to 0; a range's BaseADDR in bits 36 to 0, and its size. */
const VA = (1n << 44n) - 1n;
const BaseADDR = (1n << 37n) - 1n;
const NUM = 39n, SCALE = 44n, TG = 46n;
/** log2 of the granule by TG, whose value 0 is reserved. */
const granules = [12, 12, 14, 16];

function toOthers(cpu: Cpu, scope: TlbiScope) {
  if (scope === "shared") cpu.surroundings.broadcast(cpu, "forget translations");
}

/** ASIDE1. */
export function invalidateAsid(cpu: Cpu, _operand: bigint, scope: TlbiScope) {
  flushAddressSpace(cpu);
  toOthers(cpu, scope);
}

/** VMALLE1. */
export function invalidateAll(cpu: Cpu, scope: TlbiScope) {
  flushTlb(cpu);
  toOthers(cpu, scope);
}

/** VAE1, VAAE1, VALE1, VAALE1. The page may have 64 KiB, of which any part may be named. */
export function invalidateAddress(cpu: Cpu, operand: bigint, scope: TlbiScope) {
  flushTlbPages(cpu, (operand & VA) << pageBits, 1);
  toOthers(cpu, scope);
}

/** RVAE1, RVAAE1, RVALE1, RVAALE1. */
export function invalidateRange(cpu: Cpu, operand: bigint, scope: TlbiScope) {
  const granule = granules[Number(operand >> TG & 3n)]!;
  const scale = Number(operand >> SCALE & 3n);
  const count = (Number(operand >> NUM & 0x1fn) + 1) * 2 ** (5 * scale + 1);
  // With TCR_EL1.DS the base counts in units of 64 KiB whatever the granule is: that is not told apart.
  const base = BigInt.asUintN(64, BigInt.asIntN(37, operand & BaseADDR) << BigInt(granule));
  const isDs = (cpu.system("TCR_EL1") >> 59n & 1n) === 1n;
  if (isDs) flushTlb(cpu);
  else flushTlbPages(cpu, base, count * 2 ** (granule - 12));
  toOthers(cpu, scope);
}
