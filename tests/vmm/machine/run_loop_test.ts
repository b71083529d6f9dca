// The run loop over a backend whose KVM_RUN follows a script: each step leaves an exit in the run page, or fails.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import { exitReasons, systemEvents } from "../../../vmm/kvm/run_page.ts";
import { exits, kvm_run, kvm_vcpu_events } from "../../../vmm/kvm/structs.ts";
import { ControlBlock, lifecycle } from "../../../vmm/machine/control_block.ts";
import { runVcpu } from "../../../vmm/machine/run_loop.ts";
import { ExitHistory } from "../../../vmm/machine/exit_history.ts";
import { answersWith, scriptedBackend } from "../kvm/scripted_backend.ts";
import type { Access } from "./isolate.ts";
import { startIsolate } from "./isolate.ts";
import { pageSize, putExit, putMmio } from "./mmio_page.ts";

/** What one KVM_RUN does: writes the page, and answers. */
type Step = (page: ArrayBuffer) => number | void;

const mmio = (access: Access): Step => (page) => putMmio(page, access);
const shutdown: Step = (page) =>
  putExit(page, exitReasons.KVM_EXIT_SYSTEM_EVENT, exits.system_event, {
    type: systemEvents.KVM_SYSTEM_EVENT_SHUTDOWN,
    ndata: 0,
    data: [],
  });
const nisv: Step = (page) =>
  putExit(page, exitReasons.KVM_EXIT_ARM_NISV, exits.arm_nisv, { esr_iss: 0x45n, fault_ipa: 0xb00_0000n });
const interrupted: Step = () => -errno.EINTR;

/** Runs a vcpu through the steps; a KVM_RUN beyond them is one too many. */
function runThrough(steps: readonly Step[], { canAbort = true } = {}) {
  const asked: string[] = [];
  const left = [...steps];
  const scripted = scriptedBackend({
    KVM_RUN: () => {
      const step = left.shift();
      assert(step, "the vcpu was run once too often");
      return step(scripted.pages[0]!) ?? 0;
    },
    KVM_GET_VCPU_EVENTS: answersWith(kvm_vcpu_events.pack({ exception: events })),
  });
  const vcpu = new Vcpu(scripted.backend, 5, 2, pageSize);
  const control = new ControlBlock(3);
  const context = {
    vcpu,
    page: vcpu.mapRunPage(),
    control,
    stopAtExit: undefined,
    canAbort,
    history: new ExitHistory(),
    wantsMore: () => false,
    poll: () => void asked.push("poll"),
    target: {
      read(address: number, width: number) {
        asked.push(`read ${width} at ${address.toString(16)}`);
        return 0x8000_0000 + width;
      },
      write(address: number, width: number, value: number) {
        asked.push(`write ${width} at ${address.toString(16)} = ${value.toString(16)}`);
      },
    },
  };
  return { ...scripted, asked, left, control, page: context.page, run: () => runVcpu(context) };
}

/** What was pending before. */
const events = {
  serror_pending: 1,
  serror_has_esr: 1,
  ext_dabt_pending: 0,
  pad: [],
  serror_esr: 0x1234n,
};

for (const width of [1, 2, 4, 8] as const) {
  Deno.test(`reads and writes of ${width} bytes are served and the guest goes on`, () => {
    const address = 0x900_0018;
    let seen: number[] = [];
    const machine = runThrough([
      mmio({ address, width }),
      () => {
        seen = [machine.page.mmioData(0), machine.page.mmioData(1)];
        putMmio(machine.pages[0]!, { address, width, data: [7, 9] });
      },
      shutdown,
    ]);
    assertEquals(machine.run(), { kind: "shutdown" });
    const value = 0x8000_0000 + Math.min(width, 4);
    assertEquals(seen, [value, width === 8 ? value : 0]);
    assertEquals(
      machine.asked,
      width === 8
        ? [
          "read 4 at 9000018",
          "read 4 at 900001c",
          "write 4 at 9000018 = 7",
          "write 4 at 900001c = 9",
        ]
        : [`read ${width} at 9000018`, `write ${width} at 9000018 = 7`],
    );
  });
}

