// Several vcpus of one VM, each negotiated by itself: KVM lets each have its own vector lengths, and all must have
// the same features. Refusals are outcomes.

import { type CpuTemplate, modifyRegisters } from "../kvm/cpu_template.ts";
import type { FeatureRequest } from "../kvm/feature_request.ts";
import type { HostOffer } from "../kvm/host_offer.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { configureVcpu, negotiate, type Plan, type Refusal } from "../kvm/negotiation.ts";
import { KVM_REG_ARM64_SVE_VLS, type RegisterId, registerNamed } from "../kvm/register_id.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import type { Vm } from "../kvm/vm.ts";
import { lengthsOfVls } from "../kvm/vector_lengths.ts";

/** What one vcpu is asked to be, and what it has become or why not. */
export interface VcpuOutcome {
  readonly index: number;
  readonly wanted: FeatureRequest;
  readonly plan?: Plan;
  /** Why the plan could not be made, or what KVM refused of it. */
  readonly refusals: readonly Refusal[];
  readonly made?: MadeVcpu;
}

export interface MadeVcpu {
  /** In bits. */
  readonly vectorLengths: readonly number[];
  readonly registers: Readonly<Record<string, bigint>>;
  readonly registerCount: number;
}

/** What each is planned to be; nothing is asked of the host. */
export const planVcpus = (wanted: readonly FeatureRequest[], offer: HostOffer): VcpuOutcome[] =>
  wanted.map((request, index) => {
    const negotiated = negotiate(request, offer);
    return "plan" in negotiated
      ? { index, wanted: request, plan: negotiated.plan, refusals: [] }
      : { index, wanted: request, refusals: negotiated.refusals };
  });

export interface GroupStage {
  readonly vm: Vm;
  readonly offer: HostOffer;
  readonly idRegisters: ReadonlyMap<RegisterId, bigint>;
  readonly template: CpuTemplate | undefined;
  /** Why the call that was refused last was, where that is known. */
  readonly adviceOnLast: () => string | undefined;
  /** Called between making the vcpus and looking at them. */
  readonly onMade: () => void;
}

/** Makes those that have a plan, in their order. Throws KvmError for what does not depend on a vcpu's features. */
export function makeVcpus(planned: readonly VcpuOutcome[], stage: GroupStage): VcpuOutcome[] {
  const vcpus = new Map<number, Vcpu>();
  try {
    const outcomes = planned.map((outcome) => {
      if (!outcome.plan) return outcome;
      const vcpu = stage.vm.createVcpu(outcome.index);
      vcpus.set(outcome.index, vcpu);
      return { ...outcome, refusals: refusalsOf(outcome.plan, vcpu, planned, stage) };
    });
    const whole = outcomes.filter(({ plan, refusals }) => plan && refusals.length === 0)
      .map(({ index }) => vcpus.get(index)!);
    const [first] = whole;
    stage.idRegisters.forEach((value, id) => first?.setRegister(id, value));
    if (stage.template && first) modifyRegisters(whole, stage.template);
    stage.onMade();
    return outcomes.map((outcome) =>
      outcome.plan && outcome.refusals.length === 0
        ? { ...outcome, made: describe(vcpus.get(outcome.index)!, outcome.plan) }
        : outcome
    );
  } finally {
    vcpus.forEach((vcpu) => vcpu.close());
  }
}

function refusalsOf(plan: Plan, vcpu: Vcpu, planned: readonly VcpuOutcome[], stage: GroupStage): Refusal[] {
  try {
    configureVcpu(vcpu, stage.offer.target, plan);
    return [];
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    const why = stage.adviceOnLast() ?? error.meaning;
    const message = `${error.ioctl} answered ${error.errno}: ${why}`;
    return [{ field: differingField(plan, planned.find((one) => one.plan)?.plan ?? plan), message }];
  }
}

/** What a vcpu is to have and the first has not, or the other way round. */
function differingField(plan: Plan, first: Plan): Refusal["field"] {
  if (plan.ptrauth !== first.ptrauth) return "ptrauth";
  return plan.pmu !== first.pmu ? "pmu" : "sve";
}

const shownRegisters = [
  "ID_AA64PFR0_EL1",
  "ID_AA64ZFR0_EL1",
  "ID_AA64ISAR1_EL1",
  "ID_AA64ISAR2_EL1",
  "ID_AA64DFR0_EL1",
];

function describe(vcpu: Vcpu, plan: Plan): MadeVcpu {
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
