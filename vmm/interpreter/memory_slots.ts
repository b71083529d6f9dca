// A VM's memory slots and their logs of written pages (KVM document, "4.35 KVM_SET_USER_MEMORY_REGION" and
// "4.8 KVM_GET_DIRTY_LOG").

import { errno } from "../kvm/errno.ts";
import { memoryFlags } from "../kvm/vm.ts";
import { kvm_dirty_log, kvm_userspace_memory_region } from "../kvm/structs.ts";
import type { Region as MemoryRegion } from "./a64/physical_memory.ts";
import type { Bytes } from "./calls.ts";

/** Slots of a VM: KVM_CAP_NR_MEMSLOTS. */
export const slotCount = 32767;

const pageBits = 12n;
const pageMask = (1n << pageBits) - 1n;
const mostPages = (1n << 31n) - 1n;
const addressMask = (1n << 64n) - 1n;
/** What a 64-bit process of Linux can have as addresses of its own. */
const userAddresses = 1n << 52n;
const knownFlags = memoryFlags.KVM_MEM_LOG_DIRTY_PAGES | memoryFlags.KVM_MEM_READONLY;

type Region = ReturnType<typeof kvm_userspace_memory_region.unpack>;
type DirtyLog = ReturnType<typeof kvm_dirty_log.unpack>;

/** A piece of guest-physical memory. */
export interface Slot extends Region {
  /** Bit n for page n, in whole words of 64 bits; only where writes are logged. */
  readonly written?: Uint8Array<SharedArrayBuffer>;
}

export class MemorySlots {
  readonly #slots: Map<number, Slot>;

  /** @param slots those that another thread has made */
  constructor(readonly ipaBits: number, slots: readonly Slot[] = []) {
    this.#slots = new Map(slots.map((slot) => [slot.slot, slot]));
  }

  /** Makes, moves, changes or removes a slot. */
  set(region: Region): number {
    const old = this.#slots.get(region.slot);
    const refusal = refuseNumbers(region) ??
      (region.memory_size ? this.#refuseChange(region, old) : undefined);
    if (refusal) return -refusal;
    if (region.memory_size) this.#slots.set(region.slot, withLog(region, old));
    else if (!this.#slots.delete(region.slot)) return -errno.EINVAL;
    return 0;
  }

  #refuseChange(region: Region, old: Slot | undefined): number | undefined {
    if (old && changesForGood(region, old)) return errno.EINVAL;
    if (this.#overlaps(region)) return errno.EEXIST;
    const end = region.guest_phys_addr + region.memory_size;
    return end > 1n << BigInt(this.ipaBits) ? errno.EFAULT : undefined;
  }

  #overlaps({ slot, guest_phys_addr: start, memory_size }: Region): boolean {
    return [...this.#slots.values()].some((other) =>
      other.slot !== slot && start < other.guest_phys_addr + other.memory_size &&
      other.guest_phys_addr < start + memory_size
    );
  }

  /** Whether there is memory at this guest-physical address. */
  has(address: bigint): boolean {
    return [...this.#slots.values()].some(({ guest_phys_addr: start, memory_size }) =>
      start <= address && address < start + memory_size
    );
  }

  /** The slots there are. */
  get all(): readonly Slot[] {
    return [...this.#slots.values()];
  }

  /**
   * As a vcpu has them.
   * @param memory bytes of the memory that all is in; a guest finds nothing where a slot's is another
   */
  regions(memory: number): MemoryRegion[] {
    return this.all.flatMap((slot) => {
      const offset = Number(slot.userspace_addr), size = Number(slot.memory_size);
      if (offset + size > memory) return [];
      const isReadOnly = (slot.flags & memoryFlags.KVM_MEM_READONLY) !== 0;
      return [{ base: Number(slot.guest_phys_addr), size, offset, isReadOnly, written: slot.written }];
    });
  }

  /** Hands over a slot's log and begins a new one. */
  takeLog({ slot }: DirtyLog, room?: Bytes): number {
    if (slot >= slotCount) return -errno.EINVAL;
    const written = this.#slots.get(slot)?.written;
    if (!written) return -errno.ENOENT;
    if (!room || room.length < written.length) return -errno.EFAULT;
    room.set(written);
    written.fill(0);
    return 0;
  }
}

function refuseNumbers(region: Region): number | undefined {
  const { slot, flags, guest_phys_addr: address, memory_size: size, userspace_addr: host } = region;
  const isWhole = ((address | size | host) & pageMask) === 0n;
  const isWithin = address + size <= addressMask && host + size <= userAddresses;
  const isFitting = size >> pageBits <= mostPages && slot < slotCount;
  return isWhole && isWithin && isFitting && (flags & ~knownFlags) === 0 ? undefined : errno.EINVAL;
}

/** Size, memory and being read-only stay as long as the slot is there. */
function changesForGood(region: Region, old: Slot): boolean {
  return region.userspace_addr !== old.userspace_addr || region.memory_size !== old.memory_size ||
    ((region.flags ^ old.flags) & memoryFlags.KVM_MEM_READONLY) !== 0;
}

function withLog(region: Region, old: Slot | undefined): Slot {
  if (!(region.flags & memoryFlags.KVM_MEM_LOG_DIRTY_PAGES)) return region;
  const words = Math.ceil(Number(region.memory_size >> pageBits) / 64);
  return { ...region, written: old?.written ?? new Uint8Array(new SharedArrayBuffer(8 * words)) };
}