for (const code of ["EINTR", "EAGAIN"] as const) {
  Deno.test(`${code} from KVM_RUN is somebody who wants something: it is seen to, and the guest goes on`, () => {
    const machine = runThrough([() => -errno[code], shutdown]);
    machine.page.immediateExit = true;
    assertEquals(machine.run(), { kind: "shutdown" });
    assertEquals(machine.asked, ["poll"]);
    assertEquals(new Uint8Array(machine.pages[0]!)[kvm_run.offsets.immediate_exit], 0);
  });
}

Deno.test("a vcpu of a stopped machine is not run at all", () => {
  const machine = runThrough([]);
  machine.control.state = lifecycle.stopped;
  assertEquals(machine.run(), undefined);
});

Deno.test("a vcpu interrupted because the machine is stopped ends without an ending of its own", () => {
  const machine = runThrough([
    mmio({ address: 0, width: 4 }),
    () => {
      machine.control.state = lifecycle.stopped;
      return -errno.EINTR;
    },
  ]);
  assertEquals(machine.run(), undefined);
});

Deno.test("a write that ends the machine is the last thing its vcpu does", () => {
  const machine = runThrough([mmio({ address: 0x90f_0000, width: 4, data: [3, 0] })]);
  const { run, asked, control } = machine;
  Object.defineProperty(asked, "push", { value: () => control.state = lifecycle.stopped });
  assertEquals(run(), undefined);
});

Deno.test("a vcpu interrupted while the machine is paused is held until it is not, then polls", async () => {
  const machine = runThrough([interrupted, shutdown]);
  machine.control.state = lifecycle.paused;
  const release = startIsolate({ does: "release", control: machine.control.buffer, vcpus: 3 });
  assertEquals(machine.run(), { kind: "shutdown" });
  assertEquals(machine.control.state, lifecycle.running);
  assertEquals(machine.asked, ["poll"]);
  await release.finished;
});

Deno.test("an access KVM cannot describe is answered with an abort, and what was pending stays", () => {
  const machine = runThrough([nisv, shutdown]);
  assertEquals(machine.run(), { kind: "shutdown" });
  const set = machine.calls.filter(({ ioctl }) => ioctl === "KVM_SET_VCPU_EVENTS");
  assertEquals(set.length, 1);
  const { exception } = kvm_vcpu_events.unpack(set[0]!.argument as Uint8Array<ArrayBuffer>);
  assertEquals({ ...exception, pad: [] }, { ...events, ext_dabt_pending: 1 });
});

Deno.test("where the host cannot give that abort, the machine ends and says where and why", () => {
  const machine = runThrough([nisv], { canAbort: false });
  assertEquals(machine.run(), {
    kind: "failed",
    vcpu: 2,
    reason: "the guest accessed 0xb000000, where no memory is, by an instruction that KVM cannot describe " +
      "(ESR_EL2.ISS 0x45), and this host cannot give it an abort",
  });
});

Deno.test("a memory fault, which comes with EFAULT, ends the machine and says where", () => {
  const memoryFault: Step = (page) => {
    const fault = { flags: 0n, gpa: 0x4100_0000n, size: 0x1000n };
    putExit(page, exitReasons.KVM_EXIT_MEMORY_FAULT, exits.memory_fault, fault);
    return -errno.EFAULT;
  };
  assertEquals(runThrough([memoryFault]).run(), {
    kind: "failed",
    vcpu: 2,
    reason: "KVM cannot give the guest the memory at 0x41000000 (0x1000 bytes)",
  });
});

Deno.test("any other error of KVM_RUN is not the loop's to answer", () => {
  const error = assertThrows(runThrough([() => -errno.EFAULT]).run, KvmError, "KVM_RUN answered EFAULT");
  assertEquals(error.code, errno.EFAULT);
});
