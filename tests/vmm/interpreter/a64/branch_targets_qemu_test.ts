// Guarded pages (FEAT_BTI) against QEMU: every way to come to every kind of instruction, from and to pages that
// are guarded and that are not, at EL1 and EL0.

import { assert, assertEquals } from "@std/assert";
import { qemuTest } from "../../../devices/qtest.ts";
import { image, mappings, tellingsOf, unmapped } from "./system_program.ts";

const jumps = [
  "br x16",
  "br x17",
  "br x2",
  "blr x2",
  "blr x16",
  "ret x2",
  "braaz x2",
  "braaz x17",
  "blraaz x2",
];
const landings = [
  "nop",
  "bti",
  "bti c",
  "bti j",
  "bti jc",
  "paciasp",
  "pacibsp",
  "autiasp",
  "brk #1",
  "hlt #1",
  "svc #2",
  "udf #3",
  "ldr x9, [x10]",
  "b .+4",
];
const el1 = 0x3c5n, el0 = 0n;
/** SCTLR_EL1.BT1 and BT0. */
const controls = [0n, 1n << 36n, 1n << 35n];
const btype = (type: number) => BigInt(type) << 10n;

interface Row {
  readonly entry: string;
  readonly from: bigint;
  readonly spsr: bigint;
  readonly landing: string;
  readonly to: bigint;
  readonly control: bigint;
}

const { plain, guarded, el0: user, el0Guarded } = mappings;
const levels = [[el1, [plain, guarded]], [el0, [user, el0Guarded]]] as const;

function rows(): Row[] {
  const ofLandings = landings.map((_, n) => `landing${n}`);
  const throughJumps = levels.flatMap(([spsr, places]) =>
    places.flatMap((from) =>
      places.flatMap((to) =>
        controls.flatMap((control) =>
          jumps.flatMap((_, n) =>
            ofLandings.map((landing) => ({ entry: `jump${n}`, from, spsr, landing, to, control }))
          )
        )
      )
    )
  );
  const throughReturns = levels.flatMap(([spsr, places]) =>
    places.flatMap((from) =>
      [1, 2, 3].flatMap((type) =>
        ofLandings.map((entry) => ({
          entry,
          from,
          spsr: spsr | btype(type),
          landing: entry,
          to: from,
          control: 0n,
        }))
      )
    )
  );
  return [...throughJumps, ...throughReturns];
}

const program = (all: readonly Row[]) => `
 adr x20, rows
 ldr x21, =${all.length}
 mrs x22, sctlr_el1
 adr x27, resume
next: ldp x1, x3, [x20], #16
 ldp x2, x4, [x20], #16
 orr x5, x22, x4
 msr sctlr_el1, x5
 msr elr_el1, x1
 msr spsr_el1, x3
 mov x16, x2
 mov x17, x2
 ldr x10, =${unmapped}
 isb
 eret
resume: msr sctlr_el1, x22
 subs x21, x21, #1
 tell x21
 b.ne next
 b finish
${jumps.map((jump, n) => `jump${n}: ${jump}`).join("\n")}
${landings.map((landing, n) => `landing${n}: ${landing}\n b landed`).join("\n")}
landed: ret x27
.balign 8
rows:
${
  all.map(({ entry, from, spsr, landing, to, control }) =>
    `.quad ${entry} - start + ${image + from}, ${spsr}, ${landing} - start + ${image + to}, ${control}`
  ).join("\n")
}
`;

qemuTest("branches into guarded pages go where QEMU's go, and fault where its fault", async () => {
  const all = rows();
  const { qemu, interpreter } = await tellingsOf(program(all));
  const branchTargetClass = 0x0dn;
  const refused = qemu.filter((value) => value >> 26n === branchTargetClass).length;
  assert(refused > all.length / 10, `${refused} of ${all.length} branches were refused`);
  const first = qemu.findIndex((value, n) => value !== interpreter[n]);
  const about = (values: bigint[]) =>
    values.slice(Math.max(0, first - 6), first + 6).map((v) => v.toString(16));
  assertEquals(first < 0 ? [] : about(interpreter), first < 0 ? [] : about(qemu));
  assertEquals(interpreter.length, qemu.length);
});
