import { assert, assertEquals } from "@std/assert";
import type { Width } from "../../devices/device.ts";
import { createPl011 } from "../../devices/pl011.ts";
import { qemuTest, withQemu } from "./qtest.ts";
import { seededRandom } from "./random.ts";

const DR = 0x00, RSR = 0x04, FR = 0x18, IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34;
const IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44, DMACR = 0x48, ILPR = 0x20, PERIPH_ID0 = 0xfe0;
const FEN = 0x10, BRK = 0x01, LBE = 0x80, ON = 0x301;
const RX = 1 << 4, TX = 1 << 5, RT = 1 << 6, BE = 1 << 9, OE = 1 << 10;
const RXFE = 1 << 4, TXFF = 1 << 5, RXFF = 1 << 6, TXFE = 1 << 7, BUSY = 1 << 3;

function sample() {
  const sent: number[] = [];
  const line: boolean[] = [];
  const misuses: string[] = [];
  const events = { room: 0, listening: 0 };
  const uart = createPl011({
    transmit: (byte) => sent.push(byte),
    onRoom: () => events.room++,
    onListening: () => events.listening++,
    interrupt: (level) => line.push(level),
    misuse: (_, what) => misuses.push(what),
  });
  const read = (offset: number) => uart.read(offset, 4);
  const write = (offset: number, value: number) => uart.write(offset, 4, value);
  const type = (text: string) => uart.receive(new TextEncoder().encode(text));
  const readText = () => {
    let text = "";
    while (!(read(FR) & RXFE)) text += String.fromCharCode(read(DR));
    return text;
  };
  return { uart, sent, line, misuses, events, read, write, type, readText };
}

Deno.test("a byte written to DR is transmitted at once and raises TX", () => {
  const { sent, read, write, uart } = sample();
  write(DR, 0x41);
  uart.write(DR, 1, 0x42);
  assertEquals(sent, [0x41, 0x42]);
  assertEquals(read(RIS), TX);
  assertEquals(read(FR), TXFE | RXFE);
});

Deno.test("with the transmitter off, bytes wait in the FIFO, are counted, and leave when it is turned on", () => {
  const { sent, read, write, misuses } = sample();
  write(LCR_H, FEN);
  write(CR, 0x201);
  for (let i = 0; i < 17; i++) write(DR, i);
  assertEquals(sent, []);
  assertEquals(read(FR), TXFF | BUSY | RXFE);
  assertEquals(misuses.length, 1);
  write(CR, ON);
  assertEquals(sent, [...Array(16).keys()]);
  assertEquals(read(FR), TXFE | RXFE);
});

Deno.test("the receive FIFO is 16 deep with FEN and one deep without", () => {
  const { read, write, type, readText } = sample();
  assertEquals(type("ab"), 1);
  assertEquals(read(FR) & (RXFF | RXFE), RXFF);
  assertEquals(readText(), "a");
  write(LCR_H, FEN);
  assertEquals(type("0123456789abcdefXYZ"), 16);
  assertEquals(read(FR) & (RXFF | RXFE), RXFF);
  assertEquals(type("X"), 0);
  assertEquals(readText(), "0123456789abcdef");
});

Deno.test("input of any length arrives whole and in order when the host refills on onRoom", () => {
  const { uart, write, events, readText } = sample();
  const text = "the quick brown fox jumps over the lazy dog, twice, and then sits down";
  let rest = new TextEncoder().encode(text);
  write(LCR_H, FEN);
  let got = "";
  while (rest.length > 0) {
    const before = events.room;
    rest = rest.subarray(uart.receive(rest));
    got += readText();
    assertEquals(events.room, before + 1);
  }
  assertEquals(got, text);
});

Deno.test("a guest listens while its UART is enabled and a receive interrupt unmasked, and not because others are", () => {
  const { uart, write, events } = sample();
  const UARTEN = 1;
  write(IMSC, TX | RX);
  assertEquals([uart.listens(), events.listening], [false, 0]);
  write(CR, ON | UARTEN);
  assertEquals([uart.listens(), events.listening], [true, 1]);
  write(IMSC, RT);
  assertEquals([uart.listens(), events.listening], [true, 1]);
  write(IMSC, TX);
  assertEquals(uart.listens(), false);
});

