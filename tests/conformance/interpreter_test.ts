// The interpreter answers the recorded cases of every host shape as real KVM did, but for those it does not do yet.

import { assertEquals } from "@std/assert";
import { interpreterBackend } from "../../vmm/interpreter/backend.ts";
import { findHost } from "../../vmm/interpreter/hosts.ts";
import { hostShapes } from "../kvm-host/host_shapes.ts";
import { cases, runList } from "./list.ts";
import { holdToSource, readRecording } from "./recordings.ts";

const gicv2 = "the interpreter runs guests with a GICv3 only";

/** Cases that are not asked, some of which would never end, and what the interpreter lacks for each. */
const leftOut: ReadonlyMap<string, string> = new Map([
  [
    "an access beyond the VM's address bits is an abort of the guest's own",
    "the interpreter exits with KVM_EXIT_MMIO in place of the abort",
  ],
  [
    "SYSTEM_OFF exits with KVM_SYSTEM_EVENT_SHUTDOWN, its vcpu stopped",
    "the vcpu is left runnable",
  ],
  [
    "SYSTEM_RESET exits with KVM_SYSTEM_EVENT_RESET, its vcpu stopped",
    "the vcpu is left runnable",
  ],
  [
    "SYSTEM_RESET2 exits with KVM_SYSTEM_EVENT_RESET and its flag",
    "the vcpu is left runnable",
  ],
  [
    "without KVM_ARM_VCPU_PSCI_0_2 there is only PSCI 0.1, which has no version",
    "PSCI 1.1 is answered whatever the vcpu's features",
  ],
  [
    "a call through SMC is served like one through HVC",
    "SMC is undefined",
  ],
  [
    "the log names each page the guest wrote since it was last read",
    "a page written before and after the log was read is named once only",
  ],
  [
    "where a slot was taken away the guest's accesses exit",
    "a vcpu that has run still reaches the memory",
  ],
  [
    "KVM_RUN initialises a GICv2 that was only placed",
    gicv2,
  ],
  [
    "WFI ends when the vcpu's IRQ input is up, though interrupts are masked",
    "a vcpu's IRQ input without an interrupt controller does not reach the interpreter's processor yet",
  ],
  [
    "a suspended vcpu whose IRQ input is up exits with KVM_SYSTEM_EVENT_WAKEUP, and is still suspended",
    "a vcpu's IRQ input without an interrupt controller does not reach the interpreter's processor yet",
  ],
  [
    "a guest's write to an ioeventfd of its length does not exit; another length's, or a read, does",
    "the interpreter keeps ioeventfds and irqfds, and signals none of them yet",
  ],
  [
    "an ioeventfd with a value to match exits for every other",
    "the interpreter keeps ioeventfds and irqfds, and signals none of them yet",
  ],
  [
    "a guest's write to an ioeventfd that is an irqfd too makes the interrupt pending",
    "the interpreter keeps ioeventfds and irqfds, and signals none of them yet",
  ],
]);

/** The same on hosts of one shape. */
const leftOutOn: { readonly [shape: string]: readonly (readonly [name: string, lacks: string])[] } = {
  gicv2: [[
    "a level-triggered SPI is pending while its line is up, an edge-triggered one from then on",
    gicv2,
  ]],
};

for (const { name: shape, about } of hostShapes) {
  const notAsked = new Map([...leftOut, ...leftOutOn[shape] ?? []]);
  Deno.test(`the interpreter answers as real KVM does on ${shape} (${about})`, async (t) => {
    const backend = interpreterBackend(findHost(shape));
    await backend.prepare();
    const said = runList(backend, backend.eventfd, { leaveOut: (name) => notAsked.has(name) });
    const recording = await readRecording(shape);
    await t.step("the host offers what was recorded", () => assertEquals(said.offer, recording.offer));
    const asked = cases.filter(({ name }) => name in recording.answers && !notAsked.has(name));
    await t.step("the cases are those that were recorded", () => {
      assertEquals(Object.keys(said.answers), asked.map(({ name }) => name));
    });
    await t.step("each call's errors are among those that were recorded", () => {
      assertEquals(said.errors.filter((error) => !recording.errors.includes(error)), []);
    });
    for (const each of asked) {
      await t.step(each.name, () => {
        const answer = said.answers[each.name]!;
        holdToSource(each, answer, said.offer);
        assertEquals(answer, recording.answers[each.name]);
      });
    }
    for (const [name, reason] of notAsked) {
      if (name in recording.answers) {
        await t.step({ name: `${name}: left out, as ${reason}`, ignore: true, fn: () => {} });
      }
    }
  });
}

Deno.test("each case that is left out is one of the list", () => {
  const names = cases.map(({ name }) => name);
  assertEquals([...leftOut.keys()].filter((name) => !names.includes(name)), []);
});
