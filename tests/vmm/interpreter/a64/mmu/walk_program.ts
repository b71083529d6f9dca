// A program without a kernel that does what a list of rows says: it writes tables, sets the registers of one half
// of the address space and accesses it, from the other half, where it lives meanwhile. It tells every outcome.

import { mark } from "../system_program.ts";

/** The instruction of each access; the address is in X1, what it gives goes to X0. */
const accessCode = {
  ldr: "ldr x0, [x1]",
  str: "str x1, [x1]",
  ldtr: "ldtr x0, [x1]",
  sttr: "sttr x1, [x1]",
  ldadd: "ldadd x1, x0, [x1]",
  ldxr: "ldxr x0, [x1]",
  zva: "dc zva, x1",
  ldrq: "ldr q0, [x1]\n fmov x0, d0",
  stp: "stp x1, x1, [x1, #16]",
  "at s1e1r": "at s1e1r, x1\n isb\n mrs x0, par_el1",
  "at s1e1w": "at s1e1w, x1\n isb\n mrs x0, par_el1",
  "at s1e0r": "at s1e0r, x1\n isb\n mrs x0, par_el1",
  "at s1e0w": "at s1e0w, x1\n isb\n mrs x0, par_el1",
  "at s1e1rp": "at s1e1rp, x1\n isb\n mrs x0, par_el1",
  "at s1e1wp": "at s1e1wp, x1\n isb\n mrs x0, par_el1",
} as const;
export type AccessKind = keyof typeof accessCode | "execute";

/** What a row can do with its A, in X0, and its B, in X1. */
const orders = {
  poke: "str x1, [x24, x0]\n dsb ish",
  peek: "add x26, x26, #1\n tell x26\n ldr x0, [x24, x0]\n tell x0",
  ttbr0: "msr ttbr0_el1, x0\n isb",
  ttbr1: "msr ttbr1_el1, x0\n isb",
  mair: "msr mair_el1, x0",
  /** SCTLR_EL1's bits beside the usual, and TCR_EL1; all translations are forgotten. */
  regime: "orr x0, x0, x22\n msr sctlr_el1, x0\n msr tcr_el1, x1\n isb\n tlbi vmalle1\n dsb ish\n isb",
  /** The ASID in the TTBR of the program's half, the upper. */
  asid: "mrs x1, ttbr1_el1\n bfi x1, x0, #48, #16\n msr ttbr1_el1, x1\n isb",
  "tlbi aside1": "tlbi aside1, x0\n dsb ish\n isb",
  "tlbi vae1": "tlbi vae1, x0\n dsb ish\n isb",
  "tlbi vale1": "tlbi vale1, x0\n dsb ish\n isb",
  "tlbi vaae1": "tlbi vaae1, x0\n dsb ish\n isb",
  "tlbi vaale1": "tlbi vaale1, x0\n dsb ish\n isb",
  "tlbi rvae1": "tlbi rvae1, x0\n dsb ish\n isb",
  "tlbi vmalle1is": "tlbi vmalle1is\n dsb ish\n isb",
} as const;

export interface Row {
  readonly order: keyof typeof orders | AccessKind;
  readonly a?: bigint;
  readonly b?: bigint;
}

/** 1 GiB each of the program's half: its code, its data, and its code for EL0. */
const dataAt = 1n << 30n, el0At = 2n << 30n;
const upperHalf = 0xffff_ff80_0000_0000n;
/** 39 bits of address and 4 KiB in either half: also what the program's half has while it runs. */
const usualTcr = 25n | 25n << 16n | 2n << 30n;
export const homeTcr = { low: 25n, high: 25n << 16n | 2n << 30n } as const;

const ramAt = 0x4000_0000n | 1n << 10n | 1n, readOnly = 1n << 7n, atEl0 = 1n << 6n;
const UXN = 1n << 54n, PXN = 1n << 53n;
const homeTable = [0n, ramAt | readOnly | UXN, ramAt | UXN | PXN, ramAt | readOnly | atEl0];

const nameOf = (order: string) => order.replaceAll(" ", "_");

const accesses = Object.entries(accessCode).map(([kind, code]) => `
op_${nameOf(kind)}: adr x3, 1f
 b access
1: ${code}
 svc #0x100`).join("");

const others = Object.entries(orders).map(([name, code]) => `op_${nameOf(name)}: ${code}\n b next`).join(
  "\n",
);

/**
 * @param isHigh whether the program lives in the upper half
 * @param pages how many pages from `base` on hold their address, and then `svc #0x77`
 */
export function walkProgram(rows: readonly Row[], isHigh: boolean, base: bigint, pages: number): string {
  const home = isHigh ? upperHalf : 0n;
  return ` ldr x0, =${base}
 ldr x1, =${pages}
 ldr w2, =0xd4000ee1
1: str x0, [x0]
 str x2, [x0, #8]
 add x0, x0, #0x1000
 subs x1, x1, #1
 b.ne 1b
 mov x0, #3 << 20
 msr cpacr_el1, x0
 mrs x22, sctlr_el1
 ldr x0, =${(1n << 23n) | (1n << 14n)} // SPAN, DZE
 orr x22, x22, x0
 ldr x23, =${home}
 ldr x24, =${home + dataAt}
 ldr x25, =${el0At}
 ldr x26, =${mark}
 adr x0, home_table
 msr ttbr${isHigh ? 1 : 0}_el1, x0
 ldr x0, =${usualTcr}
 msr tcr_el1, x0
 tlbi vmalle1
 dsb ish
 isb
 add x28, x28, x24
 adr x0, at_home
 add x0, x0, x23
 br x0
at_home: adr x0, home_vectors
 msr vbar_el1, x0
 adr x20, rows
next: ldp x3, x0, [x20], #16
 ldr x1, [x20], #8
 adr x4, start
 add x4, x4, x3
 br x4
op_execute: mov x3, x0
 b away
access: tst x1, #0xc
 add x4, x3, x25
 csel x3, x4, x3, eq
away: add x26, x26, #1
 tell x26
 msr elr_el1, x3
 msr spsr_el1, x1
 mov x1, x0
 mov x0, #0
 eret
${accesses}
${others}
op_end: ldr x0, =${usualTcr}
 msr tcr_el1, x0
 msr sctlr_el1, x22
 adr x0, tables
 sub x0, x0, x23
 msr ttbr0_el1, x0
 isb
 tlbi vmalle1
 dsb ish
 isb
 sub x28, x28, x24
 adr x0, finish
 sub x0, x0, x23
 br x0
taken: msr pan, #0
 mrs x4, esr_el1
 mrs x5, spsr_el1
 orr x4, x4, x5, lsl #32
 tell x4
 mrs x4, elr_el1
 tell x4
 mrs x4, far_el1
 tell x4
 tell x0
 msr far_el1, xzr
 b next
.ltorg
.balign 0x800
home_vectors: ${Array.from({ length: 16 }, () => ".balign 0x80\n b taken\n").join("")}
.balign 0x1000
home_table: .quad ${homeTable.join(", ")}
.balign 0x1000, 0
rows:
${rows.map(({ order, a = 0n, b = 0n }) => `.quad op_${nameOf(order)} - start, ${a}, ${b}`).join("\n")}
.quad op_end - start, 0, 0
`;
}
