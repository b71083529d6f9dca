// A VM on the contract, with its memory, its negotiated vcpus and its interrupt controller, ready to be loaded.
// The order of the calls is KVM's: memory, vcpus, interrupt controller (which needs to know the vcpus), PMU.

import { GuestMemory } from "../../guest/memory.ts";
import { formatSize, KiB, MiB } from "../../guest/ram.ts";
import type { Backend, HostMemory } from "../kvm/backend.ts";
import { checkCapabilities, type CpuTemplate, modifyRegisters } from "../kvm/cpu_template.ts";
import { gicAttributes } from "../kvm/device_types.ts";
import type { FeatureRequest } from "../kvm/feature_request.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import type { KvmDevice } from "../kvm/kvm_device.ts";
import { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import type { Vm } from "../kvm/vm.ts";
import { askHost, createVmWithBits, type Gic, type HostOffer, vmIpaBits } from "../kvm/host_offer.ts";
import { configureVcpu, negotiate, type Plan } from "../kvm/negotiation.ts";
import { type RegisterId, registerName, registerNamed } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { tellWhatIsExecuted } from "./executed_fields.ts";
import { flashBanks, gic, mostVcpus, ppi, ramBase } from "./board.ts";
import { showBank } from "./flash_banks.ts";

/** arm64's asm/kvm.h: attributes of a vcpu's PMU. */
const pmuAttributes = {
  KVM_ARM_VCPU_PMU_V3_CTRL: 0,
  KVM_ARM_VCPU_PMU_V3_IRQ: 0,
  KVM_ARM_VCPU_PMU_V3_INIT: 1,
};

const leastMemory = 2 * MiB;

export interface VirtualMachineOptions {
  readonly cpus: number;
  /** Bytes. */
  readonly memorySize: number;
  readonly features: FeatureRequest;
  /** For the firmware that starts the machine, if any does. */
  readonly hasFlash: boolean;
  /** What the vcpus' ID registers are to be, beside what follows from the features. */
  readonly idRegisters?: ReadonlyMap<RegisterId, bigint>;
  /** What a CPU template changes beside the features. */
  readonly template?: CpuTemplate | undefined;
  /** Bits of guest-physical address; `vmIpaBits` unless given. */
  readonly ipaBits?: number | undefined;
}

export interface VirtualMachine {
  readonly kvm: Kvm;
  readonly vm: Vm;
  readonly vcpus: readonly Vcpu[];
  readonly hostMemory: HostMemory;
  readonly memory: GuestMemory;
  /** The banks' memory. */
  readonly flash: readonly HostMemory[];
  readonly offer: HostOffer;
  readonly plan: Plan;
  readonly gic: Gic;
  /** MPIDR_EL1's affinity fields of each vcpu. */
  readonly mpidrs: readonly bigint[];
  /** Whether a guest's access that KVM cannot describe comes to the monitor and can be answered. */
  readonly canAbort: boolean;
  close(): void;
}

/** Throws RequestError for what cannot be had, KvmError for what KVM refuses; leaves nothing behind then. */
export function createVirtualMachine(backend: Backend, options: VirtualMachineOptions): VirtualMachine {
  const undo: (() => void)[] = [];
  const close = () => undo.splice(0).reverse().forEach((step) => step());
  try {
    return build(backend, options, undo, close);
  } catch (error) {
    close();
    throw error;
  }
}

function build(
  backend: Backend,
  options: VirtualMachineOptions,
  undo: (() => void)[],
  close: () => void,
): VirtualMachine {
  const opened = <T extends { close(): void }>(handle: T): T => {
    undo.push(() => handle.close());
    return handle;
  };
  const kvm = opened(Kvm.open(backend));
  const { template } = options;
  if (template) checkCapabilities(kvm, template);
  const offer = askHost(kvm);
  const version = chooseGic(offer);
  const ipaBits = vmIpaBits(offer.ipaBits, options.ipaBits);
  checkSize(options, offer, version, ipaBits);
  const plan = planOrRefuse(options.features, offer);
  const vm = opened(createVmWithBits(kvm, ipaBits));
  const allocate = (size: number) => {
    const memory = backend.allocate(size);
    undo.push(() => backend.free(memory));
    return memory;
  };
  const hostMemory = allocate(options.memorySize);
  vm.setUserMemoryRegion({
    slot: 0,
    guestAddress: BigInt(ramBase),
    size: BigInt(options.memorySize),
    hostAddress: hostMemory.address,
  });
  const flash = options.hasFlash ? flashBanks.map(({ size }) => allocate(size)) : [];
  flash.forEach(({ address }, bank) => showBank(vm, bank, address, true));
  const canAbort = enableAborts(vm);
  const vcpus = Array.from({ length: options.cpus }, (_, index) => {
    const vcpu = opened(vm.createVcpu(index));
    configureVcpu(vcpu, offer.target, plan, index === 0 ? [] : ["KVM_ARM_VCPU_POWER_OFF"]);
    return vcpu;
  });
  giveIdRegisters(vcpus[0]!, options.idRegisters);
  if (template) modifyRegisters(vcpus, template);
  tellWhatIsExecuted(backend, vcpus[0]!);
  opened(createGic(vm, version));
  if (plan.pmu) vcpus.forEach(startPmu);
  const memory = new GuestMemory(hostMemory.bytes, ramBase);
  const mpidrs = vcpus.map((vcpu) => vcpu.getRegister(registerNamed("MPIDR_EL1")) & affinityFields);
  return { kvm, vm, vcpus, hostMemory, memory, flash, offer, plan, gic: version, mpidrs, canAbort, close };
}

/** The ID registers of one vcpu are the whole VM's. */
function giveIdRegisters(vcpu: Vcpu, values: ReadonlyMap<RegisterId, bigint> = new Map()) {
  for (const [id, value] of values) {
    try {
      vcpu.setRegister(id, value);
    } catch (error) {
      if (!(error instanceof KvmError)) throw error;
      const name = `${registerName(id)} cannot be 0x${value.toString(16)}`;
      throw new RequestError("config", `${name} on this host (${error.errno}): ${error.meaning}`);
    }
  }
}

/** Aff3 in bits 39 to 32, Aff2 to Aff0 in bits 23 to 0 (Arm DDI 0487, MPIDR_EL1). */
const affinityFields = 0xff_00ff_ffffn;

function chooseGic({ gics }: HostOffer): Gic {
  if (gics.includes("v3")) return "v3";
  if (gics.includes("v2")) return "v2";
  throw new RequestError(
    "backend",
    "this host's KVM has no interrupt controller for guests, neither GICv3 nor GICv2",
  );
}

function checkSize(
  { cpus, memorySize }: VirtualMachineOptions,
  offer: HostOffer,
  version: Gic,
  ipaBits: number,
) {
  const most = Math.min(offer.maxVcpus, mostVcpus(version));
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > most) {
    throw new RequestError(
      "cpus",
      `${cpus} vcpus cannot be had: this host gives a VM with GIC${version} 1 to ${most}`,
    );
  }
  if (memorySize < leastMemory) {
    throw new RequestError(
      "memory",
      `${formatSize(memorySize)} of memory are too little; give ${formatSize(leastMemory)} or more`,
    );
  }
  if (memorySize % (64 * KiB) !== 0) {
    throw new RequestError(
      "memory",
      `${memorySize} bytes of memory are not a multiple of 64 KiB, the largest page a host can have`,
    );
  }
  const room = 2 ** ipaBits - ramBase;
  if (memorySize > room) {
    throw new RequestError(
      "memory",
      `${formatSize(memorySize)} of memory do not fit in ${ipaBits} address bits; ${formatSize(room)} do`,
    );
  }
}

