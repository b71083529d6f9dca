// What a WebSocket is sent when its reader is slow: a socket that a test holds back.

import { assert, assertEquals } from "@std/assert";
import { ByteLog } from "../../../vmm/daemon/byte_log.ts";
import { showConsole } from "../../../vmm/daemon/console_socket.ts";

/** Takes nothing until it is released; then everything at once. */
function heldSocket() {
  const sent: unknown[] = [];
  let isHeld = true;
  let waiting = 0;
  const closed = Promise.withResolvers<void>();
  return {
    sent,
    closed: closed.promise,
    release() {
      isHeld = false;
      waiting = 0;
    },
    get bufferedAmount() {
      return waiting;
    },
    send(data: string | Uint8Array) {
      sent.push(typeof data === "string" ? JSON.parse(data) : data.length);
      if (isHeld) waiting += data.length;
    },
    close: () => closed.resolve(),
  };
}

Deno.test("a slow WebSocket has little waiting for it, and is told what it missed", async () => {
  const console = new ByteLog(1 << 16);
  const vm = { console, state: "running", record: { ending: null } };
  const socket = heldSocket();
  const stop = new AbortController();
  void showConsole(vm, socket, 0, stop.signal);
  for (let n = 0; n < 64; n++) {
    console.append(new Uint8Array(1 << 16));
    await Promise.resolve();
  }
  assert(socket.bufferedAmount < 1 << 19, `${socket.bufferedAmount} bytes wait`);
  vm.state = "ended";
  socket.release();
  console.bell.ring();
  await socket.closed;
  const shown = socket.sent.filter((one) => typeof one === "number").reduce((sum, one) => sum + one, 0);
  const dropped = socket.sent.flatMap((one) => (one as { dropped?: number }).dropped ?? [])
    .reduce((sum, one) => sum + one, 0);
  assertEquals(shown + dropped, 64 << 16);
  assert(dropped > 0);
  assertEquals(socket.sent.at(-1), { ended: null });
});
