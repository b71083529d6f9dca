// A VM as other threads are told of it.

import { engineRoom } from "./engine_room.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { HostProfile } from "./host_profile.ts";
import type { FirmwareShare, GicShare, RegionShare, VmShare } from "./machine_share.ts";
import type { Slot } from "./memory_slots.ts";
import { memoryFlags } from "../kvm/vm.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

export function shareOf(vm: VirtualMachine): VmShare {
  const [virtual, physical] = vm.timerInterrupts as [number, number];
  const profile = profileOf(vm);
  return {
    profile,
    module: engineRoom().engineModule(profile),
    memory: vm.arena.memory,
    regions: vm.memory.all.flatMap((slot) => regionOf(slot, vm.arena.memory.buffer.byteLength)),
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

/** None for memory that is not the arena's: a guest finds nothing there. */
function regionOf(slot: Slot, arenaBytes: number): RegionShare[] {
  const offset = Number(slot.userspace_addr), size = Number(slot.memory_size);
  if (offset + size > arenaBytes) return [];
  const isReadOnly = (slot.flags & memoryFlags.KVM_MEM_READONLY) !== 0;
  return [{ base: Number(slot.guest_phys_addr), size, offset, isReadOnly, written: slot.written }];
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