function planOrRefuse(features: FeatureRequest, offer: HostOffer): Plan {
  const negotiated = negotiate(features, offer);
  if ("plan" in negotiated) return negotiated.plan;
  const { refusals } = negotiated;
  throw new RequestError(refusals[0]!.field, refusals.map(({ message }) => message).join("; and "));
}

function enableAborts(vm: Vm): boolean {
  if (!vm.checkExtension("KVM_CAP_ARM_NISV_TO_USER")) return false;
  vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER");
  return vm.checkExtension("KVM_CAP_ARM_INJECT_EXT_DABT") > 0;
}

const addressBytes = (address: number) => new Uint8Array(new BigUint64Array([BigInt(address)]).buffer);
const wordBytes = (word: number) => new Uint8Array(new Uint32Array([word]).buffer);

function createGic(vm: Vm, version: Gic): KvmDevice {
  const attributes = gicAttributes;
  const place = (attr: number, address: number) =>
    device.setAttribute(attributes.KVM_DEV_ARM_VGIC_GRP_ADDR, attr, addressBytes(address));
  const device = vm.createDevice(version === "v3" ? "KVM_DEV_TYPE_ARM_VGIC_V3" : "KVM_DEV_TYPE_ARM_VGIC_V2");
  device.setAttribute(attributes.KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, wordBytes(gic.interrupts));
  if (version === "v3") {
    place(attributes.KVM_VGIC_V3_ADDR_TYPE_DIST, gic.distributor.base);
    place(attributes.KVM_VGIC_V3_ADDR_TYPE_REDIST, gic.redistributors.base);
  } else {
    place(attributes.KVM_VGIC_V2_ADDR_TYPE_DIST, gic.distributor.base);
    place(attributes.KVM_VGIC_V2_ADDR_TYPE_CPU, gic.cpuInterfaceV2.base);
  }
  device.setAttribute(attributes.KVM_DEV_ARM_VGIC_GRP_CTRL, attributes.KVM_DEV_ARM_VGIC_CTRL_INIT);
  return device;
}

/** KVM runs no vcpu with a PMU before it has an interrupt (kernel document "Generic vcpu interface", 1.1, 1.2). */
function startPmu(vcpu: Vcpu) {
  const { KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, KVM_ARM_VCPU_PMU_V3_INIT } = pmuAttributes;
  vcpu.setAttribute(KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, wordBytes(ppi.pmu));
  vcpu.setAttribute(KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT);
}
