import { assert, assertEquals, assertThrows } from "@std/assert";
import { GuestImageError } from "../../guest/guest_error.ts";
import { layOut, type Span } from "../../guest/layout.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const BASE = 0x4000_0000;

function kernel(offset: number, size: number): Span {
  return { start: BASE + offset, end: BASE + offset + size };
}

function ram(size: number) {
  return { base: BASE, size };
}

Deno.test("a Linux Image at the base of memory has the device tree and then the initrd behind it", () => {
  const layout = layOut(
    { kernel: kernel(0, 34 * MiB), deviceTreeSize: 5000, initrdSize: 300_000 },
    ram(64 * MiB),
  );
  assertEquals(layout.deviceTree, { start: BASE + 34 * MiB, end: BASE + 34 * MiB + 5000 });
  assertEquals(layout.initrd, {
    start: BASE + 34 * MiB + 64 * KiB,
    end: BASE + 34 * MiB + 64 * KiB + 300_000,
  });
});

Deno.test("a flat binary finds the device tree at the base of memory, as on QEMU's virt machine", () => {
  const layout = layOut({ kernel: kernel(0x8_0000, 4 * KiB), deviceTreeSize: 5000 }, ram(2 * MiB));
  assertEquals(layout, { deviceTree: { start: BASE, end: BASE + 5000 } });
});

Deno.test("an initrd that has no room above the kernel goes below it, after the device tree", () => {
  const layout = layOut(
    { kernel: kernel(62 * MiB, 2 * MiB), deviceTreeSize: 5000, initrdSize: 10 * MiB },
    ram(64 * MiB),
  );
  assertEquals(layout.deviceTree.start, BASE);
  assertEquals(layout.initrd?.start, BASE + 64 * KiB);
});

Deno.test("kernel, device tree and initrd keep to the boot protocol and off each other", () => {
  for (const memory of [16 * MiB, 48 * MiB, 1 * GiB, 40 * GiB]) {
    for (const offset of [0, 4 * KiB, 512 * KiB, 6 * MiB - 4 * KiB, 39 * GiB]) {
      for (const deviceTreeSize of [1, 4097, 2 * MiB]) {
        const contents = { kernel: kernel(offset, 5 * MiB - 8), deviceTreeSize, initrdSize: 3 * MiB + 1 };
        if (contents.kernel.end > BASE + memory) continue;
        const { deviceTree, initrd } = layOut(contents, ram(memory));
        assert(initrd !== undefined);
        const spans = [contents.kernel, deviceTree, initrd].toSorted((a, b) => a.start - b.start);
        spans.forEach((span, n) => assert(span.start >= (spans[n - 1]?.end ?? BASE)));
        assert((spans[2]?.end ?? Infinity) <= BASE + memory);
        assertEquals(initrd.end - initrd.start, contents.initrdSize);
        assertEquals(deviceTree.end - deviceTree.start, deviceTreeSize);
        assertEquals(deviceTree.start % 8, 0);
        assertEquals(Math.floor(deviceTree.start / (2 * MiB)), Math.floor((deviceTree.end - 1) / (2 * MiB)));
        const windowStart = Math.floor(Math.min(initrd.start, contents.kernel.start) / GiB) * GiB;
        assert(Math.max(initrd.end, contents.kernel.end) <= windowStart + 32 * GiB);
      }
    }
  }
});

Deno.test("what does not fit is named with its sizes and a memory size that is enough", () => {
  const contents = { kernel: kernel(0, 34 * MiB), deviceTreeSize: 5000, initrdSize: 300 * MiB };
  const error = assertThrows(() => layOut(contents, ram(256 * MiB)), GuestImageError);
  assertEquals(
    error.message,
    "an initrd of 300 MiB and a kernel of 34 MiB do not fit in 256 MiB of memory; give --memory 512M or more",
  );
  layOut(contents, ram(512 * MiB));
});

Deno.test("a kernel that leaves no room for the device tree is named with its size", () => {
  const contents = { kernel: kernel(0, 16 * MiB), deviceTreeSize: 5000 };
  const error = assertThrows(() => layOut(contents, ram(16 * MiB)), GuestImageError);
  assertEquals(
    error.message,
    "a kernel of 16 MiB and its device tree do not fit in 16 MiB of memory; give --memory 32M or more",
  );
});

Deno.test("an initrd beyond the 32 GiB window of the kernel is refused", () => {
  const contents = { kernel: kernel(0, 34 * MiB), deviceTreeSize: 5000, initrdSize: 32 * GiB };
  assertThrows(() => layOut(contents, ram(64 * GiB)), GuestImageError, "in the 32 GiB that Linux reaches");
});

Deno.test("an empty initrd is refused", () => {
  const contents = { kernel: kernel(0, 34 * MiB), deviceTreeSize: 5000, initrdSize: 0 };
  assertThrows(() => layOut(contents, ram(64 * MiB)), GuestImageError, "the initrd is an empty file");
});

Deno.test("a device tree over 2 MiB is refused", () => {
  const contents = { kernel: kernel(0, 34 * MiB), deviceTreeSize: 3 * MiB };
  assertThrows(() => layOut(contents, ram(64 * MiB)), GuestImageError, "the device tree is 3 MiB long");
});
