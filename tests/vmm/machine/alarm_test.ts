import { assert, assertEquals } from "@std/assert";
import { createAlarms } from "../../../vmm/machine/alarm.ts";

/** Alarms, with the wake-ups they asked for and what was rung. */
function sample() {
  const wakeUps: number[] = [];
  const rung: string[] = [];
  const alarms = createAlarms((time) => void wakeUps.push(time));
  return { alarms, wakeUps, rung, ring: (name: string) => () => void rung.push(name) };
}

Deno.test("an alarm asks to be woken in so many seconds from now", () => {
  const { alarms, wakeUps } = sample();
  const before = Date.now();
  alarms.create().schedule(1000, () => {});
  const [time] = wakeUps;
  assert(time !== undefined && before + 1e6 <= time && time <= Date.now() + 1e6, `${time}`);
});

Deno.test("an alarm rings once, at its time and not before", () => {
  const { alarms, wakeUps, rung, ring } = sample();
  alarms.create().schedule(10, ring("it"));
  const due = wakeUps.at(-1)!;
  alarms.ring(due - 1);
  assertEquals(rung, []);
  alarms.ring(due);
  alarms.ring(due + 1e9);
  assertEquals(rung, ["it"]);
});

Deno.test("of several alarms the earliest is the one to be woken for", () => {
  const { alarms, wakeUps, rung, ring } = sample();
  alarms.create().schedule(30, ring("late"));
  const late = wakeUps.at(-1)!;
  alarms.create().schedule(10, ring("early"));
  const early = wakeUps.at(-1)!;
  assert(early < late);
  alarms.create().schedule(20, ring("between"));
  assertEquals(wakeUps.at(-1), early);
  alarms.ring(early);
  assertEquals(rung, ["early"]);
  assert(early < wakeUps.at(-1)! && wakeUps.at(-1)! < late);
  alarms.ring(late);
  assertEquals(rung.toSorted(), ["between", "early", "late"]);
});

Deno.test("a new time replaces the old one, and none at all cancels it", () => {
  const { alarms, rung, ring } = sample();
  const [moved, cancelled] = [alarms.create(), alarms.create()];
  moved.schedule(1, ring("first"));
  moved.schedule(1000, ring("second"));
  cancelled.schedule(1, ring("never"));
  cancelled.schedule(undefined, ring("never"));
  alarms.ring(Date.now() + 10_000);
  assertEquals(rung, []);
  alarms.ring(Date.now() + 2_000_000);
  assertEquals(rung, ["second"]);
});

Deno.test("an alarm that sets itself anew while it rings is waited for again", () => {
  const { alarms, wakeUps, rung } = sample();
  const alarm = alarms.create();
  const again = () => {
    rung.push("again");
    alarm.schedule(100, again);
  };
  alarm.schedule(100, again);
  alarms.ring(wakeUps.at(-1)!);
  assertEquals(rung, ["again"]);
  alarms.ring(wakeUps.at(-1)! + 1000);
  assertEquals(rung, ["again", "again"]);
});
