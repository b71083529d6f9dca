import { assert, assertEquals } from "@std/assert";
import type { Width } from "../../devices/device.ts";
import { createPl031 } from "../../devices/pl031.ts";
import { qemuTest, withQemu } from "./qtest.ts";
import { seededRandom } from "./random.ts";

const DR = 0x00, MR = 0x04, LR = 0x08, CR = 0x0c, IMSC = 0x10, RIS = 0x14, MIS = 0x18, ICR = 0x1c;
const START = 1577836800;

function sample() {
  const line: boolean[] = [];
  const misuses: string[] = [];
  let time = START;
  let due = Infinity;
  let onDue = () => {};
  const clock = createPl031({
    now: () => time,
    schedule(secondsFromNow, callback) {
      due = secondsFromNow === undefined ? Infinity : time + secondsFromNow;
      onDue = callback;
    },
    interrupt: (level) => line.push(level),
    misuse: (_, what) => misuses.push(what),
  });
  function pass(seconds: number) {
    time += seconds;
    if (time < due) return;
    due = Infinity;
    onDue();
  }
  const read = (offset: number) => clock.read(offset, 4);
  const write = (offset: number, value: number) => clock.write(offset, 4, value);
  return { clock, line, misuses, pass, read, write };
}

Deno.test("DR counts the host's whole seconds", () => {
  const { read, pass } = sample();
  assertEquals(read(DR), START);
  pass(0.75);
  assertEquals(read(DR), START);
  pass(0.25);
  assertEquals(read(DR), START + 1);
});

Deno.test("LR sets the count, which then goes on and wraps at 32 bits", () => {
  const { read, write, pass } = sample();
  write(LR, 0xffffffff);
  assertEquals([read(DR), read(LR)], [0xffffffff, 0xffffffff]);
  pass(2);
  assertEquals([read(DR), read(LR)], [1, 0xffffffff]);
});

Deno.test("reaching MR raises the interrupt in the second it is reached, until ICR clears it", () => {
  const { read, write, pass, line } = sample();
  pass(0.5);
  write(IMSC, 1);
  write(MR, START + 10);
  pass(9.25);
  assertEquals([read(RIS), line], [0, []]);
  pass(0.25);
  assertEquals([read(RIS), read(MIS), line], [1, 1, [true]]);
  write(ICR, 1);
  assertEquals([read(RIS), line], [0, [true, false]]);
});

Deno.test("a masked match shows in RIS alone and interrupts when it is unmasked", () => {
  const { read, write, line } = sample();
  write(MR, START);
  assertEquals([read(RIS), read(MIS), line], [1, 0, []]);
  write(IMSC, 1);
  assertEquals(line, [true]);
});

Deno.test("setting the count moves the alarm with it", () => {
  const { read, write, pass } = sample();
  write(MR, START + 1000);
  write(LR, START + 999);
  pass(1);
  assertEquals(read(RIS), 1);
});

Deno.test("read-only registers keep their values and tell of the write", () => {
  const { read, write, misuses } = sample();
  for (const offset of [DR, RIS, MIS, 0xfe0, 0x20]) write(offset, 0);
  assertEquals([read(DR), read(CR)], [START, 1]);
  assertEquals(misuses.length, 5);
});

Deno.test("a reset restores the host's time, the registers, the alarm and the line", () => {
  const { clock, read, write, pass, line } = sample();
  write(IMSC, 1);
  write(LR, 100);
  write(MR, 100);
  write(MR, 110);
  clock.reset();
  pass(20);
  assertEquals([DR, MR, LR, IMSC, RIS, MIS].map(read), [START + 20, 0, 0, 0, 0, 0]);
  assertEquals(line, [true, false]);
});

Deno.test("no sequence of accesses makes the clock throw", () => {
  const { clock, pass } = sample();
  const random = seededRandom(31);
  for (let i = 0; i < 10_000; i++) {
    const width = random.of<Width>([1, 2, 4]);
    const offset = random.below(4) ? random.below(0x24) : random.below(0x1000);
    if (random.below(8) === 0) pass(random.below(1000) / 7);
    else if (random.below(2)) clock.write(offset, width, random.word());
    else assert(clock.read(offset, width) < 2 ** (8 * width));
  }
});

// QEMU's clock stands still while its machine does; here LR moves the time.
qemuTest("registers, immediate matches and identification agree with QEMU's PL031", async () => {
  const random = seededRandom(224);
  const { read, write } = sample();
  const commands: string[] = [];
  const ours: (number | undefined)[] = [];
  const add = (command: string, result?: number) => {
    commands.push(command);
    ours.push(result);
  };
  const readBoth = (offset: number) => add(`readl ${0x0901_0000 + offset}`, read(offset));
  for (let offset = 0xfe0; offset < 0x1000; offset += 4) readBoth(offset);
  for (let i = 0; i < 500; i++) {
    for (const offset of [DR, MR, LR, CR, IMSC, RIS, MIS]) readBoth(offset);
    const writes: [number, number][] = [
      [MR, read(DR) + random.below(2)],
      [MR, random.word()],
      [LR, random.below(3) ? read(MR) - random.below(2) : random.word()],
      [CR, random.below(2)],
      [IMSC, random.below(2)],
      [ICR, random.below(2)],
    ];
    const [offset, value] = random.of(writes);
    write(offset, value >>> 0);
    add(`writel ${0x0901_0000 + offset} ${value >>> 0}`);
  }
  await withQemu(["-rtc", "base=2020-01-01T00:00:00,clock=vm"], async ({ run }) => {
    (await run(commands)).forEach((answer, index) => {
      const expected = ours[index];
      if (expected !== undefined) {
        assertEquals(expected, Number(answer), `${commands[index]} (number ${index})`);
      }
    });
  });
});
