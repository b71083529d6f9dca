import { assertEquals } from "@std/assert";
import { seededRandom, xoshiro128 } from "../../../vmm/interpreter/seeded_random.ts";

function bytes(seed: number, stream: number, pieces: readonly number[]): string {
  const fill = seededRandom(seed, stream);
  return pieces.map((length) => {
    const piece = new Uint8Array(length);
    fill(piece);
    return piece.toHex();
  }).join(" ");
}

Deno.test("xoshiro128** gives what its authors' program gives", () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  const given = Array.from({ length: 10 }, () => xoshiro128(state));
  assertEquals(given, [
    11520,
    0,
    5927040,
    70819200,
    2031721883,
    1637235492,
    1287239034,
    3734860849,
    3729100597,
    4258142804,
  ]);
});

Deno.test("the same seed and stream give the same bytes, any other give others", () => {
  const first = bytes(0, 0, [5, 8, 1]);
  assertEquals(bytes(0, 0, [5, 8, 1]), first);
  const others = [bytes(1, 0, [5, 8, 1]), bytes(0, 1, [5, 8, 1]), bytes(2 ** 32 - 1, 0, [5, 8, 1])];
  assertEquals(new Set([first, ...others]).size, 4);
});
