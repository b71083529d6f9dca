// The table that people read, and what its verdicts rest on.

import { assertEquals, assertThrows } from "@std/assert";
import { median, meetsTarget, type Row } from "./row.ts";
import { formatTable } from "./table.ts";

const exits: Row = {
  what: "an exit",
  value: 112.4,
  unit: "us",
  beside: { what: "C", value: 80.04 },
  ratio: 1.4043,
  target: { of: "ratio", atMost: 1.15 },
};
const stop: Row = {
  what: "stopping",
  value: 60,
  unit: "ms",
  target: { of: "value", atMost: 50, where: "on real hardware" },
};

Deno.test("the table has a column for each thing, and says whether a target is met", () => {
  assertEquals(formatTable([exits, stop, { what: "  of it", value: 0.25, unit: "s" }]).split("\n"), [
    "          Velum    beside it    ratio  target",
    "an exit   112 us   80.0 us (C)  1.40   at most ratio 1.15: missed",
    "stopping  60.0 ms                      at most 50 ms on real hardware: missed",
    "  of it   0.250 s",
  ]);
});

Deno.test("a target is met up to its limit, and a row without one meets nothing", () => {
  assertEquals(meetsTarget({ ...exits, ratio: 1.15 }), true);
  assertEquals(meetsTarget({ ...exits, ratio: 1.1501 }), false);
  assertEquals(meetsTarget({ ...stop, value: 50 }), true);
  assertEquals(meetsTarget({ what: "", value: 1, unit: "s" }), undefined);
});

Deno.test("the median is the middle value by size, or the mean of the middle two", () => {
  assertEquals(median([10, 9, 1]), 9);
  assertEquals(median([4, 1, 3, 100]), 3.5);
  assertThrows(() => median([]), RangeError);
});
