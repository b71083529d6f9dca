// What an indirect branch may lead to in a guarded page (Arm DDI 0487, "Effect on branch target instructions when
// in guarded memory", "PSTATE.BTYPE"; FEAT_BTI).

import type { Cpu } from "./cpu.ts";
import { cpuWord } from "./cpu_layout.ts";
import { GuestException } from "./guest_exception.ts";
import { guardedFlag } from "./op.ts";
import { isAtEl0, PSTATE } from "./pstate.ts";

const BTYPE = Math.log2(PSTATE.BTYPE & -PSTATE.BTYPE);

/** What branches put into PSTATE.BTYPE; `guarded` is added to a jump in a guarded page, but for a call register's. */
export const branchType = { jump: 1 << BTYPE, call: 2 << BTYPE, guarded: 2 << BTYPE } as const;

/** X16 and X17: linkers jump by them to what was called. */
export const isCallRegister = (n: number): boolean => n === 16 || n === 17;

/** Of a branch whose meaning is TypeScript; the page is the one of the instruction. */
export function setBranchType(cpu: Cpu, links: boolean, Rn: number) {
  if (links) cpu.pstate |= branchType.call;
  else cpu.pstate |= branchType.jump | (isInGuardedPage(cpu) && !isCallRegister(Rn) ? branchType.guarded : 0);
}

const isInGuardedPage = (cpu: Cpu): boolean =>
  cpu.memory.view.getUint16(Number(cpu.u64(cpuWord.pageOps)) + guardedFlag, true) !== 0;

const branchTargetClass = 0x0d;
const jump = 1, call = 2, jumpInGuardedPage = 3;

/** SCTLR_EL1: PACIASP and PACIBSP are no targets of jumps, at EL0 and at EL1. */
const BT0 = 1n << 35n, BT1 = 1n << 36n;

/** Throws the exception of an instruction in a guarded page that a branch may not lead to. */
export function checkLanding(cpu: Cpu, word: number) {
  const type = cpu.u32(cpuWord.arrivalType) >> BTYPE;
  if (!mayLand(cpu, word, type)) throw new GuestException(branchTargetClass, type);
}

function mayLand(cpu: Cpu, word: number, type: number): boolean {
  switch (word >>> 0) {
    case 0xd503_245f: // BTI c
      return type !== jumpInGuardedPage;
    case 0xd503_249f: // BTI j
      return type !== call;
    case 0xd503_24df: // BTI jc
      return true;
    case 0xd503_233f: // PACIASP
    case 0xd503_237f: // PACIBSP
      return type === jump || type === call || !(cpu.system("SCTLR_EL1") & (isAtEl0(cpu) ? BT0 : BT1));
  }
  // BRK and HLT.
  const generation = (word & 0xffe0_001f) >>> 0;
  return generation === 0xd420_0000 || generation === 0xd440_0000;
}
