// C structures as data: alignment, packing and unpacking, on structures made up for the test.

import { assertEquals } from "@std/assert";
import { array, s32, struct, u16, u32, u64, u8 } from "../../../vmm/kvm/struct.ts";

const point = struct("point", { x: u8, y: u32 });
const sample = struct("sample", {
  tag: u8,
  half: u16,
  at: point,
  wide: u64,
  signed: s32,
  tail: array(u16, 3),
});

Deno.test("members are aligned as C aligns them, and the size is a multiple of the alignment", () => {
  assertEquals(point.offsets, { x: 0, y: 4 });
  assertEquals(sample.offsets, { tag: 0, half: 2, at: 4, wide: 16, signed: 24, tail: 28 });
  assertEquals([sample.size, sample.align], [40, 8]);
});

Deno.test("packing and unpacking are inverse", () => {
  const values = {
    tag: 0xab,
    half: 0xcdef,
    at: { x: 7, y: 0xffff_fffe },
    wide: 0xffff_ffff_ffff_fffen,
    signed: -2,
    tail: [1, 2, 0xffff],
  };
  assertEquals(sample.unpack(sample.pack(values)), values);
});

Deno.test("members not named are zero, and a short array leaves the rest", () => {
  const bytes = sample.pack({ tail: [0x1122] });
  const expected = new Uint8Array(40);
  expected.set([0x22, 0x11], 28);
  assertEquals(bytes, expected);
});

Deno.test("unpacking starts at the view's own offset", () => {
  const whole = new Uint8Array(16);
  whole.set(point.pack({ x: 1, y: 2 }), 8);
  assertEquals(point.unpack(whole.subarray(8)), { x: 1, y: 2 });
});
