// velum negotiate: plans a vcpu's features, performs the plan on a vcpu of this host, and shows each step.

import { explain } from "../kvm/explanation.ts";
import { type FeatureRequest, formatSve } from "../kvm/feature_request.ts";
import { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { askHost, type HostOffer, withVcpu, withVm } from "../kvm/host_offer.ts";
import { configureVcpu, negotiate as planFeatures, type Plan, type Refusal } from "../kvm/negotiation.ts";
import { KVM_REG_ARM64_SVE_VLS, registerNamed } from "../kvm/register_id.ts";
import { formatEntry, recorded, type TranscriptEntry } from "../kvm/transcript.ts";
import { formatLengths, lengthsOfVls } from "../kvm/vector_lengths.ts";
import { backendOf, backendOptions, hostOptions } from "./common_options.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";
import { vcpuOptions, type VcpuRequest, vcpuRequestOf } from "./vcpu_options.ts";

export const negotiate: Command = {
  summary: "plans and performs the negotiation of a vcpu's features, and shows each step",
  options: { ...vcpuOptions, json: { help: "print JSON" }, ...hostOptions, ...backendOptions },
  notes: ["Exit status: 0 when the vcpu could be had, 2 when something was refused."],
  run: performNegotiation,
};

/** What the vcpu shows once it is negotiated. */
interface Outcome {
  readonly steps: readonly TranscriptEntry[];
  readonly vectorLengths: readonly number[];
  readonly registers: Readonly<Record<string, bigint>>;
  readonly registerCount: number;
}

async function performNegotiation(given: Given): Promise<number> {
  const request = await vcpuRequestOf(given);
  const wanted = request.features;
  const steps: TranscriptEntry[] = [];
  const kvm = Kvm.open(recorded(backendOf(given), (entry) => void steps.push(entry)));
  const offer = askHost(kvm);
  const negotiated = planFeatures(wanted, offer);
  const isJson = given.has("json");
  if (!isJson) printIntent(wanted, offer);
  if ("refusals" in negotiated) {
    printRefusals(isJson, wanted, offer, negotiated.refusals);
    kvm.close();
    return 2;
  }
  steps.length = 0;
  const outcome = perform(kvm, offer, negotiated.plan, request, steps);
  kvm.close();
  const because = explain(wanted, offer, negotiated.plan);
  if (isJson) console.log(toJson({ wanted, offered: offer, plan: negotiated.plan, because, ...outcome }));
  else printOutcome(negotiated.plan, because, outcome);
  return 0;
}

function perform(
  kvm: Kvm,
  offer: HostOffer,
  plan: Plan,
  { idRegisters = new Map(), ipaBits }: VcpuRequest,
  steps: TranscriptEntry[],
): Outcome {
  return withVm(kvm, offer.ipaBits, (vm) => {
    vm.preferredTarget();
    return withVcpu(vm, (vcpu) => {
      configureVcpu(vcpu, offer.target, plan);
      idRegisters.forEach((value, id) => vcpu.setRegister(id, value));
      const performed = [...steps];
      return { steps: performed, ...describe(vcpu, plan) };
    });
  }, ipaBits);
}

const shownRegisters = [
  "ID_AA64PFR0_EL1",
  "ID_AA64ZFR0_EL1",
  "ID_AA64ISAR1_EL1",
  "ID_AA64ISAR2_EL1",
  "ID_AA64DFR0_EL1",
];

function describe(vcpu: Vcpu, plan: Plan): Omit<Outcome, "steps"> {
  return {
    vectorLengths: plan.vectorLengths.length
      ? lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS))
      : [],
    registers: Object.fromEntries(
      shownRegisters.map((name) => [name, vcpu.getRegister(registerNamed(name))]),
    ),
    registerCount: vcpu.registerList().length,
  };
}

function printIntent(wanted: FeatureRequest, offer: HostOffer) {
  const both = offer.ptrauthAddress && offer.ptrauthGeneric;
  console.log(formatTable([
    ["Wanted", `SVE ${formatSve(wanted.sve)}; pointer authentication ${wanted.ptrauth}; PMU ${wanted.pmu}`],
    [
      "Offered",
      `SVE ${formatLengths(offer.vectorLengths)}; pointer authentication ${onOff(both)}; PMU ${
        onOff(offer.pmu)
      }`,
    ],
  ]));
}

const onOff = (value: boolean) => value ? "yes" : "no";

function printRefusals(
  isJson: boolean,
  wanted: FeatureRequest,
  offered: HostOffer,
  refusals: readonly Refusal[],
) {
  if (isJson) console.log(toJson({ wanted, offered, refusals }));
  for (const { message } of refusals) console.error(`velum: ${message}`);
}

function printOutcome(
  plan: Plan,
  because: readonly string[],
  { steps, vectorLengths, registers, registerCount }: Outcome,
) {
  console.log(`Plan     ${plan.features.join(" | ")}; vector lengths ${formatLengths(plan.vectorLengths)}`);
  because.forEach((sentence) => console.log(`         ${sentence}`));
  console.log("\nSteps");
  steps.forEach((step, index) => console.log(`  ${index + 1}. ${formatEntry(step)}`));
  console.log("\nThe vcpu");
  console.log(formatTable([
    ["  Vector lengths", formatLengths(vectorLengths)],
    ["  Pointer authentication", onOff(plan.ptrauth)],
    ["  Performance monitors", onOff(plan.pmu)],
    ["  Registers listed", registerCount],
    ...Object.entries(registers).map(([name, value]): [string, string] => [
      `  ${name}`,
      "0x" + value.toString(16).padStart(16, "0"),
    ]),
  ]));
}

const toJson = (value: unknown) =>
  JSON.stringify(value, (_, member) => typeof member === "bigint" ? "0x" + member.toString(16) : member, 2);
