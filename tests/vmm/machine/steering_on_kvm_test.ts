// Machines on real KVM are paused, resumed, stopped and released, whatever their vcpus do: one boot of the bed.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { guestBase, largeMemoryMiB, type Leak, type Pausing, type Steered } from "./steer_machines.ts";

const script = new URL("steer_machines.ts", import.meta.url).pathname;

function checkLeak({ descriptors, kvmMappings, grownMiB }: Leak) {
  // Fewer than before is no leak: the first machine may not have been quite gone when it was counted.
  assert(descriptors <= 0, `${descriptors} descriptors are left`);
  assertEquals(kvmMappings, 0);
  assert(grownMiB < largeMemoryMiB, `${grownMiB} MiB of address space are left`);
}

function checkPausing({ vcpus, first, second, later }: Pausing) {
  assertEquals(first.length, vcpus);
  for (const [pc, x0] of first) {
    assert([guestBase, guestBase + 4n].includes(BigInt(pc)), pc);
    assert(BigInt(x0) > 0n, "it has not run");
  }
  assertEquals(second, first);
  later.forEach(([, x0], n) => assert(BigInt(x0) > BigInt(second[n]![1]), `vcpu ${n} stayed at ${x0}`));
}

Deno.test(
  "a machine on KVM can be steered whatever its guest does",
  { ignore: !await requireBed() },
  async (t) => {
    const argv = ["/bin/deno", "run", "-A", script];
    const [result] = await runInBed("max", [{ argv }]);
    assertEquals(result?.status, 0, result?.stderr);
    const seen = JSON.parse(result!.stdout) as Steered;

    for (const pausing of seen.pausing) {
      const what = `${pausing.vcpus} vcpus stand still inside the guest; resumed, each goes on`;
      await t.step(`paused, ${what}`, () => checkPausing(pausing));
    }
    for (const { what, kind } of seen.stopping) {
      await t.step(`a machine can be stopped: ${what}`, () => assertEquals(kind, "stopped"));
    }
    await t.step("the control isolate's timers go on while the guest spins", () => {
      assertEquals(seen.ticks, 20);
    });
    await t.step("time in the guest is that in which it ran, not that in which it slept", () => {
      const { passed, spinning, waiting } = seen.guestTime;
      const had = ([before, after]: readonly number[]) => after! - before!;
      assert(had(spinning) > passed / 4 && had(spinning) < 2 * passed, `${spinning}`);
      assert(had(waiting) < passed / 4, `${waiting}`);
    });
    await t.step("output that nobody reads takes no memory, and its guest can be stopped", () => {
      assertEquals(seen.unread.ending, "stopped");
      assert(seen.unread.grownMiB < 8, `the process grew by ${seen.unread.grownMiB} MiB`);
    });
    await t.step("a hundred machines created and closed leave nothing behind", () => {
      checkLeak(seen.leaks.created);
    });
    await t.step("ten machines started, stopped and closed leave nothing behind", () => {
      checkLeak(seen.leaks.started);
    });
    await t.step("a KVM_RUN that answers with an error ends the machine in words", () => {
      assertEquals(seen.refusedRun.kind, "failed");
      assertMatch(seen.refusedRun.reason ?? "", /^KVM_RUN answered EFAULT while .*vcpu 0/);
    });
    await t.step("a closed machine that is steered does nothing", () => {
      assertEquals(seen.afterClose, "stopped");
    });
    await t.step("X0 of the boot vcpu is the address of the device tree", () => {
      assert(seen.deviceTreeInMemory);
    });
  },
);
