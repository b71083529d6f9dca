import { assertEquals } from "@std/assert";
import { ByteRing } from "../../../vmm/machine/byte_ring.ts";
import { consoleOutput } from "../../../vmm/machine/console_output.ts";
import { ControlBlock, lifecycle } from "../../../vmm/machine/control_block.ts";
import { startIsolate } from "./isolate.ts";

const capacity = 4;

function sample() {
  const ring = ByteRing.ofCapacity(capacity);
  const control = new ControlBlock(1);
  let told = 0;
  const output = consoleOutput(ring, control, () => void told++);
  const taken = () => {
    const into = new Uint8Array(capacity);
    return [...into.subarray(0, ring.take(into))];
  };
  return { ring, control, output, taken, told: () => told };
}

Deno.test("output is told of once, and again after the control side has looked", () => {
  const { control, output, taken, told } = sample();
  output.transmit(1);
  output.transmit(2);
  assertEquals(told(), 1);
  control.hearOfOutput();
  assertEquals(taken(), [1, 2]);
  output.transmit(3);
  assertEquals(told(), 2);
});

Deno.test("a full ring keeps no vcpu of a paused machine waiting, and its byte is not lost", () => {
  const { control, output, taken } = sample();
  for (let byte = 0; byte < capacity; byte++) output.transmit(byte);
  control.state = lifecycle.paused;
  output.transmit(98);
  assertEquals(taken(), [0, 1, 2, 3]);
  control.state = lifecycle.running;
  output.transmit(99);
  assertEquals(taken(), [98, 99]);
});

Deno.test("what waited is passed on when the machine is looked after, without another byte", () => {
  const { control, output, taken, told } = sample();
  for (let byte = 0; byte < capacity; byte++) output.transmit(byte);
  control.state = lifecycle.paused;
  output.transmit(98);
  taken();
  control.hearOfOutput();
  output.flush();
  assertEquals([taken(), told()], [[98], 2]);
});

Deno.test("a guest that writes faster than it is read waits, and loses nothing", async () => {
  const { ring, control, output, taken } = sample();
  const count = 1000;
  const reader = startIsolate({ does: "receive", ring: ring.buffer, count });
  for (let n = 0; n < count; n++) output.transmit(n * 7 & 0xff);
  assertEquals(await reader.finished, true);
  assertEquals([control.state, taken()], [lifecycle.running, []]);
});
