// What a VM's streams are kept in and cut into.

import { assertEquals } from "@std/assert";
import { ByteLog } from "../../../vmm/daemon/byte_log.ts";
import { followLog } from "../../../vmm/daemon/console_stream.ts";
import { encodeFrame, readFrames } from "../../../vmm/daemon/frames.ts";

Deno.test("a log keeps its last bytes under their offsets", () => {
  for (const size of [1, 7, 1000, 4096, 5000, 20_000]) {
    const log = new ByteLog(10_000);
    const all = Uint8Array.from({ length: 60_000 }, (_, n) => n * 31 >> 3);
    for (let at = 0; at < all.length; at += size) {
      log.append(all.subarray(at, at + size));
      assertEquals(log.end, Math.min(at + size, all.length));
    }
    assertEquals(log.start, 50_000);
    const { offset, bytes } = log.read(0);
    assertEquals([offset, bytes], [50_000, all.slice(50_000)]);
    assertEquals(log.read(55_555, 10).bytes, all.slice(55_555, 55_565));
  }
});

Deno.test("a reader slower than its guest is told how much it missed, and costs no memory", async () => {
  const log = new ByteLog(1024);
  let isOver = false;
  const reader = followLog(log, 0, () => isOver).getReader();
  log.append(new TextEncoder().encode("first"));
  assertEquals(new TextDecoder().decode((await reader.read()).value), "first");
  for (let n = 0; n < 1000; n++) log.append(new Uint8Array(100));
  isOver = true;
  const notice = new TextDecoder().decode((await reader.read()).value);
  assertEquals(notice, `\r\n[velum: ${1000 * 100 - 1024} bytes are missing here: they were dropped]\r\n`);
  assertEquals((await reader.read()).value?.length, 1024);
  assertEquals((await reader.read()).done, true);
});

Deno.test("frames are read whole, however they are cut", async () => {
  const frames = [0, 1, 5, 3000].map((length, kind) => ({ kind, bytes: new Uint8Array(length).fill(kind) }));
  const stream = frames.flatMap(({ kind, bytes }) => [...encodeFrame(kind, bytes)]);
  for (const cut of [1, 4, 6, 1000, 10_000]) {
    const pieces = Array.from(
      { length: Math.ceil(stream.length / cut) },
      (_, n) => Uint8Array.from(stream.slice(n * cut, (n + 1) * cut)),
    );
    assertEquals(await Array.fromAsync(readFrames(ReadableStream.from(pieces))), frames);
  }
});
