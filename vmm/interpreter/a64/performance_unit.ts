// What the performance monitors count and when they overflow (Arm DDI 0487, "The Performance Monitors Extension":
// "Behavior on overflow", "Event filtering", "Common event numbers"). They are brought up to date when somebody
// looks, when the exception level changes and now and then; while none is enabled that costs nothing.

import type { Cpu } from "./cpu.ts";
import { systemRegisterAt } from "./cpu_layout.ts";
import { isAtEl0 } from "./pstate.ts";

export const cycleCounter = 31;

/** Events that are counted, by their numbers in PMEVTYPER<n>_EL0.evtCount. */
export const events = { SW_INCR: 0x00, INST_RETIRED: 0x08, CPU_CYCLES: 0x11, CHAIN: 0x1e } as const;
/** PMCEID0_EL0. */
export const commonEvents = Object.values(events).reduce((bits, event) => bits | 1n << BigInt(event), 0n);

export class PerformanceUnit {
  /** Whether any counter may change with time. */
  isOn = false;
  isLineUp = false;
  cycles = 0n;
  instructions = 0n;
  /** Cycles that PMCR_EL0.D has not made a whole count of. */
  remainder = 0n;
}

const placeOf = (name: string) => systemRegisterAt.get(name)!;
const numbers = Array.from({ length: cycleCounter }, (_, n) => n);
export const performanceAt = {
  PMCR: placeOf("PMCR_EL0"),
  enabled: placeOf("PMCNTENSET_EL0"),
  overflowed: placeOf("PMOVSSET_EL0"),
  interrupts: placeOf("PMINTENSET_EL1"),
  cycles: placeOf("PMCCNTR_EL0"),
  filter: placeOf("PMCCFILTR_EL0"),
  counters: numbers.map((n) => placeOf(`PMEVCNTR${n}_EL0`)),
  types: numbers.map((n) => placeOf(`PMEVTYPER${n}_EL0`)),
} as const;
const at = performanceAt;

/** PMCR_EL0: all counters; cycles by 64; PMCCNTR_EL0 and, with FEAT_PMUv3p5, event counters overflow at 64 bits. */
const E = 1n, D = 1n << 3n, LC = 1n << 6n, LP = 1n << 7n;
/** Of a filter: not at EL1, not at EL0, and the same again for the Non-secure state, where they are negated. */
const P = 1n << 31n, U = 1n << 30n, NSK = 1n << 29n, NSU = 1n << 28n;

/** Event counters have 64 bits (FEAT_PMUv3p5). */
export const hasLongCounters = (cpu: Cpu): boolean => {
  const version = cpu.idField("ID_AA64DFR0_EL1", 8);
  return version >= 6 && version !== 0xf;
};

function isCounted(filter: bigint, isEl0: boolean): boolean {
  const [excluded, inverted] = isEl0 ? [U, NSU] : [P, NSK];
  return ((filter & excluded) !== 0n) === ((filter & inverted) !== 0n);
}

const isEnabled = (cpu: Cpu, n: number) => (cpu.u64(at.enabled) >> BigInt(n) & 1n) === 1n;
const eventOf = (cpu: Cpu, n: number) => Number(cpu.u64(at.types[n]!) & 0xffffn);

/** After a change of which counters are enabled, by whomever: counting begins now. */
export function performanceChanged(cpu: Cpu) {
  const { performance } = cpu;
  performance.isOn = (cpu.u64(at.PMCR) & E) !== 0n && cpu.u64(at.enabled) !== 0n;
  performance.cycles = cpu.surroundings.cycles(cpu);
  performance.instructions = cpu.surroundings.instructions(cpu);
  driveLine(cpu);
}

/** Counts what happened since the last time, all of it at the current exception level. */
export function countPerformance(cpu: Cpu) {
  const { performance } = cpu;
  if (!performance.isOn) return;
  const cycles = cpu.surroundings.cycles(cpu), instructions = cpu.surroundings.instructions(cpu);
  const passed = cycles - performance.cycles, retired = instructions - performance.instructions;
  performance.cycles = cycles;
  performance.instructions = instructions;
  if (isEnabled(cpu, cycleCounter) && isCounted(cpu.u64(at.filter), isAtEl0(cpu))) countCycles(cpu, passed);
  for (let n = 0; n < cpu.profile.pmuCounters; n++) {
    const event = eventOf(cpu, n);
    if (event === events.CPU_CYCLES) countEvent(cpu, n, passed);
    else if (event === events.INST_RETIRED) countEvent(cpu, n, retired);
  }
  driveLine(cpu);
}

function countCycles(cpu: Cpu, passed: bigint) {
  const control = cpu.u64(at.PMCR);
  const isDivided = (control & (D | LC)) === D;
  const { performance } = cpu;
  const sum = passed + (isDivided ? performance.remainder : 0n);
  performance.remainder = isDivided ? sum % 64n : 0n;
  const before = cpu.u64(at.cycles), after = before + (isDivided ? sum / 64n : sum);
  cpu.setU64(at.cycles, BigInt.asUintN(64, after));
  const width = control & LC ? 64n : 32n;
  if (after >> width !== before >> width) overflow(cpu, cycleCounter);
}

/** An event counter, if it is enabled and counts at this level. */
export function countEvent(cpu: Cpu, n: number, times: bigint) {
  if (times === 0n || !isEnabled(cpu, n) || !isCounted(cpu.u64(at.types[n]!), isAtEl0(cpu))) return;
  const isLong = hasLongCounters(cpu);
  const width = isLong && cpu.u64(at.PMCR) & LP ? 64n : 32n;
  const before = cpu.u64(at.counters[n]!), after = before + times;
  cpu.setU64(at.counters[n]!, BigInt.asUintN(isLong ? 64 : 32, after));
  const wraps = (after >> width) - (before >> width);
  if (wraps === 0n) return;
  overflow(cpu, n);
  const next = n + 1;
  const isChained = n % 2 === 0 && next < cpu.profile.pmuCounters && eventOf(cpu, next) === events.CHAIN;
  if (isChained) countEvent(cpu, next, wraps);
}

function overflow(cpu: Cpu, n: number) {
  cpu.setU64(at.overflowed, cpu.u64(at.overflowed) | 1n << BigInt(n));
}

/** PMSWINC_EL0: of those counters that count it. */
export function countSoftware(cpu: Cpu, counters: bigint) {
  if (!(cpu.u64(at.PMCR) & E)) return;
  for (let n = 0; n < cpu.profile.pmuCounters; n++) {
    if ((counters >> BigInt(n) & 1n) === 1n && eventOf(cpu, n) === events.SW_INCR) countEvent(cpu, n, 1n);
  }
  driveLine(cpu);
}

/** The interrupt is up while an overflow is noted of a counter that may interrupt. */
function driveLine(cpu: Cpu) {
  const isUp = (cpu.u64(at.PMCR) & E) !== 0n && (cpu.u64(at.overflowed) & cpu.u64(at.interrupts)) !== 0n;
  if (isUp === cpu.performance.isLineUp) return;
  cpu.performance.isLineUp = isUp;
  cpu.surroundings.performanceInterrupt(cpu, isUp);
}
