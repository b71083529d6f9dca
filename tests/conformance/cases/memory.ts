// Cases about memory slots, read-only slots and the log of written pages.

import { memoryFlags, type Vm } from "../../../vmm/kvm/vm.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { kvm_dirty_log, kvm_userspace_memory_region } from "../../../vmm/kvm/structs.ts";
import { type Bench, rawAnswer } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase } from "../case.ts";
import { Guest, ramBase, tell } from "../guest.ts";
import { load, set, store, storePair } from "../guest_code.ts";

const REGION = 'KVM document, "4.35 KVM_SET_USER_MEMORY_REGION"';
const LOG = 'KVM document, "4.8 KVM_GET_DIRTY_LOG"';
const page = 0x1000n;
const size = 0x1_0000n;
const slotOfCode = 0;

/** Sets a slot, by raw numbers. */
function setRegion(vm: Vm, values: Parameters<typeof kvm_userspace_memory_region.pack>[0]): Answer {
  return rawAnswer(vm, calls.KVM_SET_USER_MEMORY_REGION, kvm_userspace_memory_region.pack(values));
}

/** A region of `size` bytes at `ramBase` that would be accepted. */
function goodRegion(bench: Bench) {
  const memory = bench.memory(Number(2n * size));
  return { slot: 0, flags: 0, guest_phys_addr: ramBase, memory_size: size, userspace_addr: memory.address };
}

/** Numbers of the pages that a bitmap names. */
function pagesOf(bitmap: Uint8Array): number[] {
  return Array.from(bitmap).flatMap((byte, at) =>
    Array.from({ length: 8 }, (_, bit) => byte >> bit & 1 ? 8 * at + bit : -1).filter((n) => n >= 0)
  );
}

/** A guest that stores to the pages `written` of its RAM and tells after each; its slot is logged. */
function writer(bench: Bench, written: readonly number[]): Guest {
  const code = written.flatMap((n) => [...set(2, ramBase + BigInt(n) * page), store(8, 1, 2), ...tell(2)]);
  return new Guest(bench, code, { ramFlags: { logDirtyPages: true } });
}

/** A guest whose second slot, one page after its RAM, is read-only and holds 0x55 bytes. */
function withReadOnlyPage(bench: Bench, code: readonly number[]): Guest {
  const guest = new Guest(bench, code);
  const memory = bench.memory(Number(page));
  memory.bytes.fill(0x55);
  guest.vm.setUserMemoryRegion({
    slot: 1,
    guestAddress: ramBase + size,
    size: page,
    hostAddress: memory.address,
    readOnly: true,
  });
  return guest;
}

