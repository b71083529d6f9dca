// Exceptions against QEMU: for a list of instructions at EL1 and EL0, under the controls that trap them, the
// vector, ESR_EL1, ELR_EL1, SPSR_EL1, FAR_EL1 and PSTATE afterwards; and every way that a return is illegal
// (Arm DDI 0487, "The AArch64 System Level Programmers' Model", "ESR_EL1, Exception Syndrome Register (EL1)").

import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../../devices/random.ts";
import { qemuTest } from "../../../devices/qtest.ts";
import { allOf, controls, type Row, rows, varied } from "./exceptions_cases.ts";
import { isKnown } from "./exceptions_differences.ts";
import { caseCount } from "./oracle/case_count.ts";
import { image, mappings, mark, outcomesIn, scratch, tellingsOf } from "./system_program.ts";

/** After each instruction another exception, so that one that is not trapped ends too. */
const program = (all: readonly Row[]) => {
  const codes = [...new Set(all.flatMap(({ code }) => code ?? []))];
  const at = ({ code, entry, spsr }: Row) =>
    entry ?? `code${codes.indexOf(code!)} - start + ${image + ((spsr & 0xcn) === 0n ? mappings.el0 : 0n)}`;
  return ` adr x0, vectors_here
 msr vbar_el1, x0
 mrs x22, sctlr_el1
 ldr x0, =${controls}
 bic x22, x22, x0
 adr x20, rows
 ldr x26, =${mark}
 b next
taken: tell x29
 mrs x29, esr_el1
 tell x29
 mrs x29, elr_el1
 tell x29
 mrs x29, spsr_el1
 tell x29
 mrs x29, far_el1
 tell x29
 mrs x29, daif
${
    ["pan", "uao", "ssbs", "spsel"].map((name) => ` mrs x30, ${name}\n orr x29, x29, x30`)
      .join("\n")
  }
 tell x29
next: msr spsel, #1
 msr pan, #0
 ldp x10, x11, [x20], #16
 ldp x12, x13, [x20], #16
 ldp x14, x15, [x20], #16
 ldp x1, x17, [x20], #16
 cbz x10, out
 add x26, x26, #1
 tell x26
 orr x12, x12, x22
 msr sctlr_el1, x12
 msr cpacr_el1, x13
 msr cntkctl_el1, x14
 msr pmuserenr_el0, x15
 msr sp_el0, x17
 mov sp, x17
 msr far_el1, xzr
 msr elr_el1, x10
 msr spsr_el1, x11
 mov x0, #0
 mov x2, #0
 mov x3, #0
 mov x4, #0
 mov x5, #0
 isb
 eret
out: msr sctlr_el1, x22
 isb
 b finish
.ltorg
${codes.map((code, n) => `.balign 4\ncode${n}: ${code}\n svc #0x9999`).join("\n")}
.balign 0x800
vectors_here:
${Array.from({ length: 16 }, (_, n) => `.balign 0x80\n mov x29, #${n}\n b taken`).join("\n")}
.balign 8
rows:
${
    all.map((row) =>
      `.quad ${at(row)}, ${row.spsr}, ${row.sctlr}, ${row.cpacr ?? allOf}, ${row.cntkctl ?? 0n}, ${
        row.pmuserenr ?? 0n
      }, ${row.x1 ?? scratch}, ${scratch}`
    ).join("\n")
  }
.quad 0, 0, 0, 0, 0, 0, 0, 0
`;
};

const hex = (values: readonly bigint[] | undefined) => values?.map((value) => value.toString(16)).join(" ");

qemuTest("exceptions have the vectors, syndromes and states that they have in QEMU", async () => {
  const random = seededRandom(90);
  const plain = rows();
  const rounds = Math.ceil(caseCount(50) / 50);
  const different: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const all = plain.map((row) => varied(random, row));
    const { qemu, interpreter } = await tellingsOf(program(all));
    const [theirs, ours] = [outcomesIn(qemu), outcomesIn(interpreter)];
    assertEquals([theirs.length, ours.length], [all.length, all.length]);
    all.forEach((row, n) => {
      const [a, b] = [hex(theirs[n]), hex(ours[n])];
      const outcome = { code: row.code, x1: row.x1 ?? 0n, theirs: theirs[n]!, ours: ours[n]! };
      if (a !== b && !isKnown(outcome)) {
        different.push(`${Deno.inspect(row, { breakLength: Infinity })}\n  QEMU ${a}\n  here ${b}`);
      }
    });
    const classes = new Set(theirs.map(([, esr]) => Number(esr! >> 26n)));
    for (const ec of [0x00, 0x01, 0x07, 0x0e, 0x15, 0x18, 0x19, 0x20, 0x21, 0x22, 0x24, 0x25, 0x3c]) {
      assert(classes.has(ec), `no exception of class 0x${ec.toString(16)}`);
    }
  }
  assertEquals(different.slice(0, 20), [], `${different.length} differ`);
});
