// A VM as other threads are told of it.

import { openedEngineRoom } from "./engine_room.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { HostProfile } from "./host_profile.ts";
import type { VmShare } from "./machine_share.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

export function shareOf(vm: VirtualMachine): VmShare {
  const [virtual, physical] = vm.timerInterrupts as [number, number];
  return {
    number: vm.number,
    profile: profileOf(vm),
    ipaBits: vm.ipaBits,
    module: openedEngineRoom()?.makeModule(),
    memory: vm.arena.memory,
    news: vm.news,
    gic: gicOf(vm),
    inputs: vm.inputState,
    timers: vm.counters.state,
    timerInterrupts: [virtual, physical],
    power: vm.powerState,
    guestTime: vm.guestTime,
    seed: vm.seed,
    timeOrigin: performance.timeOrigin,
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

function gicOf({ gic, vcpus }: VirtualMachine): VmShare["gic"] {
  if (!gic?.model) return undefined;
  const common = {
    words: gic.model.words as Int32Array<SharedArrayBuffer>,
    vcpus: gic.modelled,
    interrupts: gic.interrupts,
    distributor: Number(gic.addresses.distributor),
  };
  if (gic.version === "v2") {
    return { ...common, version: "v2", cpuInterface: Number(gic.addresses.cpuInterface) };
  }
  const frames = new Map(gic.addresses.redistributors.map(({ vcpu, base }) => [vcpu, Number(base)]));
  return {
    ...common,
    version: "v3",
    redistributors: Array.from(
      { length: gic.modelled },
      (_, index) => vcpus.has(index) ? frames.get(index) ?? -1 : -1,
    ),
  };
}
