// What a guest sees from inside, held against what its vcpu was given: the tiny guest `features` boots and tells.

import { findProgram, programFile } from "../../guest/programs.ts";
import { MiB } from "../../guest/ram.ts";
import type { Backend } from "../kvm/backend.ts";
import type { FeatureRequest } from "../kvm/feature_request.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { Machine } from "../machine/machine.ts";
import type { Combination } from "./matrix.ts";

const memorySize = 16 * MiB;
const mostSeconds = 120;

/** What the vcpu has, by the names of the lines that the guest prints. */
export type Expected = ReadonlyMap<string, string>;

/**
 * The request that gives a guest's vcpu this combination. None does for one without PSCI, which Velum gives every
 * guest, or with AArch32, which none of its guests is.
 */
export function requestFor({ features, vectorLengths }: Combination): FeatureRequest | undefined {
  const has = (name: Combination["features"][number]) => features.includes(name);
  if (!has("KVM_ARM_VCPU_PSCI_0_2") || has("KVM_ARM_VCPU_EL1_32BIT")) return undefined;
  return {
    sve: !has("KVM_ARM_VCPU_SVE")
      ? { kind: "off" }
      : vectorLengths
      ? { kind: "exact", lengths: vectorLengths }
      : { kind: "auto" },
    ptrauth: has("KVM_ARM_VCPU_PTRAUTH_ADDRESS") ? "on" : "off",
    pmu: has("KVM_ARM_VCPU_PMU_V3") ? "on" : "off",
  };
}

/** Boots the guest; a sentence for each thing that it sees otherwise than it was given. Throws RequestError, KvmError. */
export async function whatDiffersInside(backend: Backend, features: FeatureRequest): Promise<string[]> {
  const machine = await Machine.create({
    backend,
    cpus: 1,
    memorySize,
    features,
    kernel: Deno.readFileSync(programFile(findProgram("features")!)),
    commandLine: "",
  });
  try {
    const { plan, vcpus: [vcpu] } = machine.virtual;
    const registers = readRegisters(vcpu!);
    const said = await consoleOf(machine);
    return typeof said === "string" ? [said] : differences(expectedOf(plan, registers), said);
  } finally {
    machine.close();
  }
}

/** The guest's lines by their names, or how it failed. */
async function consoleOf(machine: Machine): Promise<ReadonlyMap<string, string> | string> {
  const timer = setTimeout(() => machine.end({ kind: "timeout", seconds: mostSeconds }), 1000 * mostSeconds);
  const decoder = new TextDecoder();
  let text = "";
  try {
    machine.start();
    for await (const bytes of machine.output()) text += decoder.decode(bytes, { stream: true });
    const ending = await machine.ended;
    if (ending.kind === "exit" && ending.status === 0) return linesOf(text);
    const how = "reason" in ending ? `${ending.kind}: ${ending.reason}` : ending.kind;
    return `the guest did not come to its end (${how})`;
  } finally {
    clearTimeout(timer);
  }
}

/** `name: value` lines. */
export const linesOf = (text: string): Map<string, string> =>
  new Map(
    text.split("\n").filter(Boolean).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );

/** The ID registers that the guest prints, which are as many as it prints in hexadecimal under a register's name. */
const printed = ["MIDR_EL1", "MPIDR_EL1", "ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1", "ID_AA64ZFR0_EL1"].concat(
  ["ID_AA64DFR0_EL1", "ID_AA64ISAR0_EL1", "ID_AA64ISAR1_EL1", "ID_AA64ISAR2_EL1", "ID_AA64MMFR0_EL1"],
);

const readRegisters = (vcpu: Vcpu): ReadonlyMap<string, bigint> =>
  new Map(printed.map((name) => [name, vcpu.getRegister(registerNamed(name))]));

/** What the guest must print of a vcpu that was given this. */
export function expectedOf(
  given: { vectorLengths: readonly number[]; ptrauth: boolean; pmu: boolean },
  registers: ReadonlyMap<string, bigint>,
): Expected {
  const algorithm = given.ptrauth ? "an algorithm" : "none";
  return new Map([
    ...[...registers].map(([name, value]): [string, string] => [
      name.toLowerCase(),
      "0x" + value.toString(16).padStart(16, "0"),
    ]),
    ["sve", given.vectorLengths.join(" ") || "none"],
    ["pauth address", algorithm],
    ["pauth generic", algorithm],
    ["pauth hints", given.ptrauth ? "sign" : "nop"],
    ...given.ptrauth ? [["pauth round trip", "ok"]] as const : [],
    ["pmu version", given.pmu ? "one" : "0"],
  ]);
}

export function differences(expected: Expected, seen: ReadonlyMap<string, string>): string[] {
  return [...expected].flatMap(([name, wanted]) => {
    const value = seen.get(name);
    if (value === undefined) return [`the guest says nothing of "${name}", which must be ${wanted}`];
    if (wanted === "an algorithm" && value !== "none") return [];
    if (wanted === "one" && value !== "0") return [];
    return value === wanted ? [] : [`the guest sees "${name}: ${value}", and was given ${wanted}`];
  });
}