Deno.test("a guest listens that reads FR again and again, and not one that reads it between bytes it sends", () => {
  const { uart, read, write, events } = sample();
  for (let byte = 0x41; byte < 0x5b; byte++) {
    for (let waits = 0; waits < 2; waits++) read(FR);
    write(DR, byte);
  }
  assertEquals(uart.listens(), false);
  for (let polls = 0; polls < 100; polls++) read(FR);
  write(DR, 0x41);
  assertEquals([uart.listens(), events.listening], [true, 1]);
  uart.reset();
  assertEquals(uart.listens(), false);
});

Deno.test("each trigger level of IFLS raises RX, and below it only the receive timeout", () => {
  for (const [select, level] of [[0, 2], [1, 4], [2, 8], [3, 12], [4, 14]] as const) {
    const { read, write, type } = sample();
    write(LCR_H, FEN);
    write(IFLS, select << 3);
    for (let count = 1; count <= 16; count++) {
      type("x");
      assertEquals((read(RIS) & RX) !== 0, count >= level, `level ${level}, ${count} characters`);
      assert(read(RIS) & (RX | RT));
    }
    for (let count = 15; count >= 0; count--) {
      read(DR);
      assertEquals((read(RIS) & RX) !== 0, count >= level, `level ${level}, ${count} characters left`);
      if (count < level) assertEquals((read(RIS) & RT) !== 0, count > 0);
    }
  }
});

Deno.test("the interrupt line follows raw status and mask, and changes only when they do", () => {
  const { line, read, write, type } = sample();
  type("a");
  assertEquals(line, []);
  write(IMSC, RX | RT);
  assertEquals(line, [true]);
  assertEquals(read(MIS), RX);
  write(IMSC, RX | TX);
  assertEquals(line, [true]);
  read(DR);
  assertEquals(line, [true, false]);
  write(DR, 1);
  write(ICR, TX);
  assertEquals(line, [true, false, true, false]);
  assertEquals(read(RIS), 0);
});

Deno.test("loopback sends each byte back, and overruns when nobody reads", () => {
  const { read, write, type, sent } = sample();
  write(LCR_H, FEN);
  write(CR, ON | LBE);
  assertEquals(type("host"), 0);
  for (let i = 0; i < 17; i++) write(DR, i);
  assertEquals(sent.length, 17);
  assert(read(RIS) & OE);
  assertEquals(read(RSR), 8);
  assertEquals(read(DR), 0x800);
  write(DR, 0x55);
  assertEquals(read(DR), 1);
  assertEquals(read(RSR), 0);
});

Deno.test("loopback connects the modem outputs to the inputs and tells of the change", () => {
  const { read, write } = sample();
  const RTS = 1 << 11, DTR = 1 << 10, OUT1 = 1 << 12, OUT2 = 1 << 13;
  write(CR, ON | LBE | RTS | OUT2);
  assertEquals(read(FR) & 0x107, 0x101);
  assertEquals(read(RIS), 0b0011);
  write(ICR, 0xf);
  write(CR, ON | LBE | DTR | OUT1);
  assertEquals(read(FR) & 0x107, 0x006);
  assertEquals(read(RIS), 0b1111);
});

Deno.test("a break arrives as a zero character with its bit, in DR, RSR and RIS", () => {
  const { uart, read, write } = sample();
  assert(uart.receiveBreak());
  assertEquals(uart.receiveBreak(), false);
  assert(read(RIS) & BE);
  assertEquals(read(DR), 0x400);
  assertEquals(read(RSR), 4);
  write(RSR, 0);
  assertEquals(read(RSR), 0);
  write(CR, ON | LBE);
  write(LCR_H, BRK);
  assertEquals(read(DR), 0x400);
});

