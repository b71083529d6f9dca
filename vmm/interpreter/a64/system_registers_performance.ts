// The performance monitors, on vcpus that have them: the cycle counter counts, event counters keep what is
// written to them and count nothing, so no counter overflows (Arm DDI 0487, "The Performance Monitors
// Extension").

import type { Cpu } from "./cpu.ts";
import type { Encoding } from "../../kvm/system_registers.ts";
import { placeOf, readOnly, row, type SystemRegisterRow, zero } from "./system_register_row.ts";

type CheckAtEl0 = NonNullable<SystemRegisterRow["atEl0"]>;
type NamedEncoding = readonly [name: string, ...encoding: Encoding];
type Rest = Partial<SystemRegisterRow>;

const word = 0xffff_ffffn;
const at = {
  PMCR: placeOf("PMCR_EL0"),
  enabled: placeOf("PMCNTENSET_EL0"),
  overflowed: placeOf("PMOVSSET_EL0"),
  PMSELR: placeOf("PMSELR_EL0"),
  cycles: placeOf("PMCCNTR_EL0"),
  filter: placeOf("PMCCFILTR_EL0"),
  PMUSERENR: placeOf("PMUSERENR_EL0"),
};

/** PMUSERENR_EL0: what EL0 may use. */
const EN = 1n, SW = 2n, CR = 4n, ER = 8n;
/** PMCR_EL0: E enables all counters, P and C clear them; N, the number of event counters, is read-only. */
const E = 1n, P = 2n, C = 4n, keptOfPmcr = 0xf9n, N = 0x1fn << 11n;
const cycleCounter = 31;
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

/** When the cycle counter was brought up to date. */
const counted = new WeakMap<Cpu, bigint>();

const countsCycles = (cpu: Cpu) =>
  (cpu.u64(at.PMCR) & E) !== 0n && (cpu.u64(at.enabled) >> BigInt(cycleCounter) & 1n) === 1n;

/** To be called before what decides whether cycles are counted changes, and before they are read. */
function count(cpu: Cpu) {
  const now = cpu.surroundings.cycles(cpu);
  const before = counted.get(cpu) ?? now;
  counted.set(cpu, now);
  if (countsCycles(cpu)) cpu.setU64(at.cycles, BigInt.asUintN(64, cpu.u64(at.cycles) + now - before));
}

function writeControl(cpu: Cpu, value: bigint) {
  count(cpu);
  cpu.setU64(at.PMCR, value & keptOfPmcr | cpu.u64(at.PMCR) & N);
  if (value & C) cpu.setU64(at.cycles, 0n);
  if (value & P) { for (let n = 0; n < counters(cpu); n++) cpu.setU64(counterAt[n]!, 0n); }
}

const counters = (cpu: Cpu) => cpu.profile.pmuCounters;
const everyCounter = (cpu: Cpu) => (1n << BigInt(counters(cpu))) - 1n | 1n << BigInt(cycleCounter);

const numbers = Array.from({ length: cycleCounter }, (_, n) => n);
const counterAt = numbers.map((n) => placeOf(`PMEVCNTR${n}_EL0`));
const typeAt = numbers.map((n) => placeOf(`PMEVTYPER${n}_EL0`));
const typeBits = 0xfe00_ffffn;

/** A register that sets bits of a set of counters, and one that clears them; both read it. */
function counterSet(name: string, set: Encoding, clear: Encoding, rest: Rest = {}): SystemRegisterRow[] {
  const place = placeOf(name);
  const read = (cpu: Cpu) => cpu.u64(place);
  const change = (combine: (before: bigint, bits: bigint) => bigint) => (cpu: Cpu, value: bigint) => {
    count(cpu);
    cpu.setU64(place, combine(cpu.u64(place), value & everyCounter(cpu)));
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
  if (n === cycleCounter) return places === typeAt ? at.filter : undefined;
  return n < counters(cpu) ? places[n] : undefined;
};

function through(named: NamedEncoding, places: readonly number[], bits: bigint, atEl0: CheckAtEl0) {
  return register(named, {
    atEl0,
    read(cpu) {
      const place = selected(cpu, places);
      return place === undefined ? 0n : cpu.u64(place);
    },
    write(cpu, value) {
      const place = selected(cpu, places);
      if (place !== undefined) cpu.setU64(place, value & bits);
    },
  });
}

const perCounter = (n: number): SystemRegisterRow[] => {
  const rest = (place: number, bits: bigint, atEl0: CheckAtEl0): Rest => ({
    isThere: (cpu) => isThere(cpu) && n < counters(cpu),
    atEl0,
    read: (cpu) => cpu.u64(place),
    write: (cpu, value) => cpu.setU64(place, value & bits),
  });
  return [
    register([`PMEVCNTR${n}_EL0`, 3, 3, 14, 8 + (n >> 3), n & 7], rest(counterAt[n]!, word, userCounters)),
    register([`PMEVTYPER${n}_EL0`, 3, 3, 14, 12 + (n >> 3), n & 7], rest(typeAt[n]!, typeBits, user)),
  ];
};

const kept = (place: number, bits: bigint): Rest => ({
  read: (cpu) => cpu.u64(place),
  write: (cpu, value) => cpu.setU64(place, value & bits),
});

const onlyKernelWrites: CheckAtEl0 = (_, isWrite) => isWrite ? "trapped" : "allowed";
const noEvents = () => 0n;

export const performanceRegisters: readonly SystemRegisterRow[] = [
  register(["PMCR_EL0", 3, 3, 9, 12, 0], { read: (cpu) => cpu.u64(at.PMCR), write: writeControl }),
  ...counterSet("PMCNTENSET_EL0", [3, 3, 9, 12, 1], [3, 3, 9, 12, 2]),
  ...counterSet("PMOVSSET_EL0", [3, 3, 9, 14, 3], [3, 3, 9, 12, 3]),
  ...counterSet("PMINTENSET_EL1", [3, 0, 9, 14, 1], [3, 0, 9, 14, 2], { atEl0: () => "undefined" }),
  register(["PMSWINC_EL0", 3, 3, 9, 12, 4], { atEl0: userWith(0n, EN | SW), write: () => {} }),
  register(["PMSELR_EL0", 3, 3, 9, 12, 5], { atEl0: userWith(EN | ER, EN | ER), ...kept(at.PMSELR, SEL) }),
  readOnly(["PMCEID0_EL0", 3, 3, 9, 12, 6], noEvents, { isThere, atEl0: user }),
  readOnly(["PMCEID1_EL0", 3, 3, 9, 12, 7], noEvents, { isThere, atEl0: user }),
  register(["PMCCNTR_EL0", 3, 3, 9, 13, 0], {
    atEl0: userWith(EN | CR, EN),
    read(cpu) {
      count(cpu);
      return cpu.u64(at.cycles);
    },
    write(cpu, value) {
      count(cpu);
      cpu.setU64(at.cycles, value);
    },
  }),
  through(["PMXEVTYPER_EL0", 3, 3, 9, 13, 1], typeAt, typeBits, user),
  through(["PMXEVCNTR_EL0", 3, 3, 9, 13, 2], counterAt, word, userCounters),
  register(["PMUSERENR_EL0", 3, 3, 9, 14, 0], {
    atEl0: onlyKernelWrites,
    ...kept(at.PMUSERENR, EN | SW | CR | ER),
  }),
  zero(["PMMIR_EL1", 3, 0, 9, 14, 6], { isThere }),
  ...numbers.flatMap(perCounter),
  register(["PMCCFILTR_EL0", 3, 3, 14, 15, 7], kept(at.filter, 0xfc00_0000n)),
];
