// A host to pretend: what its vcpus can be given, and what its ID registers say of it (Arm DDI 0487, "AArch64
// System register descriptions").

import type { Gic } from "../kvm/host_offer.ts";
import { registerByName } from "../kvm/register_id.ts";

/** How pointer authentication codes are computed; `impdef` is an algorithm of the implementation's own. */
export const ptrauthAlgorithms = ["none", "qarma5", "qarma3", "impdef"] as const;
export type PtrauthAlgorithm = (typeof ptrauthAlgorithms)[number];

export type IdRegisterValues = Readonly<Record<string, bigint>>;

export interface HostProfile {
  readonly name: string;
  /** What it is, as a clause. */
  readonly about: string;
  /** SVE vector lengths in bits, ascending; empty without SVE. */
  readonly vectorLengths: readonly number[];
  readonly ptrauth: PtrauthAlgorithm;
  /** Bits of guest-physical address, 32 to 52. */
  readonly ipaBits: number;
  /** Event counters of the performance monitors, at most 31; 0 where guests get no performance monitors. */
  readonly pmuCounters: number;
  readonly gics: readonly Gic[];
  /** Processors, which are as many as the vcpus recommended. */
  readonly cpus: number;
  /** By name, as a vcpu with everything the host offers shows them; those not named read as zero. */
  readonly idRegisters: IdRegisterValues;
}

/** A field of four bits of an ID register. */
type Field = readonly [register: string, shift: number];

const SVE: Field = ["ID_AA64PFR0_EL1", 32];
const PMUVer: Field = ["ID_AA64DFR0_EL1", 8];
const PerfMon: Field = ["ID_DFR0_EL1", 24];
const gicFields: readonly Field[] = [["ID_AA64PFR0_EL1", 24], ["ID_PFR1_EL1", 28]];
/** For addresses, and generic. */
const ptrauthFields: Readonly<Record<Exclude<PtrauthAlgorithm, "none">, readonly [Field, Field]>> = {
  qarma5: [["ID_AA64ISAR1_EL1", 4], ["ID_AA64ISAR1_EL1", 24]],
  impdef: [["ID_AA64ISAR1_EL1", 8], ["ID_AA64ISAR1_EL1", 28]],
  qarma3: [["ID_AA64ISAR2_EL1", 12], ["ID_AA64ISAR2_EL1", 8]],
};
const everyPtrauthField = Object.values(ptrauthFields).flat();

const read = (values: IdRegisterValues, [register, shift]: Field): bigint =>
  (values[register] ?? 0n) >> BigInt(shift) & 0xfn;

function write(values: IdRegisterValues, [register, shift]: Field, field: bigint): IdRegisterValues {
  const rest = (values[register] ?? 0n) & ~(0xfn << BigInt(shift));
  return { ...values, [register]: rest | field << BigInt(shift) };
}

const clear = (values: IdRegisterValues, fields: readonly Field[]) =>
  fields.reduce((sum, field) => write(sum, field, 0n), values);

/** Sets a field to 1, "there", unless it says so already or more. */
const raise = (values: IdRegisterValues, field: Field) =>
  read(values, field) ? values : write(values, field, 1n);

/** The profile whose ID registers say what the rest of the description says. */
export function hostProfile(description: HostProfile): HostProfile {
  const { vectorLengths, pmuCounters, gics } = description;
  let idRegisters = sayPtrauth(description.idRegisters, description.ptrauth);
  idRegisters = vectorLengths.length ? raise(idRegisters, SVE) : withoutSve(idRegisters);
  idRegisters = pmuCounters ? raise(idRegisters, PMUVer) : clear(idRegisters, [PMUVer, PerfMon]);
  const hasGicV3 = gics.includes("v3");
  for (const field of gicFields.filter(([register]) => idRegisters[register])) {
    idRegisters = write(idRegisters, field, hasGicV3 ? 1n : 0n);
  }
  return { ...description, idRegisters };
}

const withoutSve = (values: IdRegisterValues) => ({ ...clear(values, [SVE]), ID_AA64ZFR0_EL1: 0n });

/** The same level of the feature as before, in the fields of this algorithm. */
function sayPtrauth(values: IdRegisterValues, algorithm: PtrauthAlgorithm): IdRegisterValues {
  const addressFields = Object.values(ptrauthFields).map(([address]) => address);
  const level = addressFields.map((field) => read(values, field)).find((field) => field !== 0n) ?? 1n;
  const none = clear(values, everyPtrauthField);
  if (algorithm === "none") return none;
  const [address, generic] = ptrauthFields[algorithm];
  return write(write(none, address, level), generic, 1n);
}

/** What a vcpu was given of what the host has. */
export interface Grants {
  readonly sve: boolean;
  readonly ptrauth: boolean;
  readonly pmu: boolean;
}

/** The ID registers as a vcpu with these features shows them. */
export function shownTo(profile: HostProfile, grants: Grants): IdRegisterValues {
  let values = profile.idRegisters;
  if (!grants.sve) values = withoutSve(values);
  if (!grants.ptrauth) values = clear(values, everyPtrauthField);
  return grants.pmu ? values : clear(values, [PMUVer, PerfMon]);
}

/** What the ID registers alone tell of the host. */
export const hasAArch32Kernel = ({ idRegisters }: HostProfile) =>
  read(idRegisters, ["ID_AA64PFR0_EL1", 4]) === 2n;
export const hasAArch32User = ({ idRegisters }: HostProfile) =>
  read(idRegisters, ["ID_AA64PFR0_EL1", 0]) === 2n;
export const hasRas = ({ idRegisters }: HostProfile) => read(idRegisters, ["ID_AA64PFR0_EL1", 28]) > 0n;
export const breakpoints = ({ idRegisters }: HostProfile) =>
  Number(read(idRegisters, ["ID_AA64DFR0_EL1", 12])) + 1;
export const watchpoints = ({ idRegisters }: HostProfile) =>
  Number(read(idRegisters, ["ID_AA64DFR0_EL1", 20])) + 1;

/** Whether a profile may give this register a value. */
export function isProfileRegister(name: string): boolean {
  return /^(ID_|MVFR|MIDR_EL1|REVIDR_EL1|AIDR_EL1|CTR_EL0)/.test(name) && registerByName(name) !== undefined;
}
