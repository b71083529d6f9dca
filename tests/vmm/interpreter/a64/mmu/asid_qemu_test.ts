// Address spaces against QEMU: what must no longer be known after a change of ASID or a TLB maintenance
// instruction (Arm DDI 0487, "Address space identifiers and virtual machine identifiers", "TLB maintenance
// instructions"). What may still be known is not asked.

import { assertEquals } from "@std/assert";
import { qemuTest } from "../../../../devices/qtest.ts";
import { outcomesIn, tellingsOf } from "../system_program.ts";
import { homeTcr, type Row, walkProgram } from "./walk_program.ts";
import { tables, window } from "./walk_tables.ts";

const at = 0x1234_5000n;
const [before, after] = [window.base, window.base + 0x7000n] as const;
/** 32 bits of address and 4 KiB: from level 1 on. */
const places = [30n, 21n, 12n].map((shift, n) =>
  tables + BigInt(n) * 0x1_0000n + 8n * (at >> shift & 0x1ffn)
);
const page = (physical: bigint, isGlobal: boolean): bigint =>
  physical | 1n << 10n | (isGlobal ? 0n : 1n << 11n) | 3n;

/** TCR_EL1.AS: ASIDs of 16 bits; A1: TTBR1_EL1 has it. */
const AS = 1n << 36n, A1 = 1n << 22n;
const inTtbr = (asid: bigint) => asid << 48n;
const el1 = 0x3c5n;
const read: Row = { order: "ldr", a: at, b: el1 };

const write = (physical: bigint, isGlobal: boolean): Row[] =>
  [tables + 0x1_0000n | 3n, tables + 0x2_0000n | 3n, page(physical, isGlobal)]
    .map((value, n) => ({ order: "poke", a: places[n]!, b: value }));

/** The page is read, mapped elsewhere, and read again after `then`. */
function changed(isGlobal: boolean, tcr: bigint, then: readonly Row[]): Row[] {
  return [
    ...write(before, isGlobal),
    { order: "ttbr0", a: tables | inTtbr(1n) },
    { order: "asid", a: 1n },
    { order: "mair", a: 0xffn },
    { order: "regime", b: 32n | homeTcr.high | tcr },
    read,
    ...write(after, isGlobal),
    ...then,
    read,
  ];
}

const pageOperand = (asid: bigint) => inTtbr(asid) | at >> 12n;
/** Two pages from there on: TG 4 KiB, SCALE and NUM 0. */
const rangeOperand = inTtbr(1n) | 1n << 46n | at >> 12n;

const maintenance: readonly Row[] = [
  { order: "tlbi vae1", a: pageOperand(1n) },
  { order: "tlbi vale1", a: pageOperand(1n) },
  { order: "tlbi vaae1", a: pageOperand(9n) },
  { order: "tlbi vaale1", a: pageOperand(0n) },
  { order: "tlbi rvae1", a: rangeOperand },
  { order: "tlbi vmalle1is" },
];

const changes: readonly Row[][] = [
  ...[true, false].flatMap((isGlobal) => maintenance.map((one) => changed(isGlobal, AS, [one]))),
  changed(false, AS, [{ order: "tlbi aside1", a: inTtbr(1n) }]),
  // What is global goes with any ASID.
  changed(true, AS, [{ order: "tlbi vae1", a: pageOperand(5n) }]),
  // Another ASID's translations are others.
  changed(false, AS, [{ order: "ttbr0", a: tables | inTtbr(2n) }]),
  changed(false, AS, [{ order: "ttbr0", a: tables | inTtbr(0x101n) }]),
  changed(false, 0n, [{ order: "ttbr0", a: tables | inTtbr(2n) }]),
  changed(false, AS | A1, [{ order: "asid", a: 2n }]),
  changed(false, AS, [
    { order: "ttbr0", a: tables | inTtbr(2n) },
    { order: "tlbi aside1", a: inTtbr(1n) },
    { order: "ttbr0", a: tables | inTtbr(1n) },
  ]),
];

qemuTest(
  "no translation outlives its address space or the instruction that ends it, as in QEMU",
  async () => {
    const { qemu, interpreter } = await tellingsOf(
      walkProgram(changes.flat(), true, window.base, window.pages),
    );
    const read = changes.flatMap(() => [before, after]);
    const valueAt = 3;
    assertEquals(outcomesIn(qemu).map((outcome) => outcome[valueAt]), read);
    assertEquals(outcomesIn(interpreter), outcomesIn(qemu));
  },
);
