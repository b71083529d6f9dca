import { assert, assertEquals, assertThrows } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import { drawWords, encoding, field, withFields } from "./encodings.ts";

const ADD = encoding("s0001011 hh0mmmmm iiiiiinn nnnddddd");

Deno.test("drawn words have the encoding's fixed bits, and in every free bit both values", () => {
  const words = drawWords(seededRandom(1), ADD, 1000);
  assert(words.every((word) => (word & ADD.mask) >>> 0 === ADD.value));
  assertEquals([ADD.mask, ADD.value], [0x7f20_0000, 0x0b00_0000]);
  assertEquals(words.reduce((all, word) => (all | word) >>> 0), 0x8bdf_ffff);
  assertEquals(words.reduce((all, word) => (all & word) >>> 0), ADD.value);
});

Deno.test("a field can be fixed and read", () => {
  const word = drawWords(seededRandom(2), withFields(ADD, { d: 30, i: 5, s: 1 }), 1)[0] ?? 0;
  assertEquals(["d", "i", "s"].map((letter) => field(ADD, letter, word)), [30, 5, 1]);
});

Deno.test("an encoding that is not 32 bits, or a field that is not there, is refused", () => {
  assertThrows(() => encoding("0101"), RangeError, "4 bits");
  assertThrows(() => withFields(ADD, { z: 1 }), RangeError, "no field z");
  assertThrows(() => withFields(ADD, { h: 4 }), RangeError, "does not fit");
});
