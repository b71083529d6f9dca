// The interpreter answers every recorded case of every host shape as real KVM did, but for the cases that
// need a CPU, which it does not have yet.

import { assert, assertEquals } from "@std/assert";
import { interpreterBackend } from "../../vmm/interpreter/backend.ts";
import { findHost } from "../../vmm/interpreter/hosts.ts";
import { errno } from "../../vmm/kvm/errno.ts";
import * as calls from "../../vmm/kvm/ioctls.ts";
import { hostShapes } from "../kvm-host/host_shapes.ts";
import type { Answer } from "./case.ts";
import { type Answers, cases, runList } from "./list.ts";
import { holdToSource, readRecording } from "./recordings.ts";

/** Cases about what a guest does, which need a CPU. Each must come to the guest's first instruction. */
const needsCpu: readonly string[] = [
  "a guest selects through ZCR_EL1 exactly the lengths its vcpu was given",
  "a guest reads from its ID registers what the monitor reads",
  "the guest is told the PSCI version that was set",
  "a hypercall whose bit is cleared is not there for the guest",
  "a store where no memory is exits with its address, size and data",
  "a load where no memory is gets the monitor's data, extended with zeros",
  "a signed load gets the monitor's data, which the kernel does not extend with the sign",
  "at an MMIO exit the program counter is still at the access; the next KVM_RUN completes it",
  "immediate_exit makes KVM_RUN return with EINTR before the guest runs",
  "an access without a syndrome where no memory is ends KVM_RUN with ENOSYS",
  "with KVM_CAP_ARM_NISV_TO_USER it exits with KVM_EXIT_ARM_NISV",
  "a monitor may step over an access it was told of, and the guest goes on",
  "a fetch where no memory is is an abort of the guest's own",
  "an access beyond the VM's address bits is an abort of the guest's own",
  "a vcpu keeps what the guest put into its registers",
  "a guest finds what the monitor put into its registers",
  "an SVE instruction is undefined on a vcpu without SVE, and a key register on one without pointer authentication",
  "a vcpu with SVE runs RDVL and reaches ZCR_EL1",
  "a vcpu with pointer authentication signs and authenticates with its keys; a wrong modifier fails",
  "without pointer authentication PACIA leaves the pointer as it is",
  "the guest is told which functions there are",
  "SYSTEM_OFF exits with KVM_SYSTEM_EVENT_SHUTDOWN, its vcpu stopped",
  "SYSTEM_RESET exits with KVM_SYSTEM_EVENT_RESET, its vcpu stopped",
  "SYSTEM_RESET2 exits with KVM_SYSTEM_EVENT_RESET and its flag",
  "SYSTEM_SUSPEND is not supported unless KVM_CAP_ARM_SYSTEM_SUSPEND is enabled, then it exits",
  "a monitor that does not know what to do with SYSTEM_SUSPEND runs on: the guest resumes after its call",
  "CPU_ON starts a vcpu that was initialised powered off, at the address and with the value it is given",
  "without KVM_ARM_VCPU_PSCI_0_2 there is only PSCI 0.1, which has no version",
  "a call through SMC is served like one through HVC",
  "the log names each page the guest wrote since it was last read",
  "the log does not name pages that the monitor wrote or the guest only read",
  "read-only memory is read without an exit; a store to it exits and changes nothing",
  "a store to read-only memory without a syndrome ends KVM_RUN with ENOSYS",
  "where a slot was taken away the guest's accesses exit",
  "KVM_RUN needs a controller that is there to be initialised and to have a redistributor for each vcpu",
  "KVM_RUN initialises a GICv2 that was only placed",
  "WFI ends when the vcpu's IRQ input is up, though interrupts are masked",
  "a suspended vcpu whose IRQ input is up exits with KVM_SYSTEM_EVENT_WAKEUP, and is still suspended",
  "a level-triggered SPI is pending while its line is up, an edge-triggered one from then on",
  "a guest's write to an ioeventfd of its length does not exit; another length's, or a read, does",
  "an ioeventfd with a value to match exits for every other",
  "a guest's write to an ioeventfd that is an irqfd too makes the interrupt pending",
  "the comparison value's register id is the one whose encoding is CNTVCT_EL0's, and the other way round",
  "KVM_RUN of a vcpu whose PMU was not initialised is EINVAL",
  "an external data abort made pending is the guest's next exception, and is never read back",
  "single step exits after each instruction, until it is turned off",
  "a BRK exits before it takes effect if software breakpoints are the monitor's, else it is the guest's",
  "a hardware breakpoint exits before the instruction it is set on",
  "a debugger that is not enabled leaves the guest alone",
];

/** What only those cases are answered with, and what they are answered with in its place. */
const errorsOfCpu = ["KVM_RUN ENOSYS"];
const errorInItsPlace = "KVM_RUN EOPNOTSUPP";

/** The answers of the interpreter as this host, and the cases that came to a guest's first instruction. */
function ask(shape: string): Answers & { readonly entered: ReadonlySet<string> } {
  const backend = interpreterBackend(findHost(shape));
  const entered = new Set<string>();
  let current = "";
  const watched: typeof backend = {
    ...backend,
    ioctl(fd, ioctl, argument, pointee) {
      const answer = backend.ioctl(fd, ioctl, argument, pointee);
      if (ioctl === calls.KVM_RUN && answer === -errno.EOPNOTSUPP) entered.add(current);
      return answer;
    },
  };
  const answers = runList(watched, backend.eventfd, (name) => void (current = name));
  return { ...answers, entered };
}

const areEqual = (a: Answer | undefined, b: Answer | undefined) => {
  try {
    assertEquals(a, b);
    return true;
  } catch {
    return false;
  }
};

for (const { name: shape, about } of hostShapes) {
  Deno.test(`the interpreter answers as real KVM does on ${shape} (${about})`, async (t) => {
    const [said, recording] = [ask(shape), await readRecording(shape)];
    await t.step("the host offers what was recorded", () => assertEquals(said.offer, recording.offer));
    await t.step("the cases are those that were recorded", () => {
      assertEquals(Object.keys(said.answers), Object.keys(recording.answers));
    });
    await t.step("each call's errors are those that were recorded, but for a CPU's", () => {
      assertEquals(
        said.errors.filter((error) => error !== errorInItsPlace),
        recording.errors.filter((error) => !errorsOfCpu.includes(error)),
      );
    });
    const asked = cases.filter(({ name }) => name in recording.answers);
    for (const each of asked.filter(({ name }) => !needsCpu.includes(name))) {
      await t.step(each.name, () => {
        const answer = said.answers[each.name]!;
        holdToSource(each, answer, said.offer);
        assertEquals(answer, recording.answers[each.name]);
      });
    }
    await t.step(
      "the cases left out need a CPU: they come to the first instruction, and would not pass",
      () => {
        for (const { name } of asked.filter(({ name }) => needsCpu.includes(name))) {
          assert(said.entered.has(name), `"${name}" runs no guest`);
          assert(!areEqual(said.answers[name], recording.answers[name]), `"${name}" passes without a CPU`);
        }
      },
    );
  });
}

Deno.test("each case that is said to need a CPU is one of the list, once", () => {
  const names = cases.map(({ name }) => name);
  assertEquals(needsCpu.filter((name) => !names.includes(name)), []);
  assertEquals(new Set(needsCpu).size, needsCpu.length);
});
