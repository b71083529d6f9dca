// The performance monitors: software increments, overflow and chaining against QEMU, which cannot count
// instructions without a clock made of them; those by programs whose instructions are known.

import { assert, assertEquals } from "@std/assert";
import { qemuTest } from "../../../devices/qtest.ts";
import { testWithTools } from "../../../guest/tools.ts";
import { interpreterTells, tellingsOf } from "./system_program.ts";

const SW_INCR = 0x00, INST_RETIRED = 0x08, CPU_CYCLES = 0x11, CHAIN = 0x1e;
/** Not at EL1, not at EL0. */
const P = 2 ** 31, U = 2 ** 30;
const PMCR = { E: 1, P: 2, C: 4, LC: 0x40 } as const;

const set = (register: string, value: number) => ` ldr x0, =${value}\n msr ${register}, x0\n isb\n`;
const tell = (register: string) => ` mrs x0, ${register}\n tell x0\n`;
const start = set("pmcr_el0", PMCR.P | PMCR.C) + set("pmcntenset_el0", 0x8000_003f) +
  set("pmovsclr_el0", 0xffff_ffff) + set("pmintenclr_el1", 0xffff_ffff);
const increment = (counters: number, times: number) =>
  Array.from({ length: times }, () => set("pmswinc_el0", counters)).join("");

qemuTest("software increments are counted, filtered and overflow as QEMU's are", async () => {
  const filters = [0, P, U, P + U];
  const body = start + filters.map((filter, n) => set(`pmevtyper${n}_el0`, SW_INCR + filter)).join("") +
    set("pmevtyper5_el0", INST_RETIRED) + set("pmevcntr5_el0", 0) +
    set("pmcr_el0", PMCR.E | PMCR.LC) + increment(0x3f, 3) +
    filters.map((_, n) => tell(`pmevcntr${n}_el0`)).join("") +
    set("pmcntenclr_el0", 2) + set("pmevcntr0_el0", 0xffff_fffe) + increment(3, 3) +
    tell("pmevcntr1_el0") + " mrs x0, pmovsset_el0\n and x0, x0, #0xf\n tell x0\n" +
    set("pmovsclr_el0", 1) + " mrs x0, pmovsset_el0\n and x0, x0, #0xf\n tell x0\n" +
    set("pmselr_el0", 1) + set("pmxevtyper_el0", SW_INCR) + tell("pmevtyper1_el0") +
    set("pmcr_el0", PMCR.P) + tell("pmevcntr2_el0") + " b finish\n";
  const { qemu, interpreter } = await tellingsOf(body);
  assertEquals(interpreter, qemu);
  assertEquals(interpreter.slice(0, 4), [3n, 0n, 3n, 0n]);
});

testWithTools(
  ["aarch64-linux-gnu-as"],
  "retired instructions are counted exactly, where they are asked for",
  async () => {
    const count = (code: string) =>
      ` mrs x1, pmevcntr0_el0\n${code} mrs x2, pmevcntr0_el0\n sub x2, x2, x1\n tell x2\n`;
    const body = start + set("pmevtyper0_el0", INST_RETIRED) + set("pmcr_el0", PMCR.E) +
      count("") + count(" nop\n".repeat(10)) +
      count(" mov x3, #1000\n1: subs x3, x3, #1\n b.ne 1b\n") +
      set("pmevtyper0_el0", INST_RETIRED + P) + count(" nop\n".repeat(10)) + " b finish\n";
    assertEquals(await interpreterTells(body), [1n, 11n, 2002n, 0n]);
  },
);

testWithTools(
  ["aarch64-linux-gnu-as"],
  "a counter's overflow is chained to the next, and cycles pass",
  async () => {
    const body = start + set("pmevtyper0_el0", SW_INCR) + set("pmevtyper1_el0", CHAIN) +
      set("pmevtyper2_el0", CPU_CYCLES) + set("pmevcntr0_el0", 0xffff_ffff) +
      set("pmcr_el0", PMCR.E | PMCR.LC) +
      increment(1, 2) + " mov x3, #10000\n1: subs x3, x3, #1\n b.ne 1b\n" +
      tell("pmevcntr1_el0") + tell("pmovsset_el0") + tell("pmevcntr2_el0") + tell("pmccntr_el0") +
      tell("pmceid0_el0") + " b finish\n";
    const [chained, overflowed, event, cycles, offered] = await interpreterTells(body);
    assertEquals([chained, overflowed], [1n, 1n]);
    assert(event! > 0n && cycles! > 0n);
    assertEquals(
      offered,
      [SW_INCR, INST_RETIRED, CPU_CYCLES, CHAIN].reduce((sum, n) => sum | 1n << BigInt(n), 0n),
    );
  },
);

testWithTools(["aarch64-linux-gnu-as"], "an overflow is PPI 7's interrupt while it is noted", async () => {
  const pending = ` ldr x5, =0x080b0200\n ldr w0, [x5]\n and x0, x0, #1 << 23\n tell x0\n`;
  const body = start + set("pmevtyper0_el0", SW_INCR) + set("pmevcntr0_el0", 0xffff_ffff) +
    set("pmcr_el0", PMCR.E) + increment(1, 1) + pending + set("pmintenset_el1", 1) + pending +
    set("pmovsclr_el0", 1) + pending + " b finish\n";
  assertEquals(await interpreterTells(body), [0n, 1n << 23n, 0n]);
});
