import { assert, assertEquals, assertRejects } from "@std/assert";
import { GuestImageError } from "../../guest/guest_error.ts";
import { readKernel } from "../../guest/image.ts";
import { GuestMemory } from "../../guest/memory.ts";
import { corruptions } from "./corruptions.ts";
import { efiZboot, elf, gzipped, linuxImage, withPeSections } from "./kernels.ts";
import { run, testWithTools } from "./tools.ts";

const MiB = 2 ** 20;
const RAM = { base: 0x4000_0000, size: 4 * MiB };

async function refused(file: Uint8Array, sentence: string): Promise<void> {
  const error = await assertRejects(() => readKernel(file, RAM), GuestImageError);
  assertEquals(error.message, sentence);
}

async function formatOf(file: Uint8Array): Promise<string> {
  return (await readKernel(file, RAM)).format;
}

/** Bytes that no compression makes much smaller. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, n) => Math.imul(n, 0x9e37_79b1) >>> 24);
}

Deno.test("anything that is no known format is a flat binary, entered 512 KiB into memory", async () => {
  const { format, entry, start, end, load } = await readKernel(new Uint8Array([1, 2, 3, 4, 5]), RAM);
  assertEquals({ format, entry, start, end }, {
    format: "flat binary",
    entry: 0x4008_0000,
    start: 0x4008_0000,
    end: 0x4008_0005,
  });
  const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
  load(memory);
  assertEquals([...memory.slice(0x4008_0000, 6) ?? []], [1, 2, 3, 4, 5, 0]);
});

Deno.test("a flat binary larger than memory is refused with both sizes", async () => {
  await refused(
    new Uint8Array(4 * MiB),
    "a kernel of 4 MiB at 0x40080000 does not fit in 4 MiB of memory; give --memory 8M or more",
  );
});

Deno.test("an empty file is refused", async () => {
  await refused(new Uint8Array(), "the kernel is an empty file; give a kernel image");
  await refused(await gzipped(new Uint8Array()), "the kernel is an empty file; give a kernel image");
});

Deno.test("gzip holds any of the formats", async () => {
  assertEquals(await formatOf(await gzipped(elf())), "ELF");
  assertEquals(await formatOf(await gzipped(linuxImage(4096))), "Linux Image");
  assertEquals(await formatOf(await gzipped(new Uint8Array(100))), "flat binary");
});

testWithTools(
  ["gzip"],
  "what gzip packed is loaded byte for byte, with a file name in its header or not",
  async () => {
    const bytes = noise(300_000);
    for (const option of ["-1", "-9", "-N"]) {
      const { stdout } = await run("gzip", [option, "-c"], bytes);
      const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
      (await readKernel(stdout, RAM)).load(memory);
      assertEquals(memory.slice(0x4008_0000, bytes.length), bytes);
    }
  },
);

Deno.test("a damaged or truncated gzip file is refused", async () => {
  const whole = await gzipped(noise(1000));
  const damaged = new Uint8Array(whole);
  damaged[500] = (damaged[500] ?? 0) ^ 0xff;
  for (const file of [damaged, whole.slice(0, -1), whole.slice(0, 5), whole.slice(0, 2)]) {
    await refused(file, "the kernel is a gzip file that is damaged or cut short; `gzip -t` must accept it");
  }
});

Deno.test("a gzip file that unpacks to more than memory is stopped there", async () => {
  const bomb = await gzipped(new Uint8Array(64 * MiB));
  assert(bomb.length < 100_000);
  await refused(bomb, "the kernel unpacks to more than all 4 MiB of memory; give a larger --memory");
});

Deno.test("gzip in gzip is unpacked, but not without end", async () => {
  let file = linuxImage(4096);
  for (let layer = 0; layer < 3; layer++) file = await gzipped(file);
  assertEquals(await formatOf(file), "Linux Image");
  await refused(await gzipped(file), "the kernel is compressed more than 3 times over; unpack it first");
});

Deno.test("an EFI zboot image packed with gzip is unpacked, also within gzip", async () => {
  const zboot = efiZboot(await gzipped(linuxImage(4096)), "gzip");
  assertEquals(await formatOf(zboot), "Linux Image");
  assertEquals(await formatOf(await gzipped(zboot)), "Linux Image");
});

Deno.test("an EFI zboot image of another compression says how to unpack it", async () => {
  await refused(
    efiZboot(new Uint8Array(1000), "zstd22"),
    "the kernel is an EFI zboot image compressed with zstd22; " +
      "unpack it first: tail -c +513 vmlinuz | head -c 1000 | zstd -d > Image",
  );
  await refused(
    efiZboot(new Uint8Array(1000), "constructor"),
    "the kernel is an EFI zboot image of an unknown compression; give the Image that its build made",
  );
});

Deno.test("an EFI zboot image without its payload is refused", async () => {
  await refused(
    efiZboot(new Uint8Array(1000), "gzip").slice(0, 600),
    "the kernel is an EFI zboot image whose payload, 1000 bytes from offset 512, " +
      "is not within its 600 bytes; give the whole file",
  );
});

Deno.test("files that surely are something else are refused by name", async () => {
  const foreign: [number, string, string][] = [
    [0, "\xfd7zXZ\0", "an xz file"],
    [0, "\x28\xb5\x2f\xfd", "a zstd file"],
    [0, "BZh9", "a bzip2 file"],
    [0, "\x04\x22\x4d\x18", "an lz4 file"],
    [0, "\x27\x05\x19\x56", "a U-Boot uImage"],
    [0, "\xd0\x0d\xfe\xed", "a device tree blob"],
    [0x202, "HdrS", "an x86 Linux kernel"],
  ];
  for (const [at, magic, name] of foreign) {
    const file = new Uint8Array(2048);
    file.set(Uint8Array.from(magic, (character) => character.charCodeAt(0)), at);
    await assertRejects(() => readKernel(file, RAM), GuestImageError, `the kernel is ${name}`);
  }
});

Deno.test("a damaged kernel is refused in one sentence or loaded within memory", async () => {
  const kernels: [Uint8Array<ArrayBuffer>, number][] = [
    [elf(), 176],
    [withPeSections(linuxImage(4096, { imageSize: 8192n }), 3000), 330],
    [efiZboot(await gzipped(linuxImage(4096)), "gzip"), 600],
    [await gzipped(linuxImage(4096)), 100],
  ];
  const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
  for (const [whole, headerSize] of kernels) {
    for (const file of corruptions(whole, headerSize, 1000)) {
      try {
        const kernel = await readKernel(file, RAM);
        assert(memory.contains(kernel.start, kernel.end - kernel.start));
        assert(kernel.entry >= kernel.start && kernel.entry < kernel.end);
        kernel.load(memory);
      } catch (error) {
        if (!(error instanceof GuestImageError)) throw error;
        assert(!error.message.includes("\n") && error.message.length < 250, error.message);
      }
    }
  }
});
