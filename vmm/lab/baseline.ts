// The most that a vcpu can be on every one of several hosts, so that its guest could move between them: lengths by
// the kernel's rule, pointer authentication whole and of one algorithm, ID register fields by their safe values.

import {
  fieldsOfIdRegister,
  type IdField,
  idRegistersWithFields,
  readField,
  safeValue,
  writeField,
} from "../kvm/id_register_fields.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";
import type { HostReport } from "./host_report_schema.ts";
import type { VcpuConfiguration } from "./vcpu_configuration_schema.ts";

/** A host of the fleet, and what to call it. */
export interface FleetHost {
  readonly name: string;
  readonly report: HostReport;
}

export interface Baseline {
  readonly configuration: VcpuConfiguration;
  /** What is lost to whom, a sentence each. */
  readonly costs: readonly string[];
  /** Why a guest could not move although the vcpu is given this configuration everywhere, a sentence each. */
  readonly obstacles: readonly string[];
}

/** Algorithm and level of pointer authentication, for addresses and generic. */
const ptrauthFields: readonly string[] = [
  ...["APA", "API", "GPA", "GPI"].map((name) => `ID_AA64ISAR1_EL1.${name}`),
  ...["APA3", "GPA3"].map((name) => `ID_AA64ISAR2_EL1.${name}`),
];

/** @param fleet one host at least */
export function baseline(fleet: readonly FleetHost[]): Baseline {
  const costs: string[] = [];
  const obstacles: string[] = [];
  const vectorLengths = commonLengths(fleet, costs);
  const ptrauth = commonPtrauth(fleet, costs);
  const pmu = commonPmu(fleet, costs);
  const grants = { sve: vectorLengths.length > 0, ptrauth, pmu };
  return {
    configuration: {
      schema: "velum/vcpu/1",
      vectorLengths,
      ptrauth,
      pmu,
      ipaBits: commonAddressBits(fleet, costs),
      idRegisters: commonIdRegisters(fleet, grants, costs, obstacles),
    },
    costs,
    obstacles,
  };
}

/** The longest set that each host takes: up to its own maximum a vcpu's set equals the host's. */
function commonLengths(fleet: readonly FleetHost[], costs: string[]): number[] {
  const sets = fleet.map(({ report }) => report.vectorLengths);
  const shortest = Math.min(...sets.map((set) => set.length));
  const differing = Array.from({ length: shortest }, (_, index) => index)
    .find((index) => sets.some((set) => set[index] !== sets[0]![index])) ?? shortest;
  const common = sets[0]!.slice(0, differing);
  for (const { name, report } of fleet) {
    const lost = report.vectorLengths.slice(common.length);
    if (lost.length) costs.push(`${name} could have SVE vectors of ${formatLengths(lost)} too`);
  }
  return common;
}

function commonPtrauth(fleet: readonly FleetHost[], costs: string[]): boolean {
  const whole = (report: HostReport) => report.ptrauth.address && report.ptrauth.generic;
  const lacking = fleet.filter(({ report }) => !whole(report)).map(({ name }) => name);
  if (lacking.length === fleet.length) return false;
  if (lacking.length) {
    costs.push(`pointer authentication is lost to ${lacking.join(", ")}, which ${have(lacking)} none`);
    return false;
  }
  // Its fields cannot be written: algorithm and level must be the same as they are.
  const kinds = fleet.map(({ report }) => ptrauthFields.map((field) => shownField(report, field)));
  if (kinds.every((kind) => kind.join() === kinds[0]!.join())) return true;
  const who = fleet.map(({ name }, host) => `${name} ${describePtrauth(kinds[host]!)}`).join(", ");
  costs.push(`pointer authentication is lost, as it is of several kinds (${who})`);
  return false;
}

const describePtrauth = (values: readonly number[]) =>
  ptrauthFields.flatMap((field, index) => values[index] ? [`${field.split(".")[1]} ${values[index]}`] : [])
    .join(" ");

/** @param field as in `ID_AA64ISAR1_EL1.APA` */
function shownField({ idRegisters }: HostReport, field: string): number {
  const [register, name] = field.split(".") as [string, string];
  const row = fieldsOfIdRegister(register).find((one) => one.name === name)!;
  return readField(BigInt(idRegisters[register]?.value ?? 0), row);
}

const have = (names: readonly string[]) => names.length === 1 ? "has" : "have";

function commonPmu(fleet: readonly FleetHost[], costs: string[]): boolean {
  const lacking = fleet.filter(({ report }) => !report.pmu.isOffered).map(({ name }) => name);
  if (lacking.length > 0 && lacking.length < fleet.length) {
    costs.push(`performance monitors are lost to ${lacking.join(", ")}, which ${have(lacking)} none`);
  }
  return lacking.length === 0;
}

