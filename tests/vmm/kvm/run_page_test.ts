// The page shared with the kernel: every kind of exit decoded from bytes put where linux/kvm.h has them.

import { assertEquals } from "@std/assert";
import { type Exit, exitReasons, RunPage, systemEvents } from "../../../vmm/kvm/run_page.ts";
import { concat, words32, words64 } from "./scripted_backend.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Offsets in struct kvm_run. */
const [immediateExitAt, exitReasonAt, unionAt] = [1, 8, 32];

function pageOf(reason: number, union: Bytes = new Uint8Array(0)): RunPage {
  const bytes = new Uint8Array(4096);
  bytes.set(words32(reason), exitReasonAt);
  bytes.set(union, unionAt);
  return new RunPage(bytes.buffer);
}

const mmio = (data: number[], length: number, isWrite: number) =>
  concat(words64(0x0900_0018n), Uint8Array.from(data), words32(length), Uint8Array.of(isWrite));
const sixteenWords = Array.from({ length: 16 }, (_, n) => 0xf000_0000_0000_0000n + BigInt(n));
const [first, second] = [sixteenWords[0]!, sixteenWords[1]!];

const decoded: Record<string, { page: [reason: number, union?: Bytes]; exit: Exit }> = {
  "a write to a device": {
    page: [exitReasons.KVM_EXIT_MMIO, mmio([0x41, 0x42, 0x43, 0x44, 0xee, 0xee, 0xee, 0xee], 4, 1)],
    exit: {
      reason: "KVM_EXIT_MMIO",
      address: 0x0900_0018n,
      length: 4,
      isWrite: true,
      data: [0x41, 0x42, 0x43, 0x44],
    },
  },
  "a read from a device": {
    page: [exitReasons.KVM_EXIT_MMIO, mmio([0, 0, 0, 0, 0, 0, 0, 0], 8, 0)],
    exit: {
      reason: "KVM_EXIT_MMIO",
      address: 0x0900_0018n,
      length: 8,
      isWrite: false,
      data: [0, 0, 0, 0, 0, 0, 0, 0],
    },
  },
  "an access longer than its data": {
    page: [exitReasons.KVM_EXIT_MMIO, mmio([1, 2, 3, 4, 5, 6, 7, 8], 0xffff_ffff, 1)],
    exit: {
      reason: "KVM_EXIT_MMIO",
      address: 0x0900_0018n,
      length: 8,
      isWrite: true,
      data: [1, 2, 3, 4, 5, 6, 7, 8],
    },
  },
  "a system event of an unknown type": {
    page: [exitReasons.KVM_EXIT_SYSTEM_EVENT, words32(77, 0)],
    exit: { reason: "KVM_EXIT_SYSTEM_EVENT", event: "system event 77", data: [] },
  },
  "a system event that claims more data than there is room for": {
    page: [exitReasons.KVM_EXIT_SYSTEM_EVENT, concat(words32(2, 0xffff_ffff), words64(...sixteenWords))],
    exit: { reason: "KVM_EXIT_SYSTEM_EVENT", event: "KVM_SYSTEM_EVENT_RESET", data: sixteenWords },
  },
  "an interrupted run": { page: [exitReasons.KVM_EXIT_INTR], exit: { reason: "KVM_EXIT_INTR" } },
  "a debug exception, its syndrome of 64 bits": {
    page: [exitReasons.KVM_EXIT_DEBUG, concat(words32(0xf200_0000, 0x1), words64(0x4008_0000n))],
    exit: { reason: "KVM_EXIT_DEBUG", esr: 0x1_f200_0000n, far: 0x4008_0000n },
  },
  "a failed entry": {
    page: [exitReasons.KVM_EXIT_FAIL_ENTRY, concat(words64(0x8000_0000_0000_0001n), words32(3))],
    exit: { reason: "KVM_EXIT_FAIL_ENTRY", hardwareReason: 0x8000_0000_0000_0001n, cpu: 3 },
  },
  "an internal error": {
    page: [exitReasons.KVM_EXIT_INTERNAL_ERROR, concat(words32(4, 2), words64(...sixteenWords))],
    exit: { reason: "KVM_EXIT_INTERNAL_ERROR", suberror: 4, data: [first, second] },
  },
  "a hypercall": {
    page: [exitReasons.KVM_EXIT_HYPERCALL, words64(0x8400_0008n, 1n, 2n, 3n, 4n, 5n, 6n, 0xdeadn, 1n)],
    exit: { reason: "KVM_EXIT_HYPERCALL", number: 0x8400_0008n, args: [1n, 2n, 3n, 4n, 5n, 6n], flags: 1n },
  },
  "an abort without a syndrome": {
    page: [exitReasons.KVM_EXIT_ARM_NISV, words64(0x46n, 0x0900_0000n)],
    exit: { reason: "KVM_EXIT_ARM_NISV", esrIss: 0x46n, faultIpa: 0x0900_0000n },
  },
  "a fault on guest memory": {
    page: [exitReasons.KVM_EXIT_MEMORY_FAULT, words64(8n, 0x4000_0000n, 0x1000n)],
    exit: { reason: "KVM_EXIT_MEMORY_FAULT", flags: 8n, address: 0x4000_0000n, size: 0x1000n },
  },
  "an unknown exit of the hardware": {
    page: [exitReasons.KVM_EXIT_UNKNOWN, words64(0x1234n)],
    exit: { reason: "KVM_EXIT_UNKNOWN", number: 0, hardwareReason: 0x1234n },
  },
  "an exit no arm64 host gives": {
    page: [0xffff_ffff, words64(5n)],
    exit: { reason: "KVM_EXIT_UNKNOWN", number: 0xffff_ffff, hardwareReason: 5n },
  },
};

