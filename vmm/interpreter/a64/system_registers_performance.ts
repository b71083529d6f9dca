// The registers of the performance monitors, on vcpus that have them (Arm DDI 0487, "The Performance Monitors
// Extension").

import type { Cpu } from "./cpu.ts";
import type { After } from "./definition.ts";
import { hasUnmaskedInterrupt } from "./exceptions.ts";
import {
  commonEvents,
  countPerformance,
  countSoftware,
  cycleCounter,
  hasLongCounters,
  performanceAt,
  performanceChanged,
} from "./performance_unit.ts";
import type { Encoding } from "../../kvm/system_registers.ts";
import { placeOf, readOnly, row, type SystemRegisterRow, zero } from "./system_register_row.ts";

type CheckAtEl0 = NonNullable<SystemRegisterRow["atEl0"]>;
type NamedEncoding = readonly [name: string, ...encoding: Encoding];
type Rest = Partial<SystemRegisterRow>;

const word = 0xffff_ffffn;
const at = {
  ...performanceAt,
  PMSELR: placeOf("PMSELR_EL0"),
  PMUSERENR: placeOf("PMUSERENR_EL0"),
};

/** PMUSERENR_EL0: what EL0 may use. */
const EN = 1n, SW = 2n, CR = 4n, ER = 8n;
/** PMCR_EL0: P and C clear the counters of events and of cycles; LP is there with long counters; N, the number of event counters, is read-only. */
const P = 2n, C = 4n, keptOfPmcr = 0x79n, LP = 1n << 7n, N = 0x1fn << 11n;
const SEL = 0x1fn;

const isThere = (cpu: Cpu) => {
  const version = cpu.idField("ID_AA64DFR0_EL1", 8);
  return version !== 0 && version !== 0xf;
};

const userWith = (reads: bigint, writes: bigint): CheckAtEl0 => (cpu, isWrite) =>
  cpu.u64(at.PMUSERENR) & (isWrite ? writes : reads) ? "allowed" : "trapped";
const user = userWith(EN, EN);
const userCounters = userWith(EN | ER, EN);

const register = (named: NamedEncoding, rest: Rest) => row(named, { isThere, atEl0: user, ...rest });

function writeControl(cpu: Cpu, value: bigint) {
  countPerformance(cpu);
  const kept = hasLongCounters(cpu) ? keptOfPmcr | LP : keptOfPmcr;
  cpu.setU64(at.PMCR, value & kept | cpu.u64(at.PMCR) & N);
  if (value & C) cpu.setU64(at.cycles, 0n);
  if (value & P) { for (let n = 0; n < counters(cpu); n++) cpu.setU64(at.counters[n]!, 0n); }
  performanceChanged(cpu);
}

const counters = (cpu: Cpu) => cpu.profile.pmuCounters;
const everyCounter = (cpu: Cpu) => (1n << BigInt(counters(cpu))) - 1n | 1n << BigInt(cycleCounter);

const numbers = Array.from({ length: cycleCounter }, (_, n) => n);
const typeBits = 0xfe00_ffffn;

/** The interrupt may have gone up. */
function afterInterrupt(cpu: Cpu): After {
  if (!hasUnmaskedInterrupt(cpu)) return;
  cpu.pc += 4n;
  return "leave";
}

/** A register that sets bits of a set of counters, and one that clears them; both read it. */
function counterSet(name: string, set: Encoding, clear: Encoding, rest: Rest = {}): SystemRegisterRow[] {
  const place = placeOf(name);
  const read = (cpu: Cpu) => {
    countPerformance(cpu);
    return cpu.u64(place);
  };
  const change = (combine: (before: bigint, bits: bigint) => bigint) => (cpu: Cpu, value: bigint): After => {
    countPerformance(cpu);
    cpu.setU64(place, combine(cpu.u64(place), value & everyCounter(cpu)));
    performanceChanged(cpu);
    return afterInterrupt(cpu);
  };
  return [
    register([name, ...set], { read, write: change((before, bits) => before | bits), ...rest }),
    register([name.replace("SET", "CLR"), ...clear], {
      read,
      write: change((before, bits) => before & ~bits),
      ...rest,
    }),
  ];
}

/** The register that PMSELR_EL0 selects, among those at `places`; one that is not there reads as zero. */
const selected = (cpu: Cpu, places: readonly number[]): number | undefined => {
  const n = Number(cpu.u64(at.PMSELR) & SEL);
  if (n === cycleCounter) return places === at.types ? at.filter : undefined;
  return n < counters(cpu) ? places[n] : undefined;
};

