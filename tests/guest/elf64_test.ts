import { assertEquals, assertRejects } from "@std/assert";
import { GuestImageError } from "../../guest/guest_error.ts";
import { readKernel } from "../../guest/image.ts";
import { GuestMemory } from "../../guest/memory.ts";
import { elf, u32At } from "./kernels.ts";
import { inFolder, run, testWithTools } from "./tools.ts";

const RAM = { base: 0x4000_0000, size: 16 * 2 ** 20 };

async function refused(file: Uint8Array, sentence: string): Promise<void> {
  const error = await assertRejects(() => readKernel(file, RAM), GuestImageError);
  assertEquals(error.message, sentence);
}

/** Assembles `source`, links it with `linkerArgs` and returns the ELF file. */
async function build(source: string, linkerArgs: readonly string[]): Promise<Uint8Array> {
  return await inFolder(async (folder) => {
    await run("aarch64-linux-gnu-as", ["-o", `${folder}/a.o`, "-"], new TextEncoder().encode(source));
    await run("aarch64-linux-gnu-ld", [...linkerArgs, "-o", `${folder}/a.elf`, `${folder}/a.o`]);
    return await Deno.readFile(`${folder}/a.elf`);
  });
}

const SOURCE = `
  .global _start
  .text
  nop
_start: mov x0, #42
  .data
  .word 0x12345678
  .bss
  .skip 64
`;

testWithTools(
  ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld"],
  "a program linked by binutils is loaded, its BSS zeroed and its entry found",
  async () => {
    const file = await build(SOURCE, ["-Ttext=0x40100000", "-Tdata=0x40200000", "-Tbss=0x40200010"]);
    const kernel = await readKernel(file, RAM);
    const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
    memory.slice(RAM.base, RAM.size)?.fill(0xff);
    kernel.load(memory);
    assertEquals(kernel.format, "ELF");
    assertEquals(kernel.entry, 0x4010_0004);
    assertEquals(u32At(memory, 0x4010_0000), 0xd503_201f);
    assertEquals(u32At(memory, 0x4010_0004), 0xd280_0540);
    assertEquals(u32At(memory, 0x4020_0000), 0x1234_5678);
    assertEquals(u32At(memory, 0x4020_0010), 0);
    assertEquals(u32At(memory, 0x4020_004c), 0);
    assertEquals(u32At(memory, 0x4020_0050), 0xffff_ffff);
  },
);

Deno.test("a segment without bytes may be said to begin beyond the file", async () => {
  const kernel = await readKernel(
    elf((f) => {
      f.setBigUint64(120 + 8, 0xfff0n, true);
      f.setBigUint64(120 + 32, 0n, true);
    }),
    RAM,
  );
  assertEquals(kernel.format, "ELF");
});

testWithTools(
  ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld"],
  "a position-independent executable goes to its physical addresses",
  async () => {
    const file = await build(SOURCE, ["-shared", "-Ttext-segment=0x40400000"]);
    assertEquals(new DataView(file.buffer).getUint16(16, true), 3);
    const kernel = await readKernel(file, RAM);
    const memory = new GuestMemory(new Uint8Array(RAM.size), RAM.base);
    kernel.load(memory);
    assertEquals(u32At(memory, kernel.entry), 0xd280_0540);
  },
);

