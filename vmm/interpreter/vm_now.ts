// What of a VM can change while its vcpus run on other threads: its memory slots, its ioeventfds, its firmware's
// settings, its vcpus. Plain data, published whole whenever any of it changes.

import { registerNamed } from "../kvm/register_id.ts";
import { memoryFlags } from "../kvm/vm.ts";
import type { Region } from "./a64/physical_memory.ts";
import type { Attention } from "./attention.ts";
import type { MemorySlots } from "./memory_slots.ts";
import type { Published, Reader } from "./published.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

export interface VmNow {
  readonly slots: readonly SlotNow[];
  readonly ioeventfds: readonly IoeventfdNow[];
  readonly firmware: FirmwareNow;
  /** KVM_CAP_ARM_NISV_TO_USER is enabled. */
  readonly givesNisv: boolean;
  readonly vcpus: readonly Reader[];
}

/** A slot, its guest-physical and its own addresses as numbers. */
export interface SlotNow {
  readonly slot: number;
  readonly flags: number;
  readonly base: number;
  readonly size: number;
  readonly offset: number;
  /** Where the log of its writes lies in the arena, if there is one. */
  readonly log?: number | undefined;
}

/** A guest's write of `len` bytes, or any if it is 0, to this address signals an eventfd. */
export interface IoeventfdNow {
  readonly addr: number;
  readonly len: number;
  /** The value that it must have, in decimal digits. */
  readonly match?: string | undefined;
  /** Where the eventfd lies in the arena. */
  readonly eventfd: number;
}

export interface FirmwareNow {
  readonly psciVersion: number;
  readonly standardServices: number;
  readonly hypervisorServices: number;
  readonly vendorServices: number;
  readonly canSuspendSystem: boolean;
}

export function vmNow(vm: VirtualMachine): VmNow {
  return {
    slots: vm.memory.now,
    ioeventfds: vm.eventfds.ioeventfds,
    firmware: firmwareOf(vm),
    givesNisv: vm.enabled.has("KVM_CAP_ARM_NISV_TO_USER"),
    vcpus: [...vm.vcpus.values()].map(({ index, base }) => ({ index, base })),
  };
}

function firmwareOf({ firmware, enabled, features }: VirtualMachine): FirmwareNow {
  const bitmap = (name: string) => Number(firmware.hypercalls.get(registerNamed(name)) ?? 0n);
  return {
    psciVersion: Number(firmware.versionOf(features?.has("KVM_ARM_VCPU_PSCI_0_2") ?? false)),
    standardServices: bitmap("KVM_REG_ARM_STD_BMAP"),
    hypervisorServices: bitmap("KVM_REG_ARM_STD_HYP_BMAP"),
    vendorServices: bitmap("KVM_REG_ARM_VENDOR_HYP_BMAP"),
    canSuspendSystem: enabled.has("KVM_CAP_ARM_SYSTEM_SUSPEND"),
  };
}

/** A VM's slots as a thread's guest memory; a guest finds nothing where a slot's memory is not the arena's. */
export function regionsOf(slots: readonly SlotNow[], buffer: ArrayBufferLike): Region[] {
  return slots.filter(({ offset, size }) => offset + size <= buffer.byteLength).map((slot) => ({
    base: slot.base,
    size: slot.size,
    offset: slot.offset,
    isReadOnly: (slot.flags & memoryFlags.KVM_MEM_READONLY) !== 0,
    written: slot.log === undefined ? undefined : new Uint8Array(buffer, slot.log, logBytes(slot.size)),
  }));
}

/** KVM_SET_USER_MEMORY_REGION, on whichever thread: when it returns no vcpu reaches what was there before. */
export function setSlot(
  published: Published<VmNow>,
  memory: MemorySlots,
  region: Parameters<MemorySlots["set"]>[0],
  attention: Attention,
): number {
  let answer = 0, gone: number[] = [];
  const now = published.update((before) => {
    memory.adopt(before.slots);
    const slots = memory.all;
    answer = memory.set(region);
    gone = memory.logsGone(slots);
    return answer === 0 ? { ...before, slots: memory.now } : before;
  });
  published.waitFor(now.vcpus, attention);
  for (const log of gone) memory.arena?.free(log);
  return answer;
}

/** Bit n for page n, in whole words of 64 bits. */
export const logBytes = (size: number) => 8 * Math.ceil(size / 4096 / 64);
