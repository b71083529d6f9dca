import { assertEquals } from "@std/assert";
import { Tally } from "../../devices/tally.ts";

Deno.test("each number counts by itself", () => {
  const tally = new Tally(2);
  for (let n = 0; n < 3; n++) tally.count(1);
  assertEquals([tally.get(0), tally.get(1)], [0, 3]);
});

Deno.test("a number goes on beyond 32 bits", () => {
  const buffer = new ArrayBuffer(Tally.bytes(2));
  new Uint32Array(buffer).set([7, 0, 0xffff_ffff, 1]);
  const tally = new Tally(1, buffer, Tally.bytes(1));
  tally.count(0);
  assertEquals(tally.get(0), 2 ** 33);
});
