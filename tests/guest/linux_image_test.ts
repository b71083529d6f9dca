import { assertEquals, assertRejects } from "@std/assert";
import { GuestImageError } from "../../guest/guest_error.ts";
import { readKernel } from "../../guest/image.ts";
import { GuestMemory } from "../../guest/memory.ts";
import { linuxImage, u32At, withPeSections } from "./kernels.ts";

const MiB = 2 ** 20;
const RAM = { base: 0x4000_0000, size: 16 * MiB };

async function refused(file: Uint8Array, sentence: string): Promise<void> {
  const error = await assertRejects(() => readKernel(file, RAM), GuestImageError);
  assertEquals(error.message, sentence);
}

Deno.test("a Linux Image goes to the base of memory, and image_size beyond the file is zeroed", async () => {
  const file = linuxImage(4096, { imageSize: 8192n });
  const { format, entry, start, end, load } = await readKernel(file, RAM);
  assertEquals({ format, entry, start, end }, {
    format: "Linux Image",
    entry: 0x4000_0000,
    start: 0x4000_0000,
    end: 0x4000_2000,
  });
  const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
  memory.slice(RAM.base, RAM.size)?.fill(0xff);
  load(memory);
  assertEquals(memory.slice(RAM.base, 4096), file);
  assertEquals(memory.slice(RAM.base + 4096, 4096), new Uint8Array(4096));
  assertEquals(u32At(memory, RAM.base + 8192), 0xffff_ffff);
});

Deno.test("a Linux Image goes text_offset beyond the lowest 2 MiB boundary in memory", async () => {
  const file = linuxImage(4096, { textOffset: 0x8_0000n });
  assertEquals((await readKernel(file, RAM)).entry, 0x4008_0000);
  assertEquals((await readKernel(file, { base: 0x4010_0000, size: RAM.size })).entry, 0x4028_0000);
});

Deno.test("an old Linux Image that states no size is loaded 512 KiB into memory", async () => {
  const { entry, end } = await readKernel(linuxImage(4096, { imageSize: 0n, textOffset: 1n << 56n }), RAM);
  assertEquals({ entry, end }, { entry: 0x4008_0000, end: 0x4008_1000 });
});

Deno.test("a Linux Image without an EFI stub may be any shorter than its image_size", async () => {
  const { end } = await readKernel(linuxImage(64, { imageSize: 4096n }), RAM);
  assertEquals(end, 0x4000_1000);
});

Deno.test("a Linux Image with an EFI stub must hold its sections' data", async () => {
  const file = withPeSections(linuxImage(4096, { imageSize: 8192n }), 3000);
  assertEquals((await readKernel(file.slice(0, 3000), RAM)).end, 0x4000_2000);
  await refused(
    file.slice(0, 2000),
    "the kernel is a Linux Image of at least 2.9 KiB cut short to 2 KiB; give the whole file",
  );
});

Deno.test("a Linux Image cut short within its headers is refused", async () => {
  const file = withPeSections(linuxImage(4096), 3000);
  for (const [length, needed] of [[60, 64], [63, 64], [70, 88], [200, 328]] as const) {
    await refused(
      file.slice(0, length),
      `the kernel is a Linux Image of at least ${needed} bytes cut short to ${length} bytes; ` +
        "give the whole file",
    );
  }
});

Deno.test("a big-endian Linux Image is refused", async () => {
  await refused(
    linuxImage(4096, { flags: 0b1011n }),
    "the kernel is a big-endian Linux Image; a little-endian one is needed",
  );
});

Deno.test("a Linux Image larger than memory is refused with both sizes", async () => {
  await refused(
    linuxImage(4096, { imageSize: BigInt(34 * MiB) }),
    "a kernel of 34 MiB at 0x40000000 does not fit in 16 MiB of memory; give --memory 64M or more",
  );
});
