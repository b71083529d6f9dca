// Which debug exceptions a vcpu can take, and who gets them: the guest, or a monitor that debugs it (Arm DDI 0487,
// "AArch64 Self-hosted Debug", "About debug exceptions"; KVM document, "4.87 KVM_SET_GUEST_DEBUG").

import { breakpoints, watchpoints } from "../host_profile.ts";
import type { Cpu } from "./cpu.ts";
import { pageSize, systemRegisterAt } from "./cpu_layout.ts";
import { isContextMatch, type Match, matchOf } from "./debug_match.ts";
import { isAtEl0, PSTATE } from "./pstate.ts";
import { flushTlb } from "./tlb.ts";

/** What a monitor asked for. */
export interface Monitor {
  readonly steps: boolean;
  /** In place of the guest's: DBGBCRn_EL1 and so on. */
  readonly hardware: DebugRegisters | undefined;
}

export interface DebugRegisters {
  readonly dbg_bcr: readonly bigint[];
  readonly dbg_bvr: readonly bigint[];
  readonly dbg_wcr: readonly bigint[];
  readonly dbg_wvr: readonly bigint[];
}

export class DebugUnit {
  /** Whoever it is gets all debug exceptions, those of the guest's own registers too. */
  monitor: Monitor | undefined;
  /** Those that are enabled, by addresses. */
  breakpoints: readonly Match[] = [];
  watchpoints: readonly Match[] = [];
  /** Breakpoints that any instruction may be at: on a context alone. */
  everywhere: readonly Match[] = [];
  /** Offsets in their pages of the instructions that breakpoints are on. */
  offsets: ReadonlySet<number> = new Set();
  /** Told of the offsets before and after they change. */
  onOffsets: (before: ReadonlySet<number>, after: ReadonlySet<number>) => void = () => {};
}

const at = {
  MDSCR: systemRegisterAt.get("MDSCR_EL1")!,
  OSLSR: systemRegisterAt.get("OSLSR_EL1")!,
};
const placesOf = (name: string) =>
  Array.from({ length: 16 }, (_, n) => systemRegisterAt.get(`${name}${n}_EL1`)!);
const places = {
  dbg_bcr: placesOf("DBGBCR"),
  dbg_bvr: placesOf("DBGBVR"),
  dbg_wcr: placesOf("DBGWCR"),
  dbg_wvr: placesOf("DBGWVR"),
};
/** MDSCR_EL1: software step; debug exceptions from EL1; breakpoints and watchpoints. */
const SS = 1n, KDE = 1n << 13n, MDE = 1n << 15n;
const OSLK = 1n << 1n;
const E = 1n;
const noRegisters: DebugRegisters = { dbg_bcr: [], dbg_bvr: [], dbg_wcr: [], dbg_wvr: [] };

/** After a change of the debug registers or of what the monitor asked for. */
export function debugChanged(cpu: Cpu) {
  const { debug } = cpu;
  const isOn = debug.monitor?.hardware !== undefined || (cpu.u64(at.MDSCR) & MDE) !== 0n;
  const registers = isOn ? debugRegisters(cpu) : noRegisters;
  const enabled = (kind: "b" | "w", count: number) =>
    registers[`dbg_${kind}cr`].slice(0, count).flatMap((control, n) =>
      control & E ? matchOf(kind, control, registers[`dbg_${kind}vr`][n]!) ?? [] : []
    );
  const all = enabled("b", breakpoints(cpu.profile));
  debug.breakpoints = all.filter((one) => !isContextMatch(one));
  debug.everywhere = all.filter(isContextMatch);
  setWatchpoints(cpu, enabled("w", watchpoints(cpu.profile)));
  const before = debug.offsets;
  debug.offsets = new Set(debug.breakpoints.map(({ from }) => Number(from & BigInt(pageSize - 1))));
  if (before.size > 0 || debug.offsets.size > 0) debug.onOffsets(before, debug.offsets);
}

function setWatchpoints(cpu: Cpu, watchpoints: readonly Match[]) {
  const { debug } = cpu;
  if (watchpoints.length > 0 || debug.watchpoints.length > 0) flushTlb(cpu);
  debug.watchpoints = watchpoints;
}

/** Those that count: the monitor's or the guest's. */
export function debugRegisters(cpu: Cpu): DebugRegisters {
  const read = (from: readonly number[]) => from.map((place) => cpu.u64(place));
  return cpu.debug.monitor?.hardware ?? {
    dbg_bcr: read(places.dbg_bcr),
    dbg_bvr: read(places.dbg_bvr),
    dbg_wcr: read(places.dbg_wcr),
    dbg_wvr: read(places.dbg_wvr),
  };
}

/** Whether debug exceptions but for BRK's are taken there; at the current exception level unless given. */
export function takesDebugExceptions(
  cpu: Cpu,
  isEl0 = isAtEl0(cpu),
  isMasked = (cpu.pstate & PSTATE.D) !== 0,
): boolean {
  if (cpu.debug.monitor) return true;
  if (cpu.u64(at.OSLSR) & OSLK) return false;
  return isEl0 || (cpu.u64(at.MDSCR) & KDE) !== 0n && !isMasked;
}

/** Whether the guest's own software step is active; a monitor puts it off. */
export const isSoftwareStep = (cpu: Cpu): boolean =>
  (cpu.u64(at.MDSCR) & SS) !== 0n && !cpu.debug.monitor && takesDebugExceptions(cpu);

/** Whether each instruction has to be run by itself. */
export const runsStepwise = (cpu: Cpu): boolean =>
  cpu.debug.monitor?.steps || cpu.debug.everywhere.length > 0 || isSoftwareStep(cpu);

/** PSTATE.SS after a return with this SPSR ("DebugExceptionReturnSS"). */
export function stepAfterReturn(cpu: Cpu, spsr: number, isToEl0: boolean): number {
  if (!(cpu.u64(at.MDSCR) & SS) || takesDebugExceptions(cpu)) return 0;
  return takesDebugExceptions(cpu, isToEl0, (spsr & PSTATE.D) !== 0) ? spsr & PSTATE.SS : 0;
}
