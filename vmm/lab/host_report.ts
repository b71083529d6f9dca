// A host's report: all that it offers its vcpus, learned by trying on VMs and vcpus that live no longer than the
// question.

import { capabilities, type Capability } from "../kvm/capabilities.ts";
import { everythingAuto } from "../kvm/feature_request.ts";
import { askHost, type HostOffer, idRegisters, withVcpu, withVm } from "../kvm/host_offer.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { configureVcpu, negotiate, type Plan } from "../kvm/negotiation.ts";
import { KVM_REG_ARM64_SVE_VLS, registerName, registerNamed } from "../kvm/register_id.ts";
import type { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { acceptableSets, vlsOfLengths } from "../kvm/vector_lengths.ts";
import { type TriedCombination, tryCombinations } from "./feature_combinations.ts";
import type { HostReport } from "./host_report_schema.ts";

const reportSchemaName = "velum/host-report/1" satisfies HostReport["schema"];
const ipaRange = { least: 32, most: 52 };
/** PMCR_EL0.N: event counters. */
const counterField = { shift: 11n, mask: 0x1fn };

/** Throws KvmError. Leaves nothing behind. */
export function reportHost(kvm: Kvm): HostReport {
  const offer = askHost(kvm);
  const tried = tryCombinations(kvm, offer.ipaBits, offer.target);
  const [registers, eventCounters] = onBestVcpu(
    kvm,
    offer,
    (vcpu) => [idRegisters(vcpu), offer.pmu ? countersOf(vcpu) : 0],
  );
  return {
    schema: reportSchemaName,
    backend: kvm.backend.name,
    apiVersion: kvm.apiVersion(),
    target: offer.target,
    ipaBits: ipaSizes(kvm),
    vcpus: { most: offer.maxVcpus, recommended: offer.recommendedVcpus },
    capabilities: Object.fromEntries(
      (Object.keys(capabilities) as Capability[]).map((name) => [name, kvm.checkExtension(name)]),
    ),
    vectorLengths: [...offer.vectorLengths],
    vectorLengthSets: tryLengthSets(kvm, offer),
    ptrauth: {
      address: offer.ptrauthAddress,
      generic: offer.ptrauthGeneric,
      algorithm: offer.ptrauthAddress ? ptrauthAlgorithm(registers) : "none",
    },
    pmu: { isOffered: offer.pmu, eventCounters },
    gics: [...offer.gics],
    its: offer.its,
    breakpoints: offer.breakpoints,
    watchpoints: offer.watchpoints,
    ...describeCombinations(tried),
    idRegisters: describeIdRegisters(registers, writableMasks(kvm, offer)),
  };
}

function onBestVcpu<T>(kvm: Kvm, offer: HostOffer, ask: (vcpu: Vcpu) => T): T {
  const { plan } = negotiate(everythingAuto, offer) as { plan: Plan };
  return withVm(kvm, offer.ipaBits, (vm) =>
    withVcpu(vm, (vcpu) => {
      configureVcpu(vcpu, offer.target, plan);
      return ask(vcpu);
    }));
}

const countersOf = (vcpu: Vcpu) =>
  Number(vcpu.getRegister(registerNamed("PMCR_EL0")) >> counterField.shift & counterField.mask);

/** Every number of address bits with which a VM can be made. */
function ipaSizes(kvm: Kvm): number[] {
  const sizes = Array.from(
    { length: ipaRange.most - ipaRange.least + 1 },
    (_, index) => ipaRange.least + index,
  );
  return sizes.filter((size) => {
    try {
      kvm.createVm(size).close();
      return true;
    } catch (error) {
      if (error instanceof KvmError) return false;
      throw error;
    }
  });
}

function tryLengthSets(kvm: Kvm, offer: HostOffer): HostReport["vectorLengthSets"] {
  if (offer.vectorLengths.length === 0) return [];
  return acceptableSets(offer.vectorLengths).map((lengths) => ({
    lengths,
    answer: withVm(kvm, offer.ipaBits, (vm) =>
      withVcpu(vm, (vcpu) => {
        vcpu.init(offer.target, ["KVM_ARM_VCPU_SVE"]);
        try {
          vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(lengths));
          vcpu.finalize("KVM_ARM_VCPU_SVE");
          return 0;
        } catch (error) {
          if (error instanceof KvmError) return error.errno;
          throw error;
        }
      })),
  }));
}

/** Which of ID_AA64ISAR1_EL1's and ID_AA64ISAR2_EL1's fields for addresses is not 0. */
function ptrauthAlgorithm(registers: Readonly<Record<string, bigint>>): HostReport["ptrauth"]["algorithm"] {
  const field = (register: string, shift: bigint) => (registers[register] ?? 0n) >> shift & 0xfn;
  if (field("ID_AA64ISAR1_EL1", 4n)) return "qarma5";
  if (field("ID_AA64ISAR1_EL1", 8n)) return "impdef";
  return field("ID_AA64ISAR2_EL1", 12n) ? "qarma3" : "none";
}

type Combination = HostReport["combinations"][number];

/** How a list of registers differs from that of a vcpu without features. */
interface Difference {
  readonly features: ReadonlySet<string>;
  readonly more: readonly string[];
  readonly fewer: readonly string[];
}

function describeCombinations(tried: readonly TriedCombination[]) {
  const listOf = ({ registers = [] }: TriedCombination) => registers.toSorted(byValue).map(registerName);
  const base = listOf(tried[0]!);
  const known: Difference[] = [];
  const combinations = tried.map((one): Combination => {
    const features: string[] = [...one.features];
    if (one.answer !== 0) return { features, answer: one.answer.errno };
    const list = listOf(one);
    const own = { features: new Set(features), ...difference(base, list) };
    const isSum = isSumOf(own, known.filter((other) => other.features.isSubsetOf(own.features)));
    known.push(own);
    const registers = { count: list.length, ...!isSum && { more: own.more, fewer: own.fewer } };
    return { features, answer: 0, registers };
  });
  return { combinations, registers: base };
}

const byValue = (a: bigint, b: bigint) => a < b ? -1 : 1;

function difference(base: readonly string[], list: readonly string[]) {
  const [has, had] = [new Set(list), new Set(base)];
  return { more: list.filter((name) => !had.has(name)), fewer: base.filter((name) => !has.has(name)) };
}

function isSumOf(whole: Difference, parts: readonly Difference[]): boolean {
  const isWhole = (of: "more" | "fewer") =>
    new Set(parts.flatMap((part) => part[of])).size === whole[of].length &&
    parts.every((part) => part[of].every((name) => whole[of].includes(name)));
  return isWhole("more") && isWhole("fewer");
}

/** None where the kernel is too old to tell. */
function writableMasks(kvm: Kvm, offer: HostOffer): ReadonlyMap<string, bigint> {
  if (!kvm.checkExtension("KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES")) return new Map();
  const masks = withVm(kvm, offer.ipaBits, (vm) => vm.writableMasks());
  return new Map([...masks].map(([id, mask]) => [registerName(id), mask]));
}

const byId = ([a]: [string, bigint], [b]: [string, bigint]) => byValue(registerNamed(a), registerNamed(b));

function describeIdRegisters(
  registers: Readonly<Record<string, bigint>>,
  masks: ReadonlyMap<string, bigint>,
): HostReport["idRegisters"] {
  const hex = (value: bigint) => "0x" + value.toString(16);
  return Object.fromEntries(
    Object.entries(registers).toSorted(byId).map(([name, value]) => [
      name,
      { value: hex(value), writable: hex(masks.get(name) ?? 0n) },
    ]),
  );
}