function commonAddressBits(fleet: readonly FleetHost[], costs: string[]): number {
  const most = fleet.map(({ name, report }) => ({ name, bits: Math.max(...report.ipaBits) }));
  const least = Math.min(...most.map(({ bits }) => bits));
  for (const { name, bits } of most) {
    if (bits > least) {
      costs.push(`${name} could have ${bits} bits of guest-physical address, and has ${least}`);
    }
  }
  return least;
}

/** What a vcpu is given of the features that ID registers tell of. */
interface Grants {
  readonly sve: boolean;
  readonly ptrauth: boolean;
  readonly pmu: boolean;
}

/** Fields that show a feature only to a vcpu that has it. */
const granted: Readonly<Record<keyof Grants, readonly string[]>> = {
  sve: [
    "ID_AA64PFR0_EL1.SVE",
    ...fieldsOfIdRegister("ID_AA64ZFR0_EL1").map(({ name }) => `ID_AA64ZFR0_EL1.${name}`),
  ],
  ptrauth: ptrauthFields,
  pmu: ["ID_AA64DFR0_EL1.PMUVer", "ID_DFR0_EL1.PerfMon"],
};

/** What an ID register of this host shows to a vcpu with these features. */
export function shownIdRegister(report: HostReport, register: string, grants: Grants): bigint {
  const hidden = (Object.keys(granted) as (keyof Grants)[]).filter((name) => !grants[name])
    .flatMap((name) => granted[name]);
  return fieldsOfIdRegister(register)
    .filter(({ name }) => hidden.includes(`${register}.${name}`))
    .reduce((value, field) => writeField(value, field, 0), BigInt(report.idRegisters[register]?.value ?? 0));
}

/** Whether a register describes AArch32, which says nothing where there is none (its values are UNKNOWN then). */
const isAArch32 = (register: string) => /^(ID_(?!AA64)|MVFR)/.test(register);
const EL0 = fieldsOfIdRegister("ID_AA64PFR0_EL1").find(({ name }) => name === "EL0")!;
const aarch32Too = 2;

function commonIdRegisters(
  fleet: readonly FleetHost[],
  grants: Grants,
  costs: string[],
  obstacles: string[],
): Record<string, string> {
  const common: Record<string, string> = {};
  const hasAArch32 = fleet.every(({ report }) =>
    readField(shownIdRegister(report, "ID_AA64PFR0_EL1", grants), EL0) >= aarch32Too
  );
  for (const register of idRegistersWithFields.filter((name) => hasAArch32 || !isAArch32(name))) {
    const values = fleet.map(({ report }) => shownIdRegister(report, register, grants));
    if (values.every((value) => value === values[0])) continue;
    const masks = fleet.map(({ report }) => BigInt(report.idRegisters[register]?.writable ?? 0));
    let value = values[0]!;
    const lowered: string[] = [];
    for (const field of fieldsOfIdRegister(register)) {
      const common = commonField(fleet, { register, field, values, masks }, lowered, obstacles);
      value = writeField(value, field, common);
    }
    if (lowered.length) costs.push(`${register}: ${lowered.join(", ")}`);
    if (values.some((own, index) => (own ^ value) & masks[index]!)) {
      common[register] = "0x" + value.toString(16);
    }
  }
  return common;
}

interface FieldOnHosts {
  readonly register: string;
  readonly field: IdField;
  readonly values: readonly bigint[];
  readonly masks: readonly bigint[];
}

/** The value that the field has everywhere; says what it takes away, or why there is none that it can have. */
function commonField(
  fleet: readonly FleetHost[],
  { register, field, values, masks }: FieldOnHosts,
  lowered: string[],
  obstacles: string[],
): number {
  const own = values.map((value) => readField(value, field));
  if (own.every((value) => value === own[0])) return own[0]!;
  const name = `${register}.${field.name}`;
  const safe = safeValue(field, own);
  const who = fleet.map((host, index) => `${host.name} ${own[index]}`).join(", ");
  if (safe === undefined) {
    obstacles.push(`${name} must be the same everywhere, and is not (${who})`);
    return own[0]!;
  }
  const losing = fleet.flatMap((host, index) => own[index] === safe ? [] : [{ host, index }]);
  const stuck = losing.filter(({ index }) => readField(masks[index]!, field) === 0).map(({ host }) =>
    host.name
  );
  if (stuck.length) obstacles.push(`${name} differs (${who}), and cannot be written on ${stuck.join(", ")}`);
  else {lowered.push(`${field.name} ${safe} (${
      losing.map(({ host, index }) => `${host.name} ${own[index]}`).join(", ")
    })`);}
  return safe;
}
