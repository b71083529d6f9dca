// Cases about KVM_RUN: exits for memory accesses nobody serves, what the monitor answers them, and what else ends it.

import { assert, assertEquals } from "@std/assert";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import type { Bench } from "../bench.ts";
import { type Answer, type Case, defineCase, hex } from "../case.ts";
import { exceptionClass, Guest, nowhere, ramBase, tell } from "../guest.ts";
import * as a64 from "../guest_code.ts";

const RUN = 'KVM document, "5. The kvm_run structure"';
const value = 0x8877_6655_8433_2291n;
const bytes = [0x91, 0x22, 0x33, 0x84, 0x55, 0x66, 0x77, 0x88];
const sizes = [1, 2, 4, 8] as const;

const mmio = (isWrite: boolean, length: number, data: readonly number[], address = nowhere): Answer => ({
  reason: "KVM_EXIT_MMIO",
  address: hex(address),
  length,
  isWrite,
  data: [...data],
});

/** Runs to a load from nowhere and answers it with `value`. */
function serveLoad(guest: Guest): Answer {
  const exit = guest.next();
  guest.page.setMmioData(0, Number(value & 0xffff_ffffn));
  guest.page.setMmioData(1, Number(value >> 32n));
  return exit;
}

/** A load from nowhere of each kind, and what the guest found in its register. */
function loads<S extends 1 | 2 | 4 | 8>(
  bench: Bench,
  kinds: readonly S[],
  load: (s: S, t: number, n: number) => number,
) {
  const code = kinds.flatMap((size) => [load(size, 1, 2), ...tell(1)]);
  const guest = new Guest(bench, [...a64.set(2, nowhere), ...code]);
  return kinds.map((size) => {
    const { data: _unset, ...exit } = serveLoad(guest) as { [key: string]: Answer };
    return { size, exit, then: guest.next() };
  });
}

const loaded = (
  size: number,
  told: bigint,
): { size: number; exit: { [key: string]: Answer }; then: Answer } => ({
  size,
  exit: { reason: "KVM_EXIT_MMIO", address: hex(nowhere), length: size, isWrite: false },
  then: { tells: hex(told) },
});

/** Instructions that access memory in a way an abort's syndrome does not describe. */
const pairs = [...a64.set(2, nowhere), a64.loadPair(0, 1, 2)];
const pairOffset = 4 * 4;

const equal = (a: Answer, b: Answer) => JSON.stringify(a) === JSON.stringify(b);

