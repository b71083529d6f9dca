// A VM as other threads are told of it.

import { engineRoom } from "./engine_room.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { HostProfile } from "./host_profile.ts";
import type { FirmwareShare, GicShare, VmShare } from "./machine_share.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

export function shareOf(vm: VirtualMachine): VmShare {
  const [virtual, physical] = vm.timerInterrupts as [number, number];
  const profile = profileOf(vm);
  return {
    profile,
    module: engineRoom().engineModule(profile),
    memory: vm.arena.memory,
    ipaBits: vm.ipaBits,
    slots: vm.memory.all,
    gic: gicOf(vm),
    timers: vm.counters.state,
    timerInterrupts: [virtual, physical],
    power: vm.powerState,
    timeOrigin: performance.timeOrigin,
    firmware: firmwareOf(vm),
    givesNisv: vm.enabled.has("KVM_CAP_ARM_NISV_TO_USER"),
    vcpus: [...vm.vcpus.values()].map((vcpu) => vcpu.share()),
  };
}

function profileOf(vm: VirtualMachine): HostProfile {
  const ids = vm.idRegisters();
  const names = Object.keys(vm.profile.idRegisters);
  const [first] = vm.vcpus.values();
  return {
    ...vm.profile,
    vectorLengths: first?.vectorLengths ?? [],
    idRegisters: Object.fromEntries(names.map((name) => [name, ids.get(registerNamed(name))])),
  };
}

function gicOf({ gic, vcpus }: VirtualMachine): GicShare | undefined {
  if (!gic?.model || gic.version !== "v3") return undefined;
  const frames = new Map(gic.addresses.redistributors.map(({ vcpu, base }) => [vcpu, Number(base)]));
  return {
    words: gic.model.state.words as Int32Array<SharedArrayBuffer>,
    vcpus: gic.modelled,
    interrupts: gic.interrupts,
    distributor: Number(gic.addresses.distributor),
    redistributors: Array.from(
      { length: gic.modelled },
      (_, index) => vcpus.has(index) ? frames.get(index) ?? -1 : -1,
    ),
  };
}

function firmwareOf({ firmware, enabled }: VirtualMachine): FirmwareShare {
  const bitmap = (name: string) => Number(firmware.hypercalls.get(registerNamed(name)) ?? 0n);
  return {
    psciVersion: Number(firmware.version),
    standardServices: bitmap("KVM_REG_ARM_STD_BMAP"),
    hypervisorServices: bitmap("KVM_REG_ARM_STD_HYP_BMAP"),
    vendorServices: bitmap("KVM_REG_ARM_VENDOR_HYP_BMAP"),
    canSuspendSystem: enabled.has("KVM_CAP_ARM_SYSTEM_SUSPEND"),
  };
}