function through(
  named: NamedEncoding,
  places: readonly number[],
  bits: (cpu: Cpu) => bigint,
  atEl0: CheckAtEl0,
) {
  return register(named, {
    atEl0,
    read(cpu) {
      countPerformance(cpu);
      const place = selected(cpu, places);
      return place === undefined ? 0n : cpu.u64(place);
    },
    write(cpu, value) {
      countPerformance(cpu);
      const place = selected(cpu, places);
      if (place !== undefined) cpu.setU64(place, value & bits(cpu));
    },
  });
}

const perCounter = (n: number): SystemRegisterRow[] => {
  const rest = (place: number, bits: (cpu: Cpu) => bigint, atEl0: CheckAtEl0): Rest => ({
    isThere: (cpu) => isThere(cpu) && n < counters(cpu),
    atEl0,
    ...counted(place, bits),
  });
  return [
    register(
      [`PMEVCNTR${n}_EL0`, 3, 3, 14, 8 + (n >> 3), n & 7],
      rest(at.counters[n]!, counterBits, userCounters),
    ),
    register([`PMEVTYPER${n}_EL0`, 3, 3, 14, 12 + (n >> 3), n & 7], rest(at.types[n]!, () => typeBits, user)),
  ];
};

const counterBits = (cpu: Cpu) => hasLongCounters(cpu) ? -1n : word;

/** What is counted so far comes before what is written. */
function counted(place: number, bits: (cpu: Cpu) => bigint): Rest {
  return {
    read(cpu) {
      countPerformance(cpu);
      return cpu.u64(place);
    },
    write(cpu, value) {
      countPerformance(cpu);
      cpu.setU64(place, value & bits(cpu));
    },
  };
}

const kept = (place: number, bits: bigint): Rest => ({
  read: (cpu) => cpu.u64(place),
  write: (cpu, value) => cpu.setU64(place, value & bits),
});

function countSoftwareIncrement(cpu: Cpu, value: bigint): After {
  countSoftware(cpu, value);
  return afterInterrupt(cpu);
}

const onlyKernelWrites: CheckAtEl0 = (_, isWrite) => isWrite ? "trapped" : "allowed";

export const performanceRegisters: readonly SystemRegisterRow[] = [
  register(["PMCR_EL0", 3, 3, 9, 12, 0], { read: (cpu) => cpu.u64(at.PMCR), write: writeControl }),
  ...counterSet("PMCNTENSET_EL0", [3, 3, 9, 12, 1], [3, 3, 9, 12, 2]),
  ...counterSet("PMOVSSET_EL0", [3, 3, 9, 14, 3], [3, 3, 9, 12, 3]),
  ...counterSet("PMINTENSET_EL1", [3, 0, 9, 14, 1], [3, 0, 9, 14, 2], { atEl0: () => "undefined" }),
  register(["PMSWINC_EL0", 3, 3, 9, 12, 4], { atEl0: userWith(0n, EN | SW), write: countSoftwareIncrement }),
  register(["PMSELR_EL0", 3, 3, 9, 12, 5], { atEl0: userWith(EN | ER, EN | ER), ...kept(at.PMSELR, SEL) }),
  readOnly(["PMCEID0_EL0", 3, 3, 9, 12, 6], () => commonEvents, { isThere, atEl0: user }),
  readOnly(["PMCEID1_EL0", 3, 3, 9, 12, 7], () => 0n, { isThere, atEl0: user }),
  register(["PMCCNTR_EL0", 3, 3, 9, 13, 0], {
    atEl0: userWith(EN | CR, EN),
    ...counted(at.cycles, () => -1n),
  }),
  through(["PMXEVTYPER_EL0", 3, 3, 9, 13, 1], at.types, () => typeBits, user),
  through(["PMXEVCNTR_EL0", 3, 3, 9, 13, 2], at.counters, counterBits, userCounters),
  register(["PMUSERENR_EL0", 3, 3, 9, 14, 0], {
    atEl0: onlyKernelWrites,
    ...kept(at.PMUSERENR, EN | SW | CR | ER),
  }),
  zero(["PMMIR_EL1", 3, 0, 9, 14, 6], { isThere }),
  ...numbers.flatMap(perCounter),
  register(["PMCCFILTR_EL0", 3, 3, 14, 15, 7], counted(at.filter, () => 0xfc00_0000n)),
];
