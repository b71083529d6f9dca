import { assert, assertEquals } from "@std/assert";
import type { Width } from "../../../devices/device.ts";
import { flashSize } from "../../../devices/flash/flash.ts";
import { seededRandom } from "../random.ts";
import { createBank, ready } from "./bank.ts";

const block = 0x4_0000;
const failed = { program: 0x0090_0090, erasure: 0x00a0_00a0, sequence: 0x00b0_00b0 };
const locked = 0x0002_0002;

Deno.test("the array is shown to the guest but while the bank tells something else", () => {
  const { command, shown, read, bytes } = createBank();
  bytes.set([1, 2, 3, 4], 8);
  command(0, 0xff);
  assertEquals([read(8), shown], [0x0403_0201, []]);
  command(0, 0x98, 0x90, 0x70);
  assertEquals(shown, [false]);
  command(0, 0xff, 0xff);
  assertEquals(shown, [false, true]);
});

Deno.test("an erased block is all ones, and its neighbours are as they were", () => {
  const { command, read, kept, bytes } = createBank();
  command(block + 0x100, 0x20);
  assertEquals([read(0), bytes[block]], [ready, 0], "nothing is erased before it is confirmed");
  command(block + 0x100, 0xd0);
  assertEquals([read(0), kept], [ready, [[block, block]]]);
  command(0, 0xff);
  assertEquals(
    [block - 4, block, 2 * block - 4, 2 * block].map((at) => read(at)),
    [0, 0xffff_ffff, 0xffff_ffff, 0],
  );
});

Deno.test("programming clears bits and sets none, by words of any width", () => {
  const { command, flash, read, kept } = createBank();
  command(0, 0x20, 0xd0, 0x40, 0x1234_5678);
  command(0, 0x10, 0xffff_ff0f);
  flash.write(5, 1, 0x40);
  flash.write(5, 1, 0xa5);
  flash.write(6, 2, 0x10);
  flash.write(6, 2, 0xbeef);
  command(0, 0xff);
  assertEquals([read(0), read(4)], [0x1234_5608, 0xbeef_a5ff]);
  assertEquals(kept.slice(1), [[0, 4], [0, 4], [5, 1], [6, 2]]);
});

Deno.test("a buffer of up to 1024 words is programmed at once, when it is confirmed", () => {
  const { command, read, kept } = createBank();
  command(0, 0x20, 0xd0, 0xe8);
  assertEquals(read(0), ready);
  command(0, 0x03ff_03ff);
  for (let word = 1023; word >= 0; word--) command(0x1000 + 4 * word, word * 0x1_0001);
  assertEquals([read(0), kept.length], [ready, 1]);
  command(0, 0xd0);
  command(0, 0xff);
  assertEquals([read(0x1000), read(0x1004), read(0x1ffc), kept[1]], [0, 0x1_0001, 0x03ff_03ff, [
    0x1000,
    0x1000,
  ]]);
});

Deno.test("a count beyond the buffer, a word outside its page and one that is not confirmed fail", () => {
  const sequences: [string, number, (bank: ReturnType<typeof createBank>) => void][] = [
    ["a count", failed.program, ({ command }) => command(0, 0xe8, 1024)],
    ["a page", failed.program, ({ command }) => {
      command(0, 0xe8, 1, 1);
      command(0x1000, 2);
    }],
    ["no confirmation", failed.sequence, ({ command }) => command(0, 0xe8, 0, 1, 0xff)],
    ["an erasure", failed.sequence, ({ command }) => command(0, 0x20, 0xff)],
    ["a lock", failed.sequence, ({ command }) => command(0, 0x60, 0xff)],
  ];
  for (const [what, status, perform] of sequences) {
    const bank = createBank();
    bank.bytes[0] = 0xff;
    perform(bank);
    assertEquals(
      [bank.read(0), bank.misuses.length, bank.kept.length, bank.bytes[0]],
      [status, 1, 0, 0xff],
      what,
    );
    bank.command(0, 0x50, 0x70);
    assertEquals(bank.read(0), ready, "the status was cleared");
  }
});

Deno.test("a locked block is neither programmed nor erased until it is unlocked", () => {
  const { command, read, bytes } = createBank();
  bytes[0] = 0xff;
  command(0, 0x60, 0x01, 0x90);
  assertEquals([read(8), read(block + 8)], [0x1_0001, 0]);
  command(0, 0x40, 0);
  assertEquals(read(0), failed.program | locked);
  command(0, 0x50, 0xe8, 0, 0, 0xd0);
  assertEquals(read(0), failed.program | locked);
  command(0, 0x50, 0x20, 0xd0);
  assertEquals([read(0), bytes[0]], [failed.erasure | locked, 0xff]);
  command(0, 0x50, 0x60, 0xd0, 0x40, 0);
  assertEquals([read(0), bytes[0]], [ready, 0]);
});

Deno.test("what cannot be kept has failed, and the guest sees it", () => {
  const { command, read } = createBank({ canKeep: false });
  command(0, 0x40, 0);
  assertEquals(read(0), failed.program);
  command(0, 0x50, 0x20, 0xd0);
  assertEquals(read(0), failed.erasure);
});

Deno.test("a reset shows the array, with every lock open and the status clear", () => {
  const { flash, command, read, shown } = createBank();
  command(0, 0x60, 0x01, 0x20, 0x33);
  flash.reset();
  assertEquals(shown.at(-1), true);
  command(0, 0x70);
  assertEquals(read(0), ready);
  command(0, 0x20, 0xd0);
  assertEquals(read(0), ready);
});

Deno.test("whatever a guest writes, reads answer within their width, and a reset brings the array back", () => {
  const random = seededRandom(0xf1a5);
  const commands = [0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0x01, 0xe8, 0xf0, 0xff, 0x00];
  const { flash, shown, bytes } = createBank();
  for (let n = 0; n < 50_000; n++) {
    const width = random.of<Width>([1, 2, 4]);
    const offset = random.of([
      random.below(64),
      flashSize - width - random.below(8),
      random.below(flashSize - 4),
    ]);
    if (random.below(3) === 0) {
      const value = flash.read(offset, width);
      assert(value >= 0 && value < 2 ** (8 * width) && Number.isInteger(value), `${value} in ${width} bytes`);
    } else {
      flash.write(
        offset,
        width,
        random.of([random.of(commands), random.below(16), random.word()]) & 2 ** (8 * width) - 1,
      );
    }
  }
  flash.reset();
  assertEquals(shown.at(-1), true);
  assertEquals(flash.read(0, 4), new DataView(bytes.buffer).getUint32(0, true));
});