Deno.test("input waits on the host while the receiver is off, and onRoom tells when it is on", () => {
  const { uart, write, type, events, readText } = sample();
  write(CR, 0x101);
  assertEquals([uart.roomFor(), type("x")], [0, 0]);
  const before = events.room;
  write(CR, ON);
  assertEquals(events.room, before + 1);
  assertEquals(type("x"), 1);
  assertEquals(readText(), "x");
});

Deno.test("turning the FIFO on or off drops what it held", () => {
  const { read, write, type } = sample();
  type("a");
  write(LCR_H, FEN);
  assertEquals(read(FR) & RXFE, RXFE);
  assertEquals(read(RIS) & (RX | RT), 0);
});

Deno.test("a reset restores every register and the line", () => {
  const { uart, read, write, type, line, events } = sample();
  const fresh = registerState(sample().read);
  write(IMSC, 0x7ff);
  for (const offset of [ILPR, IBRD, FBRD, LCR_H, CR, IFLS, DMACR]) write(offset, 0xffff & ~(0x80 | BRK));
  type("abc");
  write(DR, 1);
  const before = events.room;
  uart.reset();
  assertEquals(registerState(read), fresh);
  assertEquals(line.at(-1), false);
  assertEquals(events.room, before + 1);
  assertEquals(type("ab"), 1);
});

function registerState(read: (offset: number) => number): number[] {
  return [FR, RSR, ILPR, IBRD, FBRD, LCR_H, CR, IFLS, IMSC, RIS, MIS, DMACR].map(read);
}

Deno.test("no sequence of accesses makes the UART throw or hold more than its FIFO", () => {
  const { uart } = sample();
  const random = seededRandom(11);
  const bytes = new Uint8Array(40);
  for (let i = 0; i < 20_000; i++) {
    const width = random.of<Width>([1, 2, 4]);
    const offset = random.below(4) ? random.below(0x50) : random.below(0x1000);
    if (random.below(8) === 0) assert(uart.receive(bytes) <= 16);
    else if (random.below(2)) uart.write(offset, width, random.word());
    else assert(uart.read(offset, width) < 2 ** (8 * width));
    assert(uart.roomFor() >= 0 && uart.roomFor() <= 16);
  }
});

// QEMU 7.2 keeps bits that the manual reserves and has no loopback, break or disabled transmitter, so the
// values stay clear of those.
const WRITABLE: readonly (readonly [number, number, number])[] = [
  [DR, 0xff, 0],
  [RSR, 0xff, 0],
  [ILPR, 0xff, 0],
  [IBRD, 0xffff, 0],
  [FBRD, 0x3f, 0],
  [LCR_H, 0xfe, 0],
  [CR, 0xff07, 0x300],
  [IFLS, 0x3f, 0],
  [IMSC, 0x7ff, 0],
  [ICR, 0x7ff, 0],
  [DMACR, 0x7, 0],
];

qemuTest("reset values, identification and a thousand random writes agree with QEMU's PL011", async () => {
  const random = seededRandom(183);
  const { read, write } = sample();
  const readable = [DR, RSR, FR, ILPR, IBRD, FBRD, LCR_H, CR, IFLS, IMSC, RIS, MIS, DMACR];
  const identity = Array.from({ length: 8 }, (_, index) => PERIPH_ID0 + 4 * index);
  const commands: string[] = [];
  const ours: number[] = [];
  const readBoth = (offset: number) => {
    commands.push(`readl ${0x0900_0000 + offset}`);
    ours.push(read(offset));
  };
  for (const offset of [...readable, ...identity]) readBoth(offset);
  for (let i = 0; i < 1000; i++) {
    const [offset, mask, always] = random.of(WRITABLE);
    const value = random.word() & mask | always;
    commands.push(`writel ${0x0900_0000 + offset} ${value}`);
    ours.push(NaN);
    write(offset, value);
    for (let reads = 0; reads < 3; reads++) readBoth(random.of(readable));
  }
  await withQemu(["-serial", "null"], async ({ run }) => {
    const theirs = (await run(commands)).map((answer) => answer === "" ? NaN : Number(answer));
    theirs.forEach((value, index) =>
      assertEquals(ours[index], value, `${commands[index]} (number ${index})`)
    );
  });
});
