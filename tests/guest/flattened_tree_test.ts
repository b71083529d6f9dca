import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildDeviceTree, type NodeDescription, withChosen } from "../../guest/device_tree.ts";
import { readFlattenedTree } from "../../guest/flattened_tree_reader.ts";
import { writeFlattenedTree } from "../../guest/flattened_tree_writer.ts";
import { GuestImageError } from "../../guest/guest_error.ts";
import { corruptions } from "./corruptions.ts";
import { virtTree } from "./virt_tree.ts";

// In the blob of { a: 1 }: header 40 bytes, reservations 16, then the structure, then "a" and NUL.
const STRUCTURE = 56;

/** The blob of { a: 1 } with some of its words replaced. */
function changed(...words: readonly [number, number][]): Uint8Array<ArrayBuffer> {
  const blob = buildDeviceTree({ a: 1 });
  for (const [at, value] of words) new DataView(blob.buffer).setUint32(at, value);
  return blob;
}

function nested(depth: number): NodeDescription {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}

const REFUSALS: readonly [string, Uint8Array, string][] = [
  ["that is empty", new Uint8Array(), "not a flattened device tree"],
  ["of other content", new TextEncoder().encode("/dts-v1/; / { };"), "not a flattened device tree"],
  ["that is a header's start", changed().slice(0, 20), "of 40 bytes is cut short to 20"],
  ["that is cut short", changed().slice(0, -1), "is cut short to 89"],
  ["of version 3", changed([20, 3], [24, 3]), "is of version 3; versions 16 and 17 are read"],
  ["of a future version", changed([20, 40], [24, 30]), "is of version 40; versions 16 and 17 are read"],
  ["whose structure lies outside it", changed([8, 0xffff_fff0]), "lies outside it"],
  ["whose strings lie outside it", changed([32, 1000]), "lies outside it"],
  ["whose reservations lie outside it", changed([16, 1000]), "lies outside it"],
  ["whose reservations do not end", changed([16, 88]), "its memory reservations do not end"],
  ["with an unknown token", changed([STRUCTURE, 7]), "something other than one root node"],
  ["with an unknown token in a node", changed([STRUCTURE + 8, 7]), "has token 7 at offset 8"],
  ["with a property that runs past its end", changed([STRUCTURE + 12, 1000]), "property a runs past its end"],
  ["with a property of no name", changed([STRUCTURE + 16, 2]), "it has no proper name at offset 2"],
  ["with an unprintable name", changed([STRUCTURE + 4, 0x0700_0000]), "it has no proper name at offset 4"],
  ["that does not close its root", changed([STRUCTURE + 24, 4]), "has token 9 at offset 28"],
  ["that does not end", changed([STRUCTURE + 28, 4]), "its structure does not end"],
  ["with two roots", changed([STRUCTURE + 28, 1]), "its structure goes on after the root node"],
  ["nested without bound", buildDeviceTree(nested(100)), "its nodes nest deeper than 64"],
];

for (const [what, blob, part] of REFUSALS) {
  Deno.test(`a device tree ${what} is refused in one sentence`, () => {
    const { message } = assertThrows(() => readFlattenedTree(blob), GuestImageError, part);
    assert(message.startsWith("the device tree ") && !message.includes("\n"), message);
  });
}

Deno.test("a tree read and written again is the same blob", () => {
  const blob = buildDeviceTree(virtTree(2, 4));
  assertEquals(writeFlattenedTree(readFlattenedTree(blob)), blob);
  assertEquals(
    writeFlattenedTree(readFlattenedTree(buildDeviceTree(nested(63)))),
    buildDeviceTree(nested(63)),
  );
});

Deno.test("NOP tokens and bytes after the tree are passed over", () => {
  const padded = new Uint8Array(200);
  padded.set(changed());
  assertEquals(readFlattenedTree(padded), readFlattenedTree(changed()));
  const blob = changed([STRUCTURE + 8, 4], [STRUCTURE + 12, 4], [STRUCTURE + 16, 4], [STRUCTURE + 20, 4]);
  assertEquals(readFlattenedTree(blob).root.properties.size, 0);
});

Deno.test("memory reservations and the boot CPU survive", () => {
  const tree = {
    ...readFlattenedTree(changed()),
    reservations: [[1n << 40n, 4096n], [0n, 1n]] as const,
    bootCpu: 7,
  };
  assertEquals(readFlattenedTree(writeFlattenedTree(tree)), {
    ...tree,
    reservations: [[1n << 40n, 4096n], [0n, 1n]],
  });
});

Deno.test("a damaged device tree is refused in one sentence or patched", () => {
  for (const whole of [buildDeviceTree(virtTree(1, 1)), changed()]) {
    for (const blob of corruptions(whole, whole.length, 5000)) {
      try {
        const patched = withChosen(blob, { bootargs: "quiet", initrd: { start: 1, end: 2 } });
        readFlattenedTree(patched);
      } catch (error) {
        if (!(error instanceof GuestImageError)) throw error;
        assert(!error.message.includes("\n") && error.message.length < 250, error.message);
      }
    }
  }
});
