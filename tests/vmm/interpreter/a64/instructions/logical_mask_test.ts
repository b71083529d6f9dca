import { assertEquals } from "@std/assert";
import { logicalMask } from "../../../../../vmm/interpreter/a64/instructions/logical_mask.ts";

/** Of every encoding, the values and how many are reserved. */
function masks(sf: number) {
  const values = new Set<bigint | undefined>();
  for (let bits = 0; bits < 1 << 13; bits++) {
    values.add(logicalMask(sf, bits >> 12, bits >> 6 & 63, bits & 63));
  }
  values.delete(undefined);
  return values;
}

Deno.test("there are 5334 masks of 64 bits and 1302 of 32", () => {
  // A run of 1 to size - 1 ones at any rotation, for each size of element: the sum of size * (size - 1).
  assertEquals([masks(1).size, masks(0).size], [5334, 1302]);
});

Deno.test("a mask's inverse is a mask", () => {
  const all = masks(1);
  for (const mask of all) assertEquals(all.has(BigInt.asUintN(64, ~mask!)), true);
});

Deno.test("elements repeat and runs rotate", () => {
  assertEquals(logicalMask(1, 0, 0b111100, 0), 0x5555_5555_5555_5555n);
  assertEquals(logicalMask(1, 0, 0b110011, 1), 0x8787_8787_8787_8787n);
  assertEquals(logicalMask(0, 0, 0b000111, 4), 0xf000_000fn);
  assertEquals(logicalMask(1, 1, 0b000111, 4), 0xf000_0000_0000_000fn);
});
