// Cases about KVM_IRQFD and KVM_IOEVENTFD: interrupts from eventfds, and guest writes to them.

import { assertEquals } from "@std/assert";
import type { Vm } from "../../../vmm/kvm/vm.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { kvm_ioeventfd, kvm_irqfd } from "../../../vmm/kvm/structs.ts";
import { rawAnswer } from "../bench.ts";
import { type Answer, answersOf, type Case, defineCase } from "../case.ts";
import { Guest, nowhere, tell } from "../guest.ts";
import * as a64 from "../guest_code.ts";
import { edgeTriggered, GICD_ISPENDR1, intid, pendingBit, tellPending } from "../spi_code.ts";

const IRQFD = 'KVM document, "4.75 KVM_IRQFD"';
const IOEVENTFD = 'KVM document, "4.59 KVM_IOEVENTFD"';
const badDescriptor = 0x7fff_ffff;

const ioeventfd = (vm: Vm, values: Parameters<typeof kvm_ioeventfd.pack>[0]): Answer =>
  rawAnswer(vm, calls.KVM_IOEVENTFD, kvm_ioeventfd.pack({ addr: nowhere, len: 4, ...values }));
const irqfd = (vm: Vm, values: Parameters<typeof kvm_irqfd.pack>[0]): Answer =>
  rawAnswer(vm, calls.KVM_IRQFD, kvm_irqfd.pack({ gsi: intid - 32, ...values }));

