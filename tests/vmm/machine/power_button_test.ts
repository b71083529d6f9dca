import { assertEquals } from "@std/assert";
import { createPowerButton } from "../../../vmm/machine/power_button.ts";

function sample() {
  const levels: boolean[] = [];
  const scheduled: number[] = [];
  let presses = 0;
  let letGo = () => {};
  const button = createPowerButton({
    takePresses: () => presses,
    hold: (isHeld) => levels.push(isHeld),
    alarm: {
      schedule(seconds, callback) {
        scheduled.push(seconds!);
        letGo = callback;
      },
    },
  });
  return {
    levels,
    scheduled,
    feed(asked: number) {
      presses = asked;
      button.feed();
    },
    letGo: () => letGo(),
  };
}

Deno.test("a press holds the button for long enough that a driver believes it, then lets it go", () => {
  const { levels, scheduled, feed, letGo } = sample();
  feed(0);
  assertEquals(levels, []);
  feed(1);
  assertEquals([levels, scheduled], [[true], [0.1]]);
  letGo();
  assertEquals(levels, [true, false]);
});

Deno.test("a press while the button is held is none, and one after it is another", () => {
  const { levels, scheduled, feed, letGo } = sample();
  feed(2);
  feed(1);
  assertEquals([levels, scheduled.length], [[true], 1]);
  letGo();
  feed(1);
  assertEquals(levels, [true, false, true]);
});