export const runCases: Case[] = [
  defineCase({
    name: "a store where no memory is exits with its address, size and data",
    source: RUN + ", KVM_EXIT_MMIO",
    ask(bench) {
      const stores = sizes.map((size) => a64.store(size, 1, 2));
      return new Guest(bench, [...a64.set(1, value), ...a64.set(2, nowhere), ...stores]).take(sizes.length);
    },
    expected: () => sizes.map((size) => mmio(true, size, bytes.slice(0, size))),
  }),
  defineCase({
    name: "a load where no memory is gets the monitor's data, extended with zeros",
    source: RUN + ", KVM_EXIT_MMIO",
    ask: (bench) => loads(bench, sizes, a64.load),
    expected: () => [
      loaded(1, 0x91n),
      loaded(2, 0x2291n),
      loaded(4, 0x8433_2291n),
      loaded(8, value),
    ],
  }),
  defineCase({
    name: "a signed load gets the monitor's data, which the kernel does not extend with the sign",
    source: 'Arm DDI 0487, "LDRSB (immediate)"',
    differs:
      "The architecture extends the sign, and so do newer kernels; 6.12 extends it and then cuts the data back " +
      "to the size of the access.",
    ask: (bench) => loads(bench, [1, 2, 4] as const, a64.loadSigned),
    check(answer) {
      const extended = [
        loaded(1, 0xffff_ffff_ffff_ff91n),
        loaded(2, 0x2291n),
        loaded(4, 0xffff_ffff_8433_2291n),
      ];
      const cut = [loaded(1, 0x91n), loaded(2, 0x2291n), loaded(4, 0x8433_2291n)];
      assert(equal(answer, extended) || equal(answer, cut));
    },
  }),
  defineCase({
    name: "at an MMIO exit the program counter is still at the access; the next KVM_RUN completes it",
    source: RUN + ", KVM_EXIT_MMIO",
    ask(bench) {
      const guest = new Guest(bench, [...a64.set(2, nowhere), a64.load(8, 1, 2), ...tell(1)]);
      serveLoad(guest);
      const at = guest.offset();
      guest.page.immediateExit = true;
      const completed = [guest.next(), guest.offset(), hex(guest.vcpu.getRegister(registerNamed("X1")))];
      return { "at the exit": at, "after KVM_RUN with immediate_exit": completed };
    },
    expected: () => ({ "at the exit": 16, "after KVM_RUN with immediate_exit": ["EINTR", 20, hex(value)] }),
  }),
  defineCase({
    name: "immediate_exit makes KVM_RUN return with EINTR before the guest runs",
    source: RUN + ", immediate_exit",
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      guest.page.immediateExit = true;
      const stopped = [guest.next(), guest.offset(), guest.next()];
      guest.page.immediateExit = false;
      return { stopped, then: guest.next() };
    },
    expected: () => ({ stopped: ["EINTR", 0, "EINTR"], then: { tells: "0x0" } }),
  }),
  defineCase({
    name: "an access without a syndrome where no memory is ends KVM_RUN with ENOSYS",
    source: 'KVM document, "7.18 KVM_CAP_ARM_NISV_TO_USER"',
    ask(bench) {
      const guest = new Guest(bench, pairs);
      return { answer: guest.next(), offset: guest.offset() };
    },
    expected: () => ({ answer: "ENOSYS", offset: pairOffset }),
  }),
  defineCase({
    name: "with KVM_CAP_ARM_NISV_TO_USER it exits with KVM_EXIT_ARM_NISV",
    source: 'KVM document, "7.18 KVM_CAP_ARM_NISV_TO_USER"',
    ask(bench) {
      const vm = bench.vm();
      vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER");
      const guest = new Guest(bench, pairs, { vm });
      return { exit: guest.next(), offset: guest.offset() };
    },
    check({ exit, offset }) {
      const { reason, faultIpa } = exit as { reason: Answer; faultIpa: Answer };
      assertEquals([reason, faultIpa, offset], ["KVM_EXIT_ARM_NISV", hex(nowhere), pairOffset]);
    },
  }),
  defineCase({
    name: "a monitor may step over an access it was told of, and the guest goes on",
    source: 'KVM document, "7.18 KVM_CAP_ARM_NISV_TO_USER"',
    ask(bench) {
      const vm = bench.vm();
      vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER");
      const guest = new Guest(bench, [...pairs, ...tell(2)], { vm });
      guest.next();
      guest.vcpu.setRegister(registerNamed("PC"), ramBase + BigInt(pairOffset) + 4n);
      return guest.next();
    },
    expected: () => ({ tells: hex(nowhere) }),
  }),
  defineCase({
    name: "a fetch where no memory is is an abort of the guest's own",
    source: "Linux 6.12",
    ask: (bench) => exceptionClass(new Guest(bench, [...a64.set(2, nowhere), a64.branchTo(2)]).next()),
    // An instruction abort without a change of exception level.
    expected: () => "exception class 0x21",
  }),
  defineCase({
    name: "an access beyond the VM's address bits is an abort of the guest's own",
    source: "Linux 6.12",
    ask: (bench) => exceptionClass(new Guest(bench, [...a64.set(2, 1n << 45n), a64.load(8, 1, 2)]).next()),
    // A data abort without a change of exception level.
    expected: () => "exception class 0x25",
  }),
  defineCase({
    name: "a vcpu keeps what the guest put into its registers",
    source: 'KVM document, "4.69 KVM_GET_ONE_REG"',
    ask(bench) {
      const guest = new Guest(bench, [...a64.set(7, value), a64.writeSystem(7, "TPIDR_EL1"), ...tell(7)]);
      guest.next();
      const read = (name: string) => hex(guest.vcpu.getRegister(registerNamed(name)));
      return { X7: read("X7"), TPIDR_EL1: read("TPIDR_EL1"), PSTATE: read("PSTATE") };
    },
    expected: () => ({ X7: hex(value), TPIDR_EL1: hex(value), PSTATE: "0x3c5" }),
  }),
  defineCase({
    name: "a guest finds what the monitor put into its registers",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    ask(bench) {
      const guest = new Guest(bench, [...tell(7), a64.readSystem(1, "TPIDR_EL1"), ...tell(1)]);
      guest.vcpu.setRegister(registerNamed("X7"), value);
      guest.vcpu.setRegister(registerNamed("TPIDR_EL1"), value + 1n);
      return guest.take(2);
    },
    expected: () => [{ tells: hex(value) }, { tells: hex(value + 1n) }],
  }),
  defineCase({
    name: "the page a vcpu shares is the same wherever it is mapped",
    source: 'KVM document, "4.5 KVM_GET_VCPU_MMAP_SIZE"',
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      const second = guest.vcpu.mapRunPage();
      bench.defer(() => bench.host.backend.unmapRunPage(second.buffer));
      second.immediateExit = true;
      const stopped = guest.next();
      second.immediateExit = false;
      guest.next();
      return { stopped, reason: second.exitReason === guest.page.exitReason };
    },
    expected: () => ({ stopped: "EINTR", reason: true }),
  }),
];