export const eventfdCases: Case[] = [
  defineCase({
    name: "an ioeventfd has a length of 0 to 8 in powers of two, known flags and an eventfd",
    source: IOEVENTFD,
    ask(bench) {
      const vm = bench.vm();
      const fd = bench.eventfd();
      return {
        "3 bytes": ioeventfd(vm, { fd, len: 3 }),
        "16 bytes": ioeventfd(vm, { fd, len: 16 }),
        "any length": ioeventfd(vm, { fd, len: 0 }),
        "unknown flags": ioeventfd(vm, { fd, flags: 1 << 8 }),
        "no eventfd": ioeventfd(vm, { fd: badDescriptor, addr: nowhere + 0x100n }),
        "not an eventfd": ioeventfd(vm, { fd: vm.fd, addr: nowhere + 0x100n }),
        "across the end of the addresses": ioeventfd(vm, { fd, addr: 0xffff_ffff_ffff_fffen }),
      };
    },
    expected: () => ({
      "3 bytes": "EINVAL",
      "16 bytes": "EINVAL",
      "any length": 0,
      "unknown flags": "EINVAL",
      "no eventfd": "EBADF",
      "not an eventfd": "EINVAL",
      "across the end of the addresses": "EINVAL",
    }),
  }),
  defineCase({
    name: "an address is tied to one eventfd at a time, and untied as it was tied",
    source: IOEVENTFD,
    ask(bench) {
      const vm = bench.vm();
      const [fd, other] = [bench.eventfd(), bench.eventfd()];
      return answersOf({
        "untied too early": () => vm.ioeventfd(fd, nowhere, 4, { deassign: true }),
        tied: () => vm.ioeventfd(fd, nowhere, 4),
        "tied again": () => vm.ioeventfd(fd, nowhere, 4),
        "tied to another": () => vm.ioeventfd(other, nowhere, 4),
        "another address": () => vm.ioeventfd(other, nowhere + 8n, 4),
        "untied from another": () => vm.ioeventfd(other, nowhere, 4, { deassign: true }),
        untied: () => vm.ioeventfd(fd, nowhere, 4, { deassign: true }),
        "tied to another then": () => vm.ioeventfd(other, nowhere, 4),
      });
    },
    expected: () => ({
      "untied too early": "ENOENT",
      tied: 0,
      "tied again": "EEXIST",
      "tied to another": "EEXIST",
      "another address": 0,
      "untied from another": "ENOENT",
      untied: 0,
      "tied to another then": 0,
    }),
  }),
  defineCase({
    name: "a guest's write to an ioeventfd of its length does not exit; another length's, or a read, does",
    source: IOEVENTFD,
    ask(bench) {
      const accesses = [a64.store(4, 1, 2), a64.store(8, 1, 2), a64.load(4, 1, 2)];
      const guest = new Guest(bench, [...a64.set(2, nowhere), ...accesses]);
      guest.vm.ioeventfd(bench.eventfd(), nowhere, 4);
      return [1, 2].map(() => {
        const { data: _unset, ...exit } = guest.next() as { [key: string]: Answer };
        return exit;
      });
    },
    expected: () => [
      { reason: "KVM_EXIT_MMIO", address: "0xb000000", length: 8, isWrite: true },
      { reason: "KVM_EXIT_MMIO", address: "0xb000000", length: 4, isWrite: false },
    ],
  }),
  defineCase({
    name: "an ioeventfd with a value to match exits for every other",
    source: IOEVENTFD,
    ask(bench) {
      const DATAMATCH = 1;
      const stores = [7n, 8n].flatMap((value) => [...a64.set(1, value), a64.store(4, 1, 2)]);
      const guest = new Guest(bench, [...a64.set(2, nowhere), ...stores]);
      ioeventfd(guest.vm, { fd: bench.eventfd(), flags: DATAMATCH, datamatch: 7n });
      return guest.next();
    },
    expected: () => ({
      reason: "KVM_EXIT_MMIO",
      address: "0xb000000",
      length: 4,
      isWrite: true,
      data: [8, 0, 0, 0],
    }),
  }),
  defineCase({
    name: "an irqfd needs a controller, known flags and an eventfd that has none yet",
    source: IRQFD,
    ask(bench) {
      const vm = bench.vmWithGic();
      const fd = bench.eventfd();
      return {
        "without a controller": irqfd(bench.vm(), { fd }),
        tied: irqfd(vm, { fd }),
        "tied again": irqfd(vm, { fd, gsi: 9 }),
        "unknown flags": irqfd(vm, { fd: bench.eventfd(), flags: 1 << 8 }),
        "no eventfd": irqfd(vm, { fd: badDescriptor }),
        "not an eventfd": irqfd(vm, { fd: vm.fd }),
        "no such interrupt": irqfd(vm, { fd: bench.eventfd(), gsi: 5000 }),
        untied: irqfd(vm, { fd, flags: 1 }),
        "untied again": irqfd(vm, { fd, flags: 1 }),
      };
    },
    check(answer) {
      assertEquals([answer.tied, answer["tied again"], answer.untied], [0, "EBUSY", 0]);
      assertEquals([answer["unknown flags"], answer["no eventfd"]], ["EINVAL", "EBADF"]);
    },
  }),
  defineCase({
    name: "a guest's write to an ioeventfd that is an irqfd too makes the interrupt pending",
    source: IRQFD,
    ask(bench) {
      const signal = [...a64.set(2, nowhere), a64.store(4, 1, 2)];
      // The kernel passes it on in a thread of its own: look a hundred thousand times, then give up.
      const wait = [
        ...[...a64.set(4, 100_000n), ...a64.set(2, GICD_ISPENDR1), ...a64.set(3, pendingBit)],
        ...[
          a64.load(4, 1, 2),
          a64.and(1, 3),
          a64.branchIfNot(1, 3),
          a64.decrement(4),
          a64.branchIfNot(4, -4),
        ],
      ];
      const guest = new Guest(bench, [
        ...tellPending,
        ...edgeTriggered,
        ...signal,
        ...wait,
        ...tell(1),
      ]);
      bench.readyGic(guest.vm);
      const fd = bench.eventfd();
      guest.vm.irqfd(fd, intid - 32);
      guest.vm.ioeventfd(fd, nowhere, 4);
      return { before: guest.next(), after: guest.next() };
    },
    expected: () => ({ before: { tells: "0x0" }, after: { tells: "0x100" } }),
  }),
];
