// What a host offers its vcpus, learned by asking: capabilities, then the register KVM_REG_ARM64_SVE_VLS of a
// vcpu made for the question, which KVM_ARM_VCPU_INIT sets to the best set of lengths the host supports.

import type { DeviceType } from "./device_types.ts";
import type { Backend } from "./backend.ts";
import { Kvm } from "./system.ts";
import type { Vcpu } from "./vcpu.ts";
import type { Vm } from "./vm.ts";
import { RequestError } from "./request_error.ts";
import { KVM_REG_ARM64_SVE_VLS, registerName } from "./register_id.ts";
import { lengthsOfVls } from "./vector_lengths.ts";

/** What negotiation can draw on. */
export interface FeatureOffer {
  /** Vector lengths in bits, ascending; empty on a host without SVE. */
  readonly vectorLengths: readonly number[];
  readonly ptrauthAddress: boolean;
  readonly ptrauthGeneric: boolean;
  readonly pmu: boolean;
}

export type Gic = "v2" | "v3";

export interface HostOffer extends FeatureOffer {
  /** kvm_vcpu_init.target that fits this host. */
  readonly target: number;
  /** Bits of guest-physical address. */
  readonly ipaBits: number;
  readonly maxVcpus: number;
  readonly recommendedVcpus: number;
  readonly gics: readonly Gic[];
  readonly its: boolean;
  readonly breakpoints: number;
  readonly watchpoints: number;
  readonly aarch32: boolean;
  readonly mte: boolean;
}

/** Throws KvmError. Leaves nothing behind. */
export function askHost(kvm: Kvm): HostOffer {
  const has = (capability: Parameters<Kvm["checkExtension"]>[0]) => kvm.checkExtension(capability) > 0;
  const ipaBits = kvm.checkExtension("KVM_CAP_ARM_VM_IPA_SIZE") || defaultIpaBits;
  const hasSve = has("KVM_CAP_ARM_SVE");
  return {
    ptrauthAddress: has("KVM_CAP_ARM_PTRAUTH_ADDRESS"),
    ptrauthGeneric: has("KVM_CAP_ARM_PTRAUTH_GENERIC"),
    pmu: has("KVM_CAP_ARM_PMU_V3"),
    ipaBits,
    maxVcpus: kvm.checkExtension("KVM_CAP_MAX_VCPUS"),
    recommendedVcpus: kvm.checkExtension("KVM_CAP_NR_VCPUS"),
    breakpoints: kvm.checkExtension("KVM_CAP_GUEST_DEBUG_HW_BPS"),
    watchpoints: kvm.checkExtension("KVM_CAP_GUEST_DEBUG_HW_WPS"),
    aarch32: has("KVM_CAP_ARM_EL1_32BIT"),
    mte: has("KVM_CAP_ARM_MTE"),
    ...withVm(kvm, ipaBits, (vm) => {
      const { target } = vm.preferredTarget();
      const vectorLengths = hasSve ? withVcpu(vm, (vcpu) => bestLengths(vcpu, target)) : [];
      return {
        target,
        vectorLengths,
        gics: gicsOf(vm),
        its: vm.canCreateDevice("KVM_DEV_TYPE_ARM_VGIC_ITS"),
      };
    }),
  };
}

/** The same of a backend that nobody has opened. Throws RequestError, KvmError. */
export function offerOf(backend: Backend): HostOffer {
  const kvm = Kvm.open(backend);
  try {
    return askHost(kvm);
  } finally {
    kvm.close();
  }
}

function gicsOf(vm: Vm): Gic[] {
  const types: [Gic, DeviceType][] = [["v2", "KVM_DEV_TYPE_ARM_VGIC_V2"], ["v3", "KVM_DEV_TYPE_ARM_VGIC_V3"]];
  return types.filter(([, type]) => vm.canCreateDevice(type)).map(([gic]) => gic);
}

/** Bits of guest-physical address that KVM_CREATE_VM gives unless asked otherwise. */
const defaultIpaBits = 40;

/**
 * Bits that a VM has here: those asked for, or else the default, or all of a host that has fewer.
 * Throws RequestError for more than the host has.
 */
export function vmIpaBits(hostIpaBits: number, asked = Math.min(hostIpaBits, defaultIpaBits)): number {
  if (asked <= hostIpaBits) return asked;
  throw new RequestError(
    "ipaBits",
    `a VM with ${asked} bits of guest-physical address cannot be had: this host gives ${hostIpaBits} at most`,
  );
}

/** A host that has fewer bits than the default refuses to be asked for that. */
export const createVmWithBits = (kvm: Kvm, ipaBits: number): Vm =>
  kvm.createVm(ipaBits === defaultIpaBits ? 0 : ipaBits);

/** Runs `body` with a VM of `vmIpaBits` that lives no longer. Throws RequestError. */
export function withVm<T>(kvm: Kvm, hostIpaBits: number, body: (vm: Vm) => T, ipaBits?: number): T {
  const vm = createVmWithBits(kvm, vmIpaBits(hostIpaBits, ipaBits));
  try {
    return body(vm);
  } finally {
    vm.close();
  }
}

function bestLengths(vcpu: Vcpu, target: number): number[] {
  vcpu.init(target, ["KVM_ARM_VCPU_SVE"]);
  return lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS));
}

/** Runs `body` with a vcpu, not initialised, that lives no longer. */
export function withVcpu<T>(vm: Vm, body: (vcpu: Vcpu) => T): T {
  const vcpu = vm.createVcpu(0);
  try {
    return body(vcpu);
  } finally {
    vcpu.close();
  }
}

/** The ID registers and their kin that a vcpu of this host shows, by name. */
export function idRegisters(vcpu: Vcpu): Record<string, bigint> {
  const shown = /^(ID_|MVFR|MIDR|REVIDR|CTR_|CLIDR|DCZID|AIDR)/;
  return Object.fromEntries(
    vcpu.registerList()
      .map((id) => [registerName(id), id] as const)
      .filter(([name]) => shown.test(name))
      .map(([name, id]) => [name, vcpu.getRegister(id)]),
  );
}