export const memoryCases: Case[] = [
  defineCase({
    name: "a slot is whole pages of the host, within the address bits, where no other slot is",
    source: REGION,
    ask(bench) {
      const vm = bench.vm();
      const good = goodRegion(bench);
      const slots = vm.checkExtension("KVM_CAP_NR_MEMSLOTS");
      const other = { ...good, slot: 1, guest_phys_addr: ramBase + size };
      return {
        good: setRegion(vm, good),
        "a size of half a page": setRegion(vm, { ...other, memory_size: page / 2n }),
        "an address within a page": setRegion(vm, { ...other, guest_phys_addr: ramBase + size + 8n }),
        "host memory within a page": setRegion(vm, { ...other, userspace_addr: other.userspace_addr + 8n }),
        "an overlap": setRegion(vm, { ...other, guest_phys_addr: ramBase + size - page }),
        "beside the first": setRegion(vm, other),
        "the last slot": setRegion(vm, { ...good, slot: slots - 1, guest_phys_addr: 4n * ramBase }),
        "one slot too many": setRegion(vm, { ...good, slot: slots, guest_phys_addr: 5n * ramBase }),
        "a second address space": setRegion(vm, { ...good, slot: 1 << 16, guest_phys_addr: 5n * ramBase }),
        "across the end of the addresses": setRegion(vm, {
          ...good,
          slot: 5,
          guest_phys_addr: -page & 0xffff_ffff_ffff_ffffn,
        }),
        "beyond the 40 address bits": setRegion(vm, { ...good, slot: 5, guest_phys_addr: 1n << 40n }),
        "more than a slot can have": setRegion(vm, {
          ...good,
          slot: 5,
          guest_phys_addr: 0n,
          memory_size: 1n << 44n,
        }),
        "of nothing": setRegion(vm, { ...good, slot: 6, guest_phys_addr: 8n * ramBase, memory_size: 0n }),
      };
    },
    expected: () => ({
      good: 0,
      "a size of half a page": "EINVAL",
      "an address within a page": "EINVAL",
      "host memory within a page": "EINVAL",
      "an overlap": "EEXIST",
      "beside the first": 0,
      "the last slot": 0,
      "one slot too many": "EINVAL",
      "a second address space": "EINVAL",
      "across the end of the addresses": "EINVAL",
      "beyond the 40 address bits": "EFAULT",
      "more than a slot can have": "EINVAL",
      "of nothing": "EINVAL",
    }),
  }),
  defineCase({
    name: "a slot's flags are those for logging and for reading only",
    source: REGION,
    ask(bench) {
      const good = goodRegion(bench);
      return Object.fromEntries(
        Array.from(
          { length: 8 },
          (_, bit) => [`bit ${bit}`, setRegion(bench.vm(), { ...good, flags: 1 << bit })],
        ),
      );
    },
    expected() {
      const known: number = memoryFlags.KVM_MEM_LOG_DIRTY_PAGES | memoryFlags.KVM_MEM_READONLY;
      return Object.fromEntries(
        Array.from({ length: 8 }, (_, bit) => [`bit ${bit}`, known >> bit & 1 ? 0 : "EINVAL"]),
      );
    },
  }),
  defineCase({
    name: "a slot can move, change whether it is logged, and go; its size and memory stay",
    source: REGION,
    ask(bench) {
      const vm = bench.vm();
      const good = goodRegion(bench);
      return {
        made: setRegion(vm, good),
        moved: setRegion(vm, { ...good, guest_phys_addr: 2n * ramBase }),
        "back again": setRegion(vm, good),
        "with a log": setRegion(vm, { ...good, flags: memoryFlags.KVM_MEM_LOG_DIRTY_PAGES }),
        "read-only from now on": setRegion(vm, { ...good, flags: memoryFlags.KVM_MEM_READONLY }),
        "of another size": setRegion(vm, { ...good, memory_size: 2n * size }),
        "of other memory": setRegion(vm, { ...good, userspace_addr: good.userspace_addr + size }),
        gone: setRegion(vm, { ...good, memory_size: 0n }),
        "gone again": setRegion(vm, { ...good, memory_size: 0n }),
      };
    },
    expected: () => ({
      made: 0,
      moved: 0,
      "back again": 0,
      "with a log": 0,
      "read-only from now on": "EINVAL",
      "of another size": "EINVAL",
      "of other memory": "EINVAL",
      gone: 0,
      "gone again": "EINVAL",
    }),
  }),
  defineCase({
    name: "the log names each page the guest wrote since it was last read",
    source: LOG,
    ask(bench) {
      const guest = writer(bench, [3, 12, 3]);
      const log = () => pagesOf(guest.vm.dirtyLog(slotOfCode, Number(size)));
      const before = log();
      guest.take(2);
      const first = log();
      const nothing = log();
      guest.next();
      return { before, first, nothing, again: log() };
    },
    expected: () => ({ before: [], first: [3, 12], nothing: [], again: [3] }),
  }),
  defineCase({
    name: "the log does not name pages that the monitor wrote or the guest only read",
    source: LOG,
    ask(bench) {
      const code = [...set(2, ramBase + 5n * page), load(8, 1, 2), ...tell(1)];
      const guest = new Guest(bench, code, { ramFlags: { logDirtyPages: true } });
      guest.ram.bytes[Number(5n * page)] = 0x77;
      return { told: guest.next(), log: pagesOf(guest.vm.dirtyLog(slotOfCode, Number(size))) };
    },
    expected: () => ({ told: { tells: "0x77" }, log: [] }),
  }),
  defineCase({
    name: "a log begins empty each time logging is turned on",
    source: LOG,
    ask(bench) {
      const guest = writer(bench, [3]);
      guest.next();
      const region = { slot: 0, guestAddress: ramBase, size, hostAddress: guest.ram.address };
      guest.vm.setUserMemoryRegion(region);
      const without = answerOf(() => pagesOf(guest.vm.dirtyLog(slotOfCode, Number(size))));
      guest.vm.setUserMemoryRegion({ ...region, logDirtyPages: true });
      return { without, then: pagesOf(guest.vm.dirtyLog(slotOfCode, Number(size))) };
    },
    expected: () => ({ without: "ENOENT", then: [] }),
  }),
  defineCase({
    name: "a slot without a log, or that is not there, is ENOENT; a number no slot can have is EINVAL",
    source: LOG,
    ask(bench) {
      const vm = bench.vm();
      setRegion(vm, goodRegion(bench));
      const slots = vm.checkExtension("KVM_CAP_NR_MEMSLOTS");
      const log = (slot: number) => () => void vm.dirtyLog(slot, Number(size));
      const bitmap = new Uint8Array(new ArrayBuffer(8));
      return {
        ...answersOf({ "no log": log(0), "no slot": log(1), "no number of a slot": log(slots) }),
        "a second address space": rawAnswer(
          vm,
          calls.KVM_GET_DIRTY_LOG,
          kvm_dirty_log.pack({ slot: 1 << 16 }),
          bitmap,
        ),
      };
    },
    expected: () => ({
      "no log": "ENOENT",
      "no slot": "ENOENT",
      "no number of a slot": "EINVAL",
      "a second address space": "EINVAL",
    }),
  }),
  defineCase({
    name: "read-only memory is read without an exit; a store to it exits and changes nothing",
    source: REGION + ", KVM_MEM_READONLY",
    ask(bench) {
      const code = [
        ...set(2, ramBase + size),
        load(8, 1, 2),
        ...tell(1),
        store(4, 2, 2),
        load(8, 1, 2),
        ...tell(1),
      ];
      return withReadOnlyPage(bench, code).take(3);
    },
    expected: () => [
      { tells: "0x5555555555555555" },
      { reason: "KVM_EXIT_MMIO", address: "0x40010000", length: 4, isWrite: true, data: [0, 0, 1, 0x40] },
      { tells: "0x5555555555555555" },
    ],
  }),
  defineCase({
    name: "a store to read-only memory without a syndrome ends KVM_RUN with ENOSYS",
    source: 'KVM document, "7.18 KVM_CAP_ARM_NISV_TO_USER"',
    ask: (bench) => withReadOnlyPage(bench, [...set(2, ramBase + size), storePair(0, 1, 2)]).next(),
    expected: () => "ENOSYS",
  }),
  defineCase({
    name: "where a slot was taken away the guest's accesses exit",
    source: REGION,
    ask(bench) {
      const code = [...set(2, ramBase + size), load(8, 1, 2), ...tell(1), load(4, 1, 2)];
      const guest = withReadOnlyPage(bench, code);
      const before = guest.next();
      const gone = { slot: 1, guestAddress: ramBase + size, size: 0n, hostAddress: 0n, readOnly: true };
      guest.vm.setUserMemoryRegion(gone);
      const { data: _unset, ...after } = guest.next() as { [key: string]: Answer };
      return { before, after };
    },
    expected: () => ({
      before: { tells: "0x5555555555555555" },
      after: { reason: "KVM_EXIT_MMIO", address: "0x40010000", length: 4, isWrite: false },
    }),
  }),
];
