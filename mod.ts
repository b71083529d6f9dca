// Velum as a module: the contract, the negotiation, the machine.

export { GuestImageError } from "./guest/guest_error.ts";
export { findProgram, programFile, programs } from "./guest/programs.ts";
export type { Backend } from "./vmm/kvm/backend.ts";
export { everythingAuto, type FeatureRequest, parseSve } from "./vmm/kvm/feature_request.ts";
export { KvmDevice } from "./vmm/kvm/kvm_device.ts";
export { Kvm } from "./vmm/kvm/system.ts";
export { Vcpu } from "./vmm/kvm/vcpu.ts";
export { Vm } from "./vmm/kvm/vm.ts";
export { askHost, type FeatureOffer, type HostOffer } from "./vmm/kvm/host_offer.ts";
export { KvmError } from "./vmm/kvm/kvm_error.ts";
export { configureVcpu, negotiate, type Plan, type Refusal } from "./vmm/kvm/negotiation.ts";
export { KVM_REG_ARM64_SVE_VLS, registerByName, registerName } from "./vmm/kvm/register_id.ts";
export { RequestError } from "./vmm/kvm/request_error.ts";
export { formatEntry, recorded } from "./vmm/kvm/transcript.ts";
export { lengthsOfVls, vlsOfLengths } from "./vmm/kvm/vector_lengths.ts";
export { chooseBackend, type HostProfile, hosts } from "./vmm/machine/backends.ts";
export type { Ending } from "./vmm/machine/ending.ts";
export { Machine, type MachineOptions } from "./vmm/machine/machine.ts";
