// A VM's memory slots and their logs of written pages (KVM document, "4.35 KVM_SET_USER_MEMORY_REGION" and
// "4.8 KVM_GET_DIRTY_LOG").

import { errno } from "../kvm/errno.ts";
import { memoryFlags } from "../kvm/vm.ts";
import { kvm_dirty_log, kvm_userspace_memory_region } from "../kvm/structs.ts";
import type { Arena } from "./arena.ts";
import type { Bytes } from "./calls.ts";
import { logBytes, type SlotNow } from "./vm_now.ts";

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
  /** Where its log lies in the arena; only where writes are logged. */
  readonly log?: number | undefined;
}

export class MemorySlots {
  #slots = new Map<number, Slot>();

  /** @param arena where logs are made; a thread without it makes none */
  constructor(readonly ipaBits: number, readonly arena?: Arena) {}

  /** Gives back what it has of the arena. */
  release() {
    for (const { log } of this.#slots.values()) if (log !== undefined) this.arena?.free(log);
  }

  /** Makes, moves, changes or removes a slot. */
  set(region: Region): number {
    const old = this.#slots.get(region.slot);
    const refusal = refuseNumbers(region) ??
      (region.memory_size ? this.#refuseChange(region, old) : undefined);
    if (refusal) return -refusal;
    if (!region.memory_size) return this.#slots.delete(region.slot) ? 0 : -errno.EINVAL;
    const slot = this.#withLog(region, old);
    if (!slot) return -errno.ENOMEM;
    this.#slots.set(region.slot, slot);
    return 0;
  }

  /** A slot that moves keeps its log; one whose writes were not logged begins one. */
  #withLog(region: Region, old: Slot | undefined): Slot | undefined {
    if (!(region.flags & memoryFlags.KVM_MEM_LOG_DIRTY_PAGES)) return region;
    const log = old?.log ?? this.arena?.allocate(logBytes(Number(region.memory_size)));
    return log === undefined ? undefined : { ...region, log };
  }

  /** The slots as all threads see them. */
  get now(): SlotNow[] {
    return this.all.map(({ guest_phys_addr, memory_size, userspace_addr, ...rest }) => ({
      ...rest,
      base: Number(guest_phys_addr),
      size: Number(memory_size),
      offset: Number(userspace_addr),
    }));
  }

  /** Takes them over: another thread may have changed them. */
  adopt(slots: readonly SlotNow[]) {
    this.#slots = new Map(slots.map(({ base, size, offset, ...rest }) => [rest.slot, {
      ...rest,
      guest_phys_addr: BigInt(base),
      memory_size: BigInt(size),
      userspace_addr: BigInt(offset),
    }]));
  }

  /** The logs that are no longer there; the vcpus' threads may still write to them. */
  logsGone(before: readonly Slot[]): number[] {
    const kept = new Set(this.all.map(({ log }) => log));
    return before.flatMap(({ log }) => log !== undefined && !kept.has(log) ? [log] : []);
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

  /** Hands over a slot's log and begins a new one; pages stay to be told of once their vcpus look again. */
  takeLog({ slot }: DirtyLog, room?: Bytes): number {
    if (slot >= slotCount) return -errno.EINVAL;
    const found = this.#slots.get(slot);
    if (found?.log === undefined) return -errno.ENOENT;
    const length = logBytes(Number(found.memory_size));
    if (!room || room.length < length) return -errno.EFAULT;
    const written = new Uint8Array(this.arena!.memory.buffer, found.log, length);
    for (let n = 0; n < length; n++) room[n] = Atomics.exchange(written, n, 0);
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