testWithTools(
  ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld"],
  "a program whose virtual and physical addresses differ is entered at its physical address",
  async () => {
    const script = `
      ENTRY(_start)
      SECTIONS { . = 0xffff000040100000; .text : AT(0x40100000) { *(.text) } .data : { *(.data) *(.bss) } }`;
    const file = await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/map.ld`, script);
      return await build(SOURCE, ["-T", `${folder}/map.ld`]);
    });
    const kernel = await readKernel(file, RAM);
    assertEquals(kernel.entry, 0x4010_0004);
    assertEquals(kernel.start, 0x4010_0000);
  },
);

testWithTools(
  ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld"],
  "a program linked below memory is told where memory starts",
  async () => {
    const file = await build(".global _start\n_start: nop\n", ["-N", "-Ttext=0x10000"]);
    await refused(
      file,
      "the kernel has a segment for 0x10000 to 0x10004, " +
        "but memory starts at 0x40000000; link it to load from there",
    );
  },
);

testWithTools(["aarch64-linux-gnu-as"], "an object file is refused as not linked", async () => {
  const file = await inFolder(async (folder) => {
    await run("aarch64-linux-gnu-as", ["-o", `${folder}/a.o`, "-"], new TextEncoder().encode(SOURCE));
    return await Deno.readFile(`${folder}/a.o`);
  });
  await refused(
    file,
    "the kernel is an object file that was not linked yet; an executable (ET_EXEC or ET_DYN) is needed",
  );
});

Deno.test("the extent of an ELF kernel counts its BSS", async () => {
  const { start, end, entry } = await readKernel(elf(), RAM);
  assertEquals({ start, end, entry }, { start: 0x4010_0000, end: 0x4020_1000, entry: 0x4010_0000 });
});

const NEED = "a 64-bit little-endian AArch64 one is needed";
const REFUSALS: readonly [string, (file: DataView) => void, string][] = [
  ["for x86-64", (f) => f.setUint16(18, 62, true), `the kernel is an ELF file for x86-64; ${NEED}`],
  ["for 32-bit Arm", (f) => {
    f.setUint8(4, 1);
    f.setUint16(18, 40, true);
  }, `the kernel is an ELF file for 32-bit Arm; ${NEED}`],
  [
    "for an unknown machine",
    (f) => f.setUint16(18, 9999, true),
    `the kernel is an ELF file for machine number 9999; ${NEED}`,
  ],
  ["of ILP32 code", (f) => f.setUint8(4, 1), `the kernel is a 32-bit ELF file; ${NEED}`],
  ["in big-endian", (f) => f.setUint8(5, 2), `the kernel is an ELF file that is not little-endian; ${NEED}`],
  [
    "of a core dump",
    (f) => f.setUint16(16, 4, true),
    "the kernel is a core dump; an executable (ET_EXEC or ET_DYN) is needed",
  ],
  [
    "with odd program headers",
    (f) => f.setUint16(54, 32, true),
    "the kernel is an ELF file with program headers of 32 bytes; they have 56",
  ],
  [
    "with its program headers beyond its end",
    (f) => f.setBigUint64(32, 0x1000n, true),
    "the kernel is an ELF file of at least 4208 bytes cut short to 512; give the whole file",
  ],
  [
    "with program headers at a wild offset",
    (f) => f.setBigUint64(32, 2n ** 64n - 1n, true),
    "the kernel is an ELF file of at least 18446744073709551727 bytes cut short to 512; give the whole file",
  ],
  [
    "without program headers",
    (f) => f.setUint16(56, 0, true),
    "the kernel is an ELF file with nothing to load; it needs a PT_LOAD segment",
  ],
  [
    "with a segment beyond its end",
    (f) => f.setBigUint64(64 + 8, 0x190n, true),
    "the kernel is an ELF file of at least 528 bytes cut short to 512; give the whole file",
  ],
  [
    "with more bytes than memory for them",
    (f) => f.setBigUint64(64 + 40, 0x10n, true),
    "the kernel's ELF segment for 0x40100000 fills 128 bytes " +
    "but has only 16 in memory; its program header must be damaged",
  ],
  [
    "with overlapping segments",
    (f) => f.setBigUint64(120 + 24, 0x4010_0040n, true),
    "the kernel's segment at 0x40100040 overlaps the one before it, " +
    "which ends at 0x40100080; each needs memory of its own",
  ],
  [
    "with a segment that reaches beyond memory",
    (f) => f.setBigUint64(120 + 40, 0x100_0000n, true),
    "a kernel of 16 MiB at 0x40200000 does not fit in 16 MiB of memory; give --memory 32M or more",
  ],
  [
    "for kernel virtual addresses",
    (f) => f.setBigUint64(120 + 24, 0xffff_8000_8000_0000n, true),
    "the kernel has a segment for 0xffff800080000000 to 0xffff800080001000, " +
    "but memory starts at 0x40000000; link it to load from there",
  ],
  [
    "of absurd size",
    (f) => f.setBigUint64(120 + 40, 2n ** 63n, true),
    "a kernel of 8 EiB at 0x40200000 does not fit in 16 MiB of memory; " +
    "no guest can have that much, so its header must be damaged",
  ],
  [
    "entered outside its segments",
    (f) => f.setBigUint64(24, 0x4010_0080n, true),
    "the kernel is an ELF file entered at 0x40100080; it must be a multiple of 4 within a PT_LOAD segment",
  ],
  [
    "entered between instructions",
    (f) => f.setBigUint64(24, 0x4010_0002n, true),
    "the kernel is an ELF file entered at 0x40100002; it must be a multiple of 4 within a PT_LOAD segment",
  ],
  [
    "that is a dynamically linked program",
    (f) => f.setUint32(120, 3, true),
    "the kernel is a Linux program that needs a dynamic loader; give a kernel or a bare-metal program",
  ],
];

for (const [what, change, sentence] of REFUSALS) {
  Deno.test(`an ELF file ${what} is refused in one sentence`, () => refused(elf(change), sentence));
}

Deno.test("an ELF file shorter than its header is refused as cut short", async () => {
  for (const length of [4, 19, 20, 63]) {
    await refused(
      elf().slice(0, length),
      `the kernel is an ELF file of at least 64 bytes cut short to ${length}; give the whole file`,
    );
  }
});
