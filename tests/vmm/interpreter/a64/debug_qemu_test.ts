// A guest that debugs itself, against QEMU: software step, breakpoints and watchpoints at EL1 and EL0, as every
// control lets them, and the debug exceptions' syndromes. QEMU 7.2 takes OSLM for OSLK: the OS lock is not
// compared.

import { assert, assertEquals } from "@std/assert";
import { qemuTest } from "../../../devices/qtest.ts";
import { image, mappings, scratch, tellingsOf } from "./system_program.ts";

const el1 = 0x3c5n, el0 = 0x3c0n;
const SS = 1n << 21n, D = 1n << 9n;
const MDSCR = { SS: 1n, KDE: 1n << 13n, MDE: 1n << 15n } as const;
const { plain, el0: user } = mappings;
const context = 0x1234n;

interface Row {
  readonly label: string;
  readonly from?: bigint;
  readonly spsr: bigint;
  readonly mdscr: bigint;
  /** DBGBCR0, DBGBVR0, DBGWCR0, DBGWVR0; DBGBCR5 for what is linked to it, whose value is `context`. */
  readonly bcr?: bigint;
  readonly breakAt?: string;
  readonly wcr?: bigint;
  readonly wvr?: bigint;
  readonly linked?: bigint;
  readonly contextIdr?: bigint;
}

/** What is stepped or broken into; each ends in what gets out: an exception, or a return to the program. */
const pieces: Readonly<Record<string, string>> = {
  plain: "nop\n nop\n b leave",
  svc: "svc #5\n b leave",
  brk: "brk #6\n b leave",
  undefined: "udf #0",
  exclusive: "ldxr x1, [x9]\n nop\n b leave",
  load: "ldr x1, [x9]\n b leave",
  fault: "str x1, [x10]\n b leave",
  branch: "b 1f\n nop\n1: nop\n b leave",
  loads:
    "ldrb w1, [x9, #1]\n ldrh w1, [x9, #6]\n ldr w1, [x9, #12]\n ldp x1, x2, [x9, #-8]\n ldr q1, [x9, #16]\n b leave",
  stores:
    "strb w1, [x8, #1]\n strh w1, [x8, #6]\n str w1, [x8, #12]\n stp x1, x2, [x8, #-8]\n str q1, [x8, #16]\n b leave",
  atomics: "ldadd x1, x2, [x8]\n swp x1, x2, [x8]\n stxr w2, x1, [x8]\n cas x1, x2, [x8]\n b leave",
  crossing: "ldr x1, [x9, #-4]\n str x1, [x8, #-4]\n ldr w1, [x7]\n b leave",
  unprivileged: "ldtr x1, [x9]\n sttr x1, [x8]\n b leave",
};

const atLevels = (rows: (at: { spsr: bigint; from: bigint }) => Row[]): Row[] => [
  ...rows({ spsr: el1, from: plain }),
  ...rows({ spsr: el1 & ~D, from: plain }),
  ...rows({ spsr: el0, from: user }),
];

const steps = atLevels((at) =>
  Object.keys(pieces).flatMap((label) =>
    [MDSCR.SS, MDSCR.SS | MDSCR.KDE, 0n].flatMap((mdscr) =>
      [0n, SS].map((step) => ({ ...at, label, mdscr, spsr: at.spsr | step }))
    )
  )
);

const E = 1n, atEl1 = 1n << 1n, atEl0 = 1n << 2n, wholeWord = 0xfn << 5n;
const levels = [atEl1, atEl0, atEl1 | atEl0];
const on = MDSCR.MDE | MDSCR.KDE;
/** On the context in DBGBVR5_EL1, to be linked to. */
const linkable = E | atEl0 | atEl1 | wholeWord | 3n << 20n;

const breakpoints = atLevels((at) => [
  ...levels.flatMap((level) =>
    [on, MDSCR.MDE, MDSCR.KDE].map((mdscr) => ({
      ...at,
      label: "plain",
      mdscr,
      bcr: E | level | wholeWord,
      breakAt: "plain + 4",
    }))
  ),
  { ...at, label: "plain", mdscr: on, bcr: atEl0 | atEl1 | wholeWord, breakAt: "plain + 4" },
  { ...at, label: "svc", mdscr: on, bcr: E | atEl0 | atEl1 | wholeWord, breakAt: "svc" },
  { ...at, label: "plain", mdscr: on, bcr: E | atEl0 | atEl1 | wholeWord, breakAt: "plain + 0x1004" },
  ...[context, context + 1n].map((contextIdr) => ({
    ...at,
    label: "plain",
    mdscr: on,
    bcr: E | atEl0 | atEl1 | wholeWord | 1n << 20n | 5n << 16n,
    breakAt: "plain + 4",
    linked: linkable,
    contextIdr,
  })),
  {
    ...at,
    label: "plain",
    mdscr: on,
    bcr: E | atEl0 | atEl1 | wholeWord | 1n << 20n | 5n << 16n,
    breakAt: "plain + 4",
    linked: 0n,
  },
]);

