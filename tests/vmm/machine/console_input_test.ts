import { assertEquals } from "@std/assert";
import { ByteRing } from "../../../vmm/machine/byte_ring.ts";
import { consoleInput } from "../../../vmm/machine/console_input.ts";
import { ControlBlock, lifecycle } from "../../../vmm/machine/control_block.ts";

const fifoDepth = 16;

/** A console whose guest listens as told and reads only when told to. */
function sample({ isInteractive = true, listens = true } = {}) {
  const ring = ByteRing.ofCapacity(1 << 10);
  const control = new ControlBlock(1);
  control.isInteractive = isInteractive;
  const fifo: number[] = [];
  const read: number[] = [];
  const guest = { listens, stopped: 0, breaks: 0 };
  const uart = {
    listens: () => guest.listens,
    roomFor: () => fifoDepth - fifo.length,
    receiveBreak: () => ++guest.breaks > 0,
    receive(bytes: Uint8Array) {
      const accepted = Math.min(bytes.length, fifoDepth - fifo.length);
      fifo.push(...bytes.subarray(0, accepted));
      return accepted;
    },
  };
  const input = consoleInput(ring, control, uart, {
    ignoredInterrupt: () => void guest.stopped++,
    silence() {},
  });
  return {
    guest,
    control,
    input,
    read,
    ring,
    type(text: string) {
      for (const byte of new TextEncoder().encode(text)) ring.push(byte);
      input.feed();
    },
    /** The guest reads all there is. */
    readAll() {
      while (fifo.length) {
        read.push(...fifo.splice(0));
        input.emptied();
      }
      return new TextDecoder().decode(Uint8Array.from(read));
    },
  };
}

Deno.test("a guest that listens gets what is typed, in order and whole, whatever its FIFO holds", () => {
  const console = sample();
  const text = "the quick brown fox jumps over the lazy dog, again and again";
  for (const word of text.split(/(?= )/)) console.type(word);
  assertEquals(console.readAll(), text);
});

Deno.test("what is typed before the guest listens waits for it", () => {
  const console = sample({ listens: false });
  console.type("early ");
  assertEquals(console.readAll(), "");
  console.guest.listens = true;
  console.type("late");
  assertEquals(console.readAll(), "early late");
});

Deno.test("Ctrl-C is a byte to a guest that listens and has read the last one", () => {
  const console = sample();
  console.type("a\x03b");
  assertEquals(console.readAll(), "a\x03b");
  console.type("\x03");
  assertEquals(console.readAll(), "a\x03b\x03");
  assertEquals(console.guest.stopped, 0);
});

Deno.test("Ctrl-C stops a guest that does not listen", () => {
  const console = sample({ listens: false });
  console.type("\x03");
  assertEquals(console.guest.stopped, 1);
});

Deno.test("Ctrl-C stops a guest that does not listen however much was typed before it", () => {
  const console = sample({ listens: false });
  console.type("x".repeat(1000));
  assertEquals(console.guest.stopped, 0);
  console.type("\x03");
  assertEquals(console.guest.stopped, 1);
});

Deno.test("Ctrl-C stops a guest that listens but has left the last one unread", () => {
  const console = sample();
  console.type("\x03");
  assertEquals(console.guest.stopped, 0);
  console.type("more");
  assertEquals(console.guest.stopped, 0);
  console.type("\x03");
  assertEquals(console.guest.stopped, 1);
});

Deno.test("Ctrl-C twice stops a guest that listens but no longer empties its full FIFO", () => {
  const console = sample();
  console.type("x".repeat(fifoDepth + 5));
  console.type("\x03");
  assertEquals(console.guest.stopped, 0);
  console.type("\x03");
  assertEquals(console.guest.stopped, 1);
});

Deno.test("a guest is stopped once for one Ctrl-C", () => {
  const console = sample({ listens: false });
  console.type("\x03");
  console.input.feed();
  assertEquals(console.guest.stopped, 1);
});

Deno.test("in piped input byte 3 is only data, and waits as all data does", () => {
  const console = sample({ isInteractive: false, listens: false });
  console.type("\x03\x03one\x03");
  assertEquals(console.ring.length, 6);
  console.guest.listens = true;
  console.type("\x03two\x03");
  assertEquals(console.readAll(), "\x03\x03one\x03\x03two\x03");
  assertEquals(console.guest.stopped, 0);
});

Deno.test("each break that was asked for reaches the guest once", () => {
  const { guest, control, input } = sample();
  control.askForBreak();
  control.askForBreak();
  input.feed();
  input.feed();
  assertEquals(guest.breaks, 2);
});

Deno.test("a guest that is to wait for its input is given all that it takes at once, though it comes in pieces", () => {
  const { control, input, ring, readAll } = sample({ isInteractive: false });
  control.isInputAwaited = true;
  for (const byte of new TextEncoder().encode("as much as a FIFO takes")) ring.push(byte);
  ring.end();
  input.feed();
  assertEquals(readAll(), "as much as a FIFO takes");
});

Deno.test("a guest that waits for its input is let go when the machine is stopped", () => {
  const { control, input } = sample({ isInteractive: false });
  control.isInputAwaited = true;
  control.state = lifecycle.stopped;
  input.feed();
});
