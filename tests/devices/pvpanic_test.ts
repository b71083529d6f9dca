import { assertEquals } from "@std/assert";
import { createPvpanic } from "../../devices/pvpanic.ts";

function sample() {
  const events: string[] = [];
  const misuses: string[] = [];
  const device = createPvpanic({
    report: (event) => events.push(event),
    misuse: (_, what) => misuses.push(what),
  });
  return { device, events, misuses };
}

Deno.test("pvpanic reads as the two events it knows", () => {
  assertEquals(sample().device.read(0, 1), 3);
});

Deno.test("pvpanic reports each event that is written", () => {
  const { device, events, misuses } = sample();
  device.write(0, 1, 1);
  device.write(0, 1, 2);
  device.write(0, 1, 3);
  assertEquals(events, ["panicked", "crash loaded", "panicked", "crash loaded"]);
  assertEquals(misuses, []);
});

Deno.test("pvpanic tells of events it does not know and ignores its second byte", () => {
  const { device, events, misuses } = sample();
  device.write(0, 1, 0x84);
  device.write(1, 1, 1);
  assertEquals(events, []);
  assertEquals(misuses.length, 2);
});
