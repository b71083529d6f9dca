// QEMU's flash as the oracle: its query structure, and the same random commands given to both.

import { assertEquals } from "@std/assert";
import type { Width } from "../../../devices/device.ts";
import { qemuTest, withQemu } from "../qtest.ts";
import { type Random, seededRandom } from "../random.ts";
import { createBank } from "./bank.ts";

/** QEMU's second bank, which no file fills. */
const base = 0x0400_0000;
const letter = { 1: "b", 2: "w", 4: "l" } as const;

interface Access {
  readonly offset: number;
  readonly width: Width;
  /** What is written; none for a read. */
  readonly value?: number;
}

const read = (offset: number, width: Width = 4): Access => ({ offset, width });
const write = (offset: number, value: number, width: Width = 4): Access => ({ offset, width, value });
const qtestCommand = ({ offset, width, value }: Access) =>
  value === undefined
    ? `read${letter[width]} ${base + offset}`
    : `write${letter[width]} ${base + offset} ${value}`;

qemuTest("the query structure and the identifiers are QEMU's, read by any width from anywhere", async () => {
  await withQemu([], async ({ run }) => {
    const { flash } = createBank();
    for (const mode of [0x98, 0x90]) {
      const reads = ([1, 2, 4] as const).flatMap((width) =>
        Array.from({ length: 0x800 / width }, (_, n) => read(n * width, width))
      );
      const answers = (await run([write(0, 0xff), write(0, mode), ...reads].map(qtestCommand))).slice(2).map(
        Number,
      );
      flash.write(0, 4, mode);
      assertEquals(reads.map(({ offset, width }) => flash.read(offset, width)), answers);
    }
  });
});

/** Offsets in three blocks, so that they meet. */
const place = (random: Random) => 4 * random.of([0, 1, 2, 3, 1000, 0x1_0000, 0x1_0001, 0xff_ffff]);

/** A whole command. Programming follows an erasure: QEMU sets bits that only an erasure sets. */
function sequence(random: Random): Access[] {
  const at = place(random);
  const page = at - at % 0x1000;
  const words = random.below(8);
  const erasure = [write(at, 0x20), write(at, 0xd0)];
  const choices: Access[][] = [
    [write(at, random.of([0xff, 0xf0, 0x00, 0x33, 0x70]))],
    // Here any command leaves these two; QEMU's are left by this one alone.
    [write(at, random.of([0x90, 0x98])), read(0x40), write(at, 0xff)],
    erasure,
    // QEMU's is not ready again after its status was cleared, until it has done something.
    [write(at, 0x50), read(at), ...erasure],
    [...erasure, write(at, random.of([0x10, 0x40])), write(at, random.word())],
    [...erasure, write(at + 2, 0x40, 2), write(at + 2, random.below(0x1_0000), 2)],
    [
      ...erasure,
      write(at, 0xe800e8),
      write(at, words * 0x1_0001),
      ...Array.from({ length: words + 1 }, (_, n) => write(page + 4 * n, random.word())),
      write(at, 0xd000d0),
    ],
    [write(at, 0x60), write(at, 0xd0)],
  ];
  return random.of(choices);
}

qemuTest("random commands leave QEMU's flash and this one with the same status and content", async () => {
  await withQemu([], async ({ run }) => {
    const random = seededRandom(0x0f1a);
    const { flash } = createBank();
    for (let round = 0; round < 30; round++) {
      const accesses = Array.from(
        { length: 20 },
        () => [
          ...sequence(random),
          ...[0, 1, 2].map(() => read(place(random), random.of<Width>([1, 2, 4]))),
        ],
      ).flat();
      const theirs = (await run(accesses.map(qtestCommand))).map((answer) =>
        answer === "" ? undefined : Number(answer)
      );
      const ours = accesses.map(({ offset, width, value }) =>
        value === undefined ? flash.read(offset, width) : flash.write(offset, width, value)
      );
      assertEquals(ours, theirs);
    }
  });
});
