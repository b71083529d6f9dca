import { assert, assertEquals } from "@std/assert";
import { ControlBlock, lifecycle } from "../../../vmm/machine/control_block.ts";
import { startIsolate } from "./isolate.ts";

Deno.test("two views of a control block see the same machine", () => {
  const one = new ControlBlock(3);
  const other = new ControlBlock(3, one.buffer);
  one.state = lifecycle.paused;
  one.isInteractive = true;
  one.setThread(2, 4711);
  assertEquals([other.state, other.isInteractive, other.thread(2), other.thread(1)], [
    lifecycle.paused,
    true,
    4711,
    0,
  ]);
});

Deno.test("no vcpu's words overlap another's, for any number of vcpus", () => {
  for (const vcpus of [1, 2, 7, 8, 9, 123]) {
    const control = new ControlBlock(vcpus);
    for (let vcpu = 0; vcpu < vcpus; vcpu++) control.setThread(vcpu, vcpu + 1);
    const firstSlot = control.slot(0);
    assert(control.words.subarray(firstSlot).every((word) => word === 0), "a thread lies in a slot");
    assertEquals(control.slot(vcpus), control.words.length);
  }
});

Deno.test("whoever sleeps on the doorbell is woken by it, or had missed it", () => {
  const control = new ControlBlock(1);
  const seen = control.doorbell;
  control.ringDoorbell();
  control.awaitDoorbell(seen);
  assertEquals(control.doorbell, seen + 1);
});

Deno.test("an alarm is told of once until it is taken, and the latest time counts", () => {
  const control = new ControlBlock(1);
  assertEquals([control.askForAlarm(1000), control.askForAlarm(500.5)], [true, false]);
  assertEquals(control.takeAlarm(), 500.5);
  assertEquals(control.askForAlarm(2000), true);
});

Deno.test("nobody is held while the machine runs or is stopped", async () => {
  for (const state of [lifecycle.running, lifecycle.stopped]) {
    const control = new ControlBlock(1);
    control.state = state;
    control.holdWhilePaused();
    await control.whenHeld(1);
  }
});

for (const then of ["running", "stopped"] as const) {
  Deno.test(`vcpus are held while the machine is paused, and let go when it is ${then}`, async () => {
    const control = new ControlBlock(2);
    control.state = lifecycle.paused;
    const job = { does: "hold", control: control.buffer, vcpus: 2 } as const;
    const vcpus = [startIsolate(job), startIsolate(job)];
    await control.whenHeld(2);
    control.state = lifecycle[then];
    await Promise.all(vcpus.map(({ finished }) => finished));
  });
}

Deno.test("waiting for vcpus to be held ends when the machine is stopped instead", async () => {
  const control = new ControlBlock(1);
  control.state = lifecycle.paused;
  const held = control.whenHeld(1);
  control.state = lifecycle.stopped;
  await held;
});

Deno.test("the control side is told of output once, until it looks", () => {
  const control = new ControlBlock(1);
  assertEquals([control.mustTellOfOutput(), control.mustTellOfOutput()], [true, false]);
  control.hearOfOutput();
  assertEquals(control.mustTellOfOutput(), true);
});
