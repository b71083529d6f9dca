import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Exit } from "../../../vmm/kvm/run_page.ts";
import { type Ending, endingOf } from "../../../vmm/machine/ending.ts";

const systemEvent = (event: string, data: bigint[] = []) =>
  ({ reason: "KVM_EXIT_SYSTEM_EVENT", event, data }) as Exit;

const plain: readonly (readonly [string, Exit, Ending | undefined])[] = [
  ["MMIO", { reason: "KVM_EXIT_MMIO", address: 0n, length: 4, isWrite: false, data: [] }, undefined],
  ["INTR", { reason: "KVM_EXIT_INTR" }, undefined],
  ["SYSTEM_OFF", systemEvent("KVM_SYSTEM_EVENT_SHUTDOWN"), { kind: "shutdown" }],
  ["SYSTEM_RESET", systemEvent("KVM_SYSTEM_EVENT_RESET"), { kind: "reset" }],
  ["a crash", systemEvent("KVM_SYSTEM_EVENT_CRASH", [0x1fn]), {
    kind: "panic",
    reason: "KVM reports a crash of the guest (0x1f)",
  }],
];

for (const [what, exit, ending] of plain) {
  Deno.test(`${what} ${ending ? `ends the machine: ${ending.kind}` : "does not end the machine"}`, () => {
    assertEquals(endingOf(exit, 0), ending);
  });
}

/** What the reason must name. */
const failures: readonly (readonly [Exit, readonly string[]])[] = [
  [systemEvent("KVM_SYSTEM_EVENT_SUSPEND"), ["KVM_SYSTEM_EVENT_SUSPEND"]],
  [systemEvent("system event 77"), ["system event 77"]],
  [{ reason: "KVM_EXIT_FAIL_ENTRY", hardwareReason: 0xabn, cpu: 3 }, ["CPU 3", "0xab"]],
  [{ reason: "KVM_EXIT_INTERNAL_ERROR", suberror: 4, data: [0x11n, 0x22n] }, ["suberror 4", "0x11 0x22"]],
  [{ reason: "KVM_EXIT_INTERNAL_ERROR", suberror: 3, data: [0x8600_0010n, 0x200n, 0x200n, 0x200n] }, [
    "without an instruction completed",
    "0x200",
    "Instruction Abort: external abort",
  ]],
  [{ reason: "KVM_EXIT_HYPERCALL", number: 0xc600_0000n, args: [], flags: 0n }, ["hypercall 0xc6000000"]],
  [{ reason: "KVM_EXIT_ARM_NISV", esrIss: 0x45n, faultIpa: 0xb00_0000n }, ["0xb000000", "0x45"]],
  [{ reason: "KVM_EXIT_MEMORY_FAULT", flags: 0n, address: 0x4000_0000n, size: 0x1000n }, [
    "0x40000000",
    "0x1000 bytes",
  ]],
  [{ reason: "KVM_EXIT_DEBUG", esr: 0xf200_0000n, far: 0x4008_0000n }, ["0x40080000", "0xf2000000"]],
  [{ reason: "KVM_EXIT_UNKNOWN", number: 99, hardwareReason: 0x5n }, ["exit 99", "0x5"]],
];

for (const [exit, names] of failures) {
  const what = exit.reason === "KVM_EXIT_SYSTEM_EVENT" ? exit.event : exit.reason;
  Deno.test(`${what} ends the machine, and says on which vcpu and with what`, () => {
    const ending = endingOf(exit, 5);
    assert(ending?.kind === "failed");
    assertEquals(ending.vcpu, 5);
    for (const name of names) assertStringIncludes(ending.reason, name);
  });
}
