// The generic timers (Arm DDI 0487, "The Generic Timer in AArch64 state"): comparison, masks, deadlines and
// lines, by a clock that the test turns.

import { assertEquals } from "@std/assert";
import { type TimerName, Timers, timerStateBytes } from "../../../vmm/interpreter/timers.ts";

function fixture() {
  let now = 0x1_0000_0000n;
  const timers = new Timers(new SharedArrayBuffer(timerStateBytes(2)), () => now);
  const lines: [number, TimerName, boolean][] = [];
  return {
    timers,
    lines,
    pass: (ticks: bigint) => void (now += ticks),
    update: (vcpu: number) => timers.update(vcpu, (...line) => lines.push(line)),
  };
}

Deno.test("a timer is due when its counter has come to its comparison value; TVAL counts down to it and beyond", () => {
  const { timers, pass } = fixture();
  timers.write(1, "CNTV", "TVAL", 100n);
  timers.write(1, "CNTV", "CTL", 1n);
  assertEquals(timers.read(1, "CNTV", "CVAL"), timers.count("CNTV") + 100n);
  pass(99n);
  assertEquals([timers.read(1, "CNTV", "CTL"), timers.read(1, "CNTV", "TVAL")], [1n, 1n]);
  pass(1n);
  assertEquals([timers.read(1, "CNTV", "CTL"), timers.read(1, "CNTV", "TVAL")], [5n, 0n]);
  pass(1n);
  assertEquals(timers.read(1, "CNTV", "TVAL"), 0xffff_ffffn);
  assertEquals(timers.read(0, "CNTV", "CVAL"), 0n);
});

Deno.test("a TVAL whose upper bit is set is a time ago", () => {
  const { timers } = fixture();
  timers.write(0, "CNTP", "TVAL", 0xffff_fff0n);
  assertEquals(timers.read(0, "CNTP", "CVAL"), timers.count("CNTP") - 16n);
});

Deno.test("a line is up while its timer is on, due and not masked, and is told of once", () => {
  const { timers, lines, pass, update } = fixture();
  timers.write(0, "CNTV", "TVAL", 10n);
  timers.write(0, "CNTV", "CTL", 1n);
  update(0);
  pass(10n);
  update(0);
  update(0);
  assertEquals(lines.splice(0), [[0, "CNTV", true]]);
  timers.write(0, "CNTV", "CTL", 3n);
  update(0);
  assertEquals(lines.splice(0), [[0, "CNTV", false]]);
  timers.write(0, "CNTV", "CTL", 1n);
  update(0);
  timers.write(0, "CNTV", "TVAL", 10n);
  update(0);
  assertEquals(lines.splice(0), [[0, "CNTV", true], [0, "CNTV", false]]);
});

Deno.test("the next deadline is the earliest timer's that is on, not masked and whose line is not up", () => {
  const { timers, pass, update } = fixture();
  assertEquals(timers.nextDeadline(0), Infinity);
  timers.write(0, "CNTV", "TVAL", 100n);
  timers.write(0, "CNTP", "TVAL", 50n);
  timers.write(0, "CNTV", "CTL", 1n);
  timers.write(0, "CNTP", "CTL", 3n);
  assertEquals(timers.nextDeadline(0), 100);
  timers.write(0, "CNTP", "CTL", 1n);
  assertEquals(timers.nextDeadline(0), 50);
  pass(60n);
  // One that came due since the lines were last driven must not be slept through.
  assertEquals(timers.nextDeadline(0), 0);
  update(0);
  assertEquals(timers.nextDeadline(0), 40);
  pass(60n);
  update(0);
  assertEquals([timers.nextDeadline(0), timers.nextDeadline(1)], [Infinity, Infinity]);
});

Deno.test("an offset sets a guest's counter back, its own timer with it and no other", () => {
  const { timers, pass } = fixture();
  timers.setOffset("CNTV", 0x1_0000_0000n);
  pass(5n);
  assertEquals([timers.count("CNTV"), timers.count("CNTP")], [5n, 0x1_0000_0005n]);
  timers.setOffset("CNTV", 0x1_0000_0006n);
  assertEquals(timers.count("CNTV"), (1n << 64n) - 1n);
  timers.write(0, "CNTV", "CVAL", 5n);
  assertEquals(timers.read(0, "CNTV", "CTL"), 4n);
});
