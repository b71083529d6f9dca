// What a flash chip says of itself in query mode (JEDEC JESD68.01, "Common Flash Interface (CFI)", "Query Structure
// Output"; the extended table of Intel's command set): one of the two chips of a bank of 64 MiB.

/** Bytes; a bank has two chips side by side, so its own are twice as large. */
export const chip = { size: 1 << 25, block: 1 << 17, buffer: 1 << 11 } as const;

const intelCommandSet = 0x0001;
const extendedTableAt = 0x31;
/** Volts in the upper four bits, tenths in the lower. */
const supply = { least: 0x45, most: 0x55 };
/** Powers of two: microseconds of a word and of a buffer, milliseconds of an erasure, and how many times that at most. */
const typicalTime = { word: 7, buffer: 7, erasure: 10 };
const longestTime = { word: 4, buffer: 4, erasure: 4 };
const canBe8Or16Bits = 2;

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const u16 = (value: number) => [value & 0xff, value >> 8];

/** Its bytes by the address at which the chip has them: the first is at 0x10. */
export const queryTable: readonly number[] = table([
  [0x10, ascii("QRY")],
  [0x13, u16(intelCommandSet)],
  [0x15, u16(extendedTableAt)],
  [0x1b, [supply.least, supply.most]],
  [0x1f, [typicalTime.word, typicalTime.buffer, typicalTime.erasure]],
  [0x23, [longestTime.word, longestTime.buffer, longestTime.erasure]],
  [0x27, [Math.log2(chip.size)]],
  [0x28, u16(canBe8Or16Bits)],
  [0x2a, u16(Math.log2(chip.buffer))],
  [0x2c, [1, ...u16(chip.size / chip.block - 1), ...u16(chip.block / 256)]],
  [extendedTableAt, ascii("PRI10")],
  // One protection register that has nothing in it, as QEMU's.
  [0x3f, [1]],
]);

function table(parts: readonly (readonly [at: number, bytes: readonly number[]])[]): number[] {
  const bytes = new Array<number>(0x40).fill(0);
  for (const [at, values] of parts) values.forEach((value, n) => bytes[at + n] = value);
  return bytes;
}
