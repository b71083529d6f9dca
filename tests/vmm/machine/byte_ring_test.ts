import { assert, assertEquals } from "@std/assert";
import { ByteRing } from "../../../vmm/machine/byte_ring.ts";
import { startIsolate } from "./isolate.ts";

const capacity = 8;

/** A ring whose counters stand at this number already, as after so many bytes. */
function ringAt(count: number): ByteRing {
  const ring = ByteRing.ofCapacity(capacity);
  new Int32Array(ring.buffer, 0, 2).fill(count);
  return ring;
}

function taken(ring: ByteRing, most = 100): number[] {
  const into = new Uint8Array(most);
  return [...into.subarray(0, ring.take(into))];
}

for (const [what, count] of [["0", 0], ["2^31", 2 ** 31 - 3 | 0], ["2^32", -3]] as const) {
  Deno.test(`a ring keeps order and number of its bytes when its counters pass ${what}`, () => {
    const ring = ringAt(count);
    for (let round = 0; round < 5; round++) {
      for (const byte of [round, 10, 20]) assert(ring.push(byte));
      assertEquals([ring.length, ring.room], [3, capacity - 3]);
      assertEquals(taken(ring), [round, 10, 20]);
      assertEquals([ring.length, ring.room], [0, capacity]);
    }
  });
}

Deno.test("a full ring refuses bytes and loses none of those it has", () => {
  const ring = ringAt(-4);
  const pushed = Array.from({ length: capacity + 2 }, (_, n) => ring.push(n));
  assertEquals(pushed.filter(Boolean).length, capacity);
  assertEquals(ring.room, 0);
  assertEquals(taken(ring, 3), [0, 1, 2]);
  assert(ring.push(99));
  assertEquals(taken(ring), [3, 4, 5, 6, 7, 99]);
});

Deno.test("an empty ring gives nothing", () => {
  assertEquals(taken(ByteRing.ofCapacity(capacity)), []);
});

Deno.test("peeking leaves the bytes, and dropping removes the first of them", () => {
  const ring = ringAt(-1);
  for (const byte of [1, 2, 3]) ring.push(byte);
  const into = new Uint8Array(2);
  assertEquals([ring.peek(into), ...into], [2, 1, 2]);
  ring.drop(1);
  assertEquals(taken(ring), [2, 3]);
});

Deno.test("there is nothing to wait for where there is room", () => {
  ByteRing.ofCapacity(capacity).awaitTaken(Infinity);
});

Deno.test("two isolates pass a hundred thousand bytes through a small ring in order", async () => {
  const count = 100_000;
  const ring = ByteRing.ofCapacity(64);
  const sender = startIsolate({ does: "send", ring: ring.buffer, count });
  const piece = new Uint8Array(48);
  let received = 0;
  while (received < count) {
    const length = ring.take(piece);
    if (length === 0) await new Promise((resolve) => setTimeout(resolve));
    for (let n = 0; n < length; n++) assertEquals(piece[n], (received + n) * 7 & 0xff);
    received += length;
  }
  await sender.finished;
  assertEquals(ring.length, 0);
});
