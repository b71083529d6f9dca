// The debug exceptions of breakpoints, watchpoints and software step (Arm DDI 0487, "Breakpoint exceptions",
// "Watchpoint exceptions", "Software Step exceptions", "ESR_EL1").

import { breakpoints } from "../host_profile.ts";
import type { Cpu } from "./cpu.ts";
import { pageSize } from "./cpu_layout.ts";
import { firstMatch, isOnAccess, linkedContextOf, type Match, matchAddress } from "./debug_match.ts";
import { debugRegisters, takesDebugExceptions } from "./debug_unit.ts";
import { GuestException } from "./guest_exception.ts";
import { isAtEl0 } from "./pstate.ts";

/** From a lower exception level; the same level's are one more. A monitor sees the former. */
export const debugClass = { breakpoint: 0x30, softwareStep: 0x32, watchpoint: 0x34, BRK: 0x3c } as const;

/** Whether an exception of this class goes to a monitor, where there is one. */
export const isDebugClass = (ec: number): boolean =>
  ec === debugClass.BRK || ec >= debugClass.breakpoint && ec <= debugClass.watchpoint + 1;

/** ISS.IFSC and DFSC of a debug exception. */
const debugStatus = 0x22;
const WnR = 1 << 6, ISV = 1 << 24, EX = 1 << 6;

function debugException(cpu: Cpu, ec: number, iss: number, address?: bigint): GuestException {
  const isSameLevel = !isAtEl0(cpu) && !cpu.debug.monitor;
  return new GuestException(isSameLevel ? ec + 1 : ec, iss | debugStatus, address);
}

/** @param stepped the instruction that was; none where software step begins with it pending */
export function softwareStep(cpu: Cpu, stepped: number | undefined): GuestException {
  const valid = stepped === undefined ? 0 : ISV | (isExclusiveLoad(stepped) ? EX : 0);
  return debugException(cpu, debugClass.softwareStep, valid);
}

/** LDXR, LDAXR, LDXP, LDAXP and the like. */
const isExclusiveLoad = (word: number): boolean => (word & 0x3fc0_0000) === 0x0840_0000;

/** The exception of the instruction at the PC, if a breakpoint is on it. */
export function breakpointHere(cpu: Cpu): GuestException | undefined {
  const { debug } = cpu;
  if (debug.offsets.size === 0 && debug.everywhere.length === 0 || !takesDebugExceptions(cpu)) {
    return undefined;
  }
  const pc = matchAddress(cpu.pc);
  const isEl0 = isAtEl0(cpu);
  const isHere = (match: Match) => match.from === pc && holds(cpu, match, isEl0);
  const isHit = debug.breakpoints.some(isHere) || debug.everywhere.some((match) => holds(cpu, match, isEl0));
  return isHit ? debugException(cpu, debugClass.breakpoint, 0) : undefined;
}

/** Whether any watchpoint is on the page: its accesses must all come to be checked. */
export function isWatchedPage(cpu: Cpu, address: bigint): boolean {
  const from = matchAddress(address & -BigInt(pageSize)), to = from + BigInt(pageSize - 1);
  return cpu.debug.watchpoints.some((match) => match.from <= to && match.to >= from);
}

/** Throws the exception of an access that a watchpoint is on. */
export function checkWatchpoints(
  cpu: Cpu,
  access: "read" | "write",
  address: bigint,
  bytes: number,
  isEl0: boolean,
) {
  if (!takesDebugExceptions(cpu)) return;
  for (const match of cpu.debug.watchpoints) {
    const first = isOnAccess(match, access) ? firstMatch(match, address, bytes) : undefined;
    if (first !== undefined && holds(cpu, match, isEl0)) {
      throw debugException(cpu, debugClass.watchpoint, access === "write" ? WnR : 0, first);
    }
  }
}

/** Whether exception level and context are those it is for. */
function holds(cpu: Cpu, { atEl0, atEl1, context, linked }: Match, isEl0: boolean): boolean {
  if (!(isEl0 ? atEl0 : atEl1)) return false;
  const needed = linked === undefined ? context : contextOf(cpu, linked);
  const isLinkedToNone = linked !== undefined && needed === undefined;
  return !isLinkedToNone && (needed === undefined || needed === cpu.system("CONTEXTIDR_EL1"));
}

/** Of a breakpoint that can compare contexts: the last ones can. */
function contextOf(cpu: Cpu, n: number): bigint | undefined {
  const count = breakpoints(cpu.profile);
  const aware = cpu.idField("ID_AA64DFR0_EL1", 28) + 1;
  if (n >= count || n < count - aware) return undefined;
  const { dbg_bcr, dbg_bvr } = debugRegisters(cpu);
  return linkedContextOf(dbg_bcr[n], dbg_bvr[n]);
}
