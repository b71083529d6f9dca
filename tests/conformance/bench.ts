// What a case works with: a backend and what its host offers, and VMs, vcpus and memory that are given back
// when the case is over.

import type { Backend, HostMemory } from "../../vmm/kvm/backend.ts";
import { type Gic, type HostOffer } from "../../vmm/kvm/host_offer.ts";
import { gicAttributes as gic } from "../../vmm/kvm/device_types.ts";
import { errnoName } from "../../vmm/kvm/errno.ts";
import type { FeatureName } from "../../vmm/kvm/features.ts";
import { KvmDevice } from "../../vmm/kvm/kvm_device.ts";
import type { Kvm } from "../../vmm/kvm/system.ts";
import type { Vcpu } from "../../vmm/kvm/vcpu.ts";
import type { Vm } from "../../vmm/kvm/vm.ts";
import type { Ioctl } from "../../vmm/kvm/ioctl.ts";
import { KVM_REG_ARM64_SVE_VLS } from "../../vmm/kvm/register_id.ts";
import { vlsOfLengths } from "../../vmm/kvm/vector_lengths.ts";
import type { Answer } from "./case.ts";

export interface HostUnderTest {
  readonly backend: Backend;
  readonly kvm: Kvm;
  readonly offer: HostOffer;
  /** A descriptor that KVM_IRQFD and KVM_IOEVENTFD of this backend take, and its `close`. */
  eventfd(): number;
}

/** Where the machine's interrupt controller lies (see vmm/machine/board.ts). */
export const gicMap = { distributor: 0x0800_0000n, cpuInterface: 0x0801_0000n, redistributors: 0x080a_0000n };

export const hasSve = (offer: HostOffer) => offer.vectorLengths.length > 0;
export const hasPtrauth = (offer: HostOffer) => offer.ptrauthAddress && offer.ptrauthGeneric;
export const hasPmu = (offer: HostOffer) => offer.pmu;
export const hasGicV2 = (offer: HostOffer) => offer.gics.includes("v2");
export const hasGicV3 = (offer: HostOffer) => offer.gics.includes("v3");

export const psci: readonly FeatureName[] = ["KVM_ARM_VCPU_PSCI_0_2"];
export const sve: readonly FeatureName[] = [...psci, "KVM_ARM_VCPU_SVE"];
export const ptrauth: readonly FeatureName[] = [
  ...psci,
  "KVM_ARM_VCPU_PTRAUTH_ADDRESS",
  "KVM_ARM_VCPU_PTRAUTH_GENERIC",
];
export const pmu: readonly FeatureName[] = [...psci, "KVM_ARM_VCPU_PMU_V3"];

export class Bench implements Disposable {
  readonly #cleanup = new DisposableStack();
  readonly kvm: Kvm;
  readonly offer: HostOffer;

  constructor(readonly host: HostUnderTest) {
    this.kvm = host.kvm;
    this.offer = host.offer;
  }

  vm(ipaBits = 0): Vm {
    return this.keep(this.kvm.createVm(ipaBits));
  }

  /** A vcpu that was never initialised. */
  blankVcpu(vm = this.vm(), index = 0): Vcpu {
    return this.keep(vm.createVcpu(index));
  }

  /** A vcpu initialised with these features; SVE, if among them, is not finalized. */
  vcpu(features = psci, vm = this.vm(), index = 0): Vcpu {
    const vcpu = this.blankVcpu(vm, index);
    vcpu.init(this.offer.target, features);
    return vcpu;
  }

  /** A vcpu that is ready to run; with SVE, it has these lengths (in bits; the host's best unless given). */
  readyVcpu(features = psci, lengths = this.offer.vectorLengths, vm = this.vm(), index = 0): Vcpu {
    const vcpu = this.vcpu(features, vm, index);
    if (!features.includes("KVM_ARM_VCPU_SVE")) return vcpu;
    vcpu.setRegisterBytes(KVM_REG_ARM64_SVE_VLS, vlsOfLengths(lengths));
    vcpu.finalize("KVM_ARM_VCPU_SVE");
    return vcpu;
  }

  /** The interrupt controller this host has, created but neither placed nor initialised. */
  gic(vm: Vm, version: Gic = this.offer.gics[0]!): KvmDevice {
    return this.keep(
      vm.createDevice(version === "v3" ? "KVM_DEV_TYPE_ARM_VGIC_V3" : "KVM_DEV_TYPE_ARM_VGIC_V2"),
    );
  }

  /** The same, placed and initialised; the VM's vcpus must be there. */
  readyGic(vm: Vm): KvmDevice {
    const version = this.offer.gics[0]!;
    const device = this.gic(vm, version);
    placeGic(device, version);
    device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_CTRL, gic.KVM_DEV_ARM_VGIC_CTRL_INIT);
    return device;
  }

  /** A VM with one vcpu and a controller that is ready. */
  vmWithGic(): Vm {
    const vm = this.vm();
    this.vcpu(psci, vm);
    this.readyGic(vm);
    return vm;
  }

  eventfd(): number {
    const fd = this.host.eventfd();
    this.#cleanup.defer(() => this.host.backend.close(fd));
    return fd;
  }

  memory(size: number): HostMemory {
    const memory = this.host.backend.allocate(size);
    this.#cleanup.defer(() => this.host.backend.free(memory));
    return memory;
  }

  defer(cleanup: () => void) {
    this.#cleanup.defer(cleanup);
  }

  keep<T extends { close(): void }>(handle: T): T {
    this.#cleanup.defer(() => handle.close());
    return handle;
  }

  [Symbol.dispose]() {
    this.#cleanup.dispose();
  }
}

/** The GICv3 address attribute whose value is a region of redistributors: base, index and count in one word. */
export const KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION = 5;
export const redistRegion = (base: bigint, index: bigint, count: bigint) => count << 52n | base | index;

/** Bytes of a 64-bit attribute. */
export const u64Bytes = (value: bigint) => new Uint8Array(new BigUint64Array([value]).buffer);
export const u32Bytes = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);

export function setGicAddress(device: KvmDevice, type: number | bigint, address: bigint) {
  device.setAttribute(gic.KVM_DEV_ARM_VGIC_GRP_ADDR, type, u64Bytes(address));
}

export function placeGic(device: KvmDevice, version: Gic) {
  if (version === "v3") {
    setGicAddress(device, gic.KVM_VGIC_V3_ADDR_TYPE_DIST, gicMap.distributor);
    setGicAddress(device, gic.KVM_VGIC_V3_ADDR_TYPE_REDIST, gicMap.redistributors);
  } else {
    setGicAddress(device, gic.KVM_VGIC_V2_ADDR_TYPE_DIST, gicMap.distributor);
    setGicAddress(device, gic.KVM_VGIC_V2_ADDR_TYPE_CPU, gicMap.cpuInterface);
  }
}

/** What a call answers that no typed method would make. */
export function rawAnswer(
  { backend, fd }: { readonly backend: Backend; readonly fd: number },
  ioctl: Ioctl,
  argument: number | Uint8Array<ArrayBuffer>,
  pointee?: Uint8Array<ArrayBuffer>,
): Answer {
  const answer = backend.ioctl(fd, ioctl, argument, pointee);
  return answer < 0 ? errnoName(-answer) : answer;
}