const reads = 1n << 3n, writes = 2n << 3n, allBytes = 0xffn << 5n;
/** QEMU reads whole words of either page where an access crosses into the next, and watches those. */
const wordsAt = [0n, 4n, 8n, 16n, 0xffen & ~7n];
const watchpoints = atLevels((at) =>
  ["loads", "stores", "atomics", "crossing", "unprivileged"].flatMap((label) => [
    ...levels.flatMap((level) =>
      [reads, writes, reads | writes].map((kind) => ({
        ...at,
        label,
        mdscr: on,
        wcr: E | level | kind | allBytes,
        wvr: scratch,
      }))
    ),
    ...(label === "crossing" ? [0n] : wordsAt).map((offset) => ({
      ...at,
      label,
      mdscr: on,
      wcr: E | atEl0 | atEl1 | reads | writes | allBytes,
      wvr: scratch + offset,
    })),
    ...(label === "crossing" ? [0x01n] : [0x01n, 0x02n, 0x0cn, 0xc0n]).map((bytes) => ({
      ...at,
      label,
      mdscr: on,
      wcr: E | atEl0 | atEl1 | reads | writes | bytes << 5n,
      wvr: scratch,
    })),
    ...[3n, 4n, 12n, 20n].map((mask) => ({
      ...at,
      label,
      mdscr: on,
      wcr: E | atEl0 | atEl1 | reads | writes | allBytes | mask << 24n,
      wvr: scratch,
    })),
    ...[context, context + 1n].map((contextIdr) => ({
      ...at,
      label,
      mdscr: on,
      wcr: E | atEl0 | atEl1 | reads | writes | allBytes | 1n << 20n | 5n << 16n,
      wvr: scratch,
      linked: linkable,
      contextIdr,
    })),
  ])
);

/** Of what is told after each row: the number of rows that are left. */
const rowMark = 1n << 63n;

const rowsOf = (all: readonly Row[]) =>
  all.map(({ label, from = plain, spsr, mdscr, bcr, breakAt, wcr, wvr, linked, contextIdr }) => {
    const data = scratch + (from === user ? mappings.el0Data : 0n);
    const address = (place: string) => `${place} - start + ${image + from}`;
    return `.quad ${address(label)}, ${spsr}, ${mdscr}, ${bcr ?? 0n}, ${breakAt ? address(breakAt) : 0}, ${
      wcr ?? 0n
    }, ${wvr === undefined ? 0n : wvr - scratch + data}, ${linked ?? 0n}, ${contextIdr ?? context}, ${data}`;
  }).join("\n");

const program = (all: readonly Row[]) => `

 ldr x0, =${context}
 msr dbgbvr5_el1, x0
 adr x20, rows
 ldr x21, =${all.length}
 adr x27, resume
next: ldp x11, x12, [x20], #16
 ldp x13, x15, [x20], #16
 ldp x16, x17, [x20], #16
 ldp x18, x19, [x20], #16
 ldp x22, x9, [x20], #16
 mov x8, x9
 sub x7, x9, #2
 ldr x10, =0x200000000
 msr dbgbcr0_el1, x15
 msr dbgbvr0_el1, x16
 msr dbgwcr0_el1, x17
 msr dbgwvr0_el1, x18
 msr dbgbcr5_el1, x19
 msr contextidr_el1, x22
 msr mdscr_el1, x13
 msr elr_el1, x11
 msr spsr_el1, x12
 mov x1, #0
 mov x2, #0
 mov x23, #0

 isb
 eret
.balign 4
resume: mrs x23, mdscr_el1
 msr daifset, #8
 msr mdscr_el1, xzr
 msr dbgbcr0_el1, xzr
 msr dbgwcr0_el1, xzr
 isb
 subs x21, x21, #1
 orr x23, x21, #${rowMark}
 tell x23
 b.ne next
 b finish
.balign 8
${Object.entries(pieces).map(([label, code]) => `${label}: ${code}`).join("\n")}
leave: ret x27
.balign 8
rows:
${rowsOf(all)}
`;

qemuTest("a guest that debugs itself takes the debug exceptions that it takes in QEMU", async () => {
  const all = [...steps, ...breakpoints, ...watchpoints];
  const { qemu, interpreter } = await tellingsOf(program(all));
  for (const ec of [0x30n, 0x31n, 0x32n, 0x33n, 0x34n, 0x35n, 0x3cn]) {
    assert(qemu.some((value) => value >> 26n === ec), `no exception of class 0x${ec.toString(16)} was taken`);
  }
  const first = qemu.findIndex((value, n) => value !== interpreter[n]);
  const left = qemu.slice(first).find((value) => value >= rowMark) ?? rowMark;
  const row = all[all.length - 1 - Number(left - rowMark)];
  const about = (values: bigint[]) =>
    values.slice(Math.max(0, first - 5), first + 7).map((v) => v.toString(16));
  assertEquals(first < 0 ? [] : about(interpreter), first < 0 ? [] : about(qemu), Deno.inspect(row));
  assertEquals(interpreter.length, qemu.length);
});