for (const [what, { page, exit }] of Object.entries(decoded)) {
  Deno.test(`${what} is decoded`, () => assertEquals(pageOf(...page).exit(), exit));
}

Deno.test("every exit reason has a test above", () => {
  const tested = new Set<string>(Object.values(decoded).map(({ exit }) => exit.reason));
  assertEquals(Object.keys(exitReasons).filter((reason) => !tested.has(reason)), []);
});

for (const [event, type] of Object.entries(systemEvents)) {
  Deno.test(`the system event ${event} is decoded with its data`, () => {
    const union = concat(words32(type, 1), words64(...sixteenWords));
    assertEquals(pageOf(exitReasons.KVM_EXIT_SYSTEM_EVENT, union).exit(), {
      reason: "KVM_EXIT_SYSTEM_EVENT",
      event: event as keyof typeof systemEvents,
      data: [first],
    });
  });
}

Deno.test("an MMIO exit is read without bigints: address up to 52 bits, data in two halves", () => {
  const union = concat(
    words64(0x000f_ffff_ffff_fff8n, 0x8877_6655_4433_2211n),
    words32(8),
    Uint8Array.of(1),
  );
  const page = pageOf(exitReasons.KVM_EXIT_MMIO, union);
  assertEquals(page.exitReason, exitReasons.KVM_EXIT_MMIO);
  assertEquals(page.mmioAddress, 0x000f_ffff_ffff_fff8);
  assertEquals(page.mmioLength, 8);
  assertEquals(page.mmioIsWrite, true);
  assertEquals([page.mmioData(0), page.mmioData(1)], [0x4433_2211, 0x8877_6655]);
});

Deno.test("the answer to a read lies where the kernel takes it", () => {
  const page = pageOf(exitReasons.KVM_EXIT_MMIO, mmio([0, 0, 0, 0, 0, 0, 0, 0], 8, 0));
  assertEquals(page.mmioIsWrite, false);
  page.setMmioData(0, 0x4433_2211);
  page.setMmioData(1, 0x8877_6655);
  assertEquals(new Uint8Array(page.buffer).slice(unionAt + 8, unionAt + 16), words64(0x8877_6655_4433_2211n));
});

Deno.test("immediateExit sets one byte, seen through every view of the page", () => {
  const buffer = new SharedArrayBuffer(4096);
  const page = new RunPage(buffer);
  const bytes = new Uint8Array(buffer);
  page.immediateExit = true;
  assertEquals([bytes[immediateExitAt], bytes.indexOf(1), bytes.lastIndexOf(1)], [1, 1, 1]);
  page.immediateExit = false;
  assertEquals(bytes.indexOf(1), -1);
});
