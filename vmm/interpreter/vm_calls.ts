// The calls that a VM's descriptor takes.

import { type Capability, capabilityName } from "../kvm/capabilities.ts";
import { deviceTypes, KVM_CREATE_DEVICE_TEST } from "../kvm/device_types.ts";
import { errno } from "../kvm/errno.ts";
import * as calls from "../kvm/ioctls.ts";
import * as layout from "../kvm/structs.ts";
import { featureIdRange, KVM_ARM_FEATURE_ID_RANGE } from "../kvm/vm.ts";
import { attributeCalls, type WithAttributes } from "./attributes.ts";
import { type Bytes, callTable, onAnswer, onInteger, onStruct } from "./calls.ts";
import type { Descriptors, Handle } from "./descriptors.ts";
import { Its } from "./gic/its.ts";
import { checkExtension } from "./host_capabilities.ts";
import { hasAArch32User, type HostProfile } from "./host_profile.ts";
import { setIrqLine } from "./irq_line.ts";
import { writableMask } from "./registers/id_register_fields.ts";
import { vcpuHandle } from "./vcpu_calls.ts";
import { genericTarget } from "./vcpu_features.ts";
import type { Threads } from "./threads.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

const canBeEnabled: readonly Capability[] = ["KVM_CAP_ARM_NISV_TO_USER", "KVM_CAP_ARM_SYSTEM_SUSPEND"];

export function vmHandle(vm: VirtualMachine, descriptors: Descriptors, threads: () => Threads): Handle {
  const { eventfds } = vm;
  return {
    kind: "vm",
    vm,
    isDead: () => vm.isDead,
    release: () => vm.release(),
    unknownCall: errno.EINVAL,
    calls: callTable([
      [calls.KVM_CHECK_EXTENSION, onInteger((number) => checkExtension(vm.profile, number))],
      [calls.KVM_ENABLE_CAP, onStruct(layout.kvm_enable_cap, (asked) => enable(vm, asked))],
      [calls.KVM_ARM_PREFERRED_TARGET, onAnswer(layout.kvm_vcpu_init, () => ({ target: genericTarget }))],
      [calls.KVM_CREATE_VCPU, onInteger((index) => createVcpu(vm, descriptors, threads, index))],
      [
        calls.KVM_SET_USER_MEMORY_REGION,
        onStruct(layout.kvm_userspace_memory_region, (to) => vm.setMemory(to)),
      ],
      [
        calls.KVM_GET_DIRTY_LOG,
        onStruct(layout.kvm_dirty_log, (log, _, room) => vm.takeLog(log, room)),
      ],
      [
        calls.KVM_ARM_GET_REG_WRITABLE_MASKS,
        onStruct(layout.reg_mask_range, (asked, _, room) => tellWritableMasks(vm.profile, asked, room)),
      ],
      [calls.KVM_IRQ_LINE, onStruct(layout.kvm_irq_level, (line) => setIrqLine(vm, line))],
      [
        calls.KVM_IRQFD,
        onStruct(layout.kvm_irqfd, (tie) => eventfds.irqfd(tie, vm.gic?.isInitialised ?? false)),
      ],
      [calls.KVM_IOEVENTFD, onStruct(layout.kvm_ioeventfd, (tie) => setIoeventfd(vm, tie))],
      [
        calls.KVM_CREATE_DEVICE,
        onStruct(layout.kvm_create_device, (asked, bytes) => createDevice(vm, descriptors, asked, bytes)),
      ],
    ]),
  };
}

function enable(vm: VirtualMachine, { cap, flags }: ReturnType<typeof layout.kvm_enable_cap.unpack>): number {
  const name = capabilityName(cap) as Capability;
  if (flags || !canBeEnabled.includes(name)) return -errno.EINVAL;
  vm.enabled.add(name);
  vm.changed();
  return 0;
}

function setIoeventfd(vm: VirtualMachine, tie: ReturnType<typeof layout.kvm_ioeventfd.unpack>): number {
  const answer = vm.eventfds.ioeventfd(tie);
  if (answer === 0) vm.changed();
  return answer;
}

function createVcpu(
  vm: VirtualMachine,
  descriptors: Descriptors,
  threads: () => Threads,
  index: number,
): number {
  const vcpu = vm.createVcpu(index);
  return typeof vcpu === "number" ? vcpu : descriptors.open(vcpuHandle(vcpu, threads));
}

type MaskRange = ReturnType<typeof layout.reg_mask_range.unpack>;

function tellWritableMasks(profile: HostProfile, { range, reserved }: MaskRange, room?: Bytes): number {
  if (range !== KVM_ARM_FEATURE_ID_RANGE || reserved.some((word) => word !== 0)) return -errno.EINVAL;
  if (!room) return -errno.EFAULT;
  const view = new DataView(room.buffer, room.byteOffset, room.byteLength);
  featureIdRange.forEach((id, index) =>
    view.setBigUint64(8 * index, writableMask(id, hasAArch32User(profile)), true)
  );
  return 0;
}

type CreateDevice = ReturnType<typeof layout.kvm_create_device.unpack>;

function createDevice(
  vm: VirtualMachine,
  descriptors: Descriptors,
  asked: CreateDevice,
  bytes: Bytes,
): number {
  const make = deviceMaker(vm, asked.type);
  if (!make) return -errno.ENODEV;
  if (asked.flags & KVM_CREATE_DEVICE_TEST) return 0;
  const device = make();
  if (typeof device === "number") return device;
  const fd = descriptors.open({
    kind: "device",
    isDead: () => vm.isDead,
    unknownCall: errno.ENOTTY,
    calls: callTable(attributeCalls(device)),
  });
  bytes.set(layout.kvm_create_device.pack({ ...asked, fd }));
  return 0;
}

/** None for a type the host does not have. */
function deviceMaker(vm: VirtualMachine, type: number): (() => WithAttributes | number) | undefined {
  const { gics } = vm.profile;
  switch (type) {
    case deviceTypes.KVM_DEV_TYPE_ARM_VGIC_V2:
      return gics.includes("v2") ? () => vm.createGic("v2") : undefined;
    case deviceTypes.KVM_DEV_TYPE_ARM_VGIC_V3:
      return gics.includes("v3") ? () => vm.createGic("v3") : undefined;
    case deviceTypes.KVM_DEV_TYPE_ARM_VGIC_ITS:
      return gics.includes("v3") ? () => new Its(vm.ipaBits) : undefined;
    default:
      return undefined;
  }
}
