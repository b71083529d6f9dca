// What the system instructions do, as Arm DDI 0487 describes each; their words are from binutils' assembler.

import { assertEquals } from "@std/assert";
import type { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import { performanceChanged } from "../../../../../vmm/interpreter/a64/performance_unit.ts";
import { cpuWord } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { contextChanged } from "../../../../../vmm/interpreter/a64/execution_context.ts";
import { setPstate } from "../../../../../vmm/interpreter/a64/exceptions.ts";
import { GuestException } from "../../../../../vmm/interpreter/a64/guest_exception.ts";
import { PSTATE } from "../../../../../vmm/interpreter/a64/pstate.ts";
import { bareCpu, execute, ram } from "../bare_cpu.ts";
import { AF, map, normal, turnOn } from "../translation_tables.ts";

const word = {
  svc: 0xd400_0021,
  hvc: 0xd400_0042,
  smc: 0xd400_0003,
  brk: 0xd420_0020,
  hlt: 0xd440_0000,
  udf: 0x0000_0001,
  eret: 0xd69f_03e0,
  wfi: 0xd503_207f,
  wfe: 0xd503_205f,
  sev: 0xd503_209f,
  "mrs x1, ctr_el0": 0xd53b_0021,
  "mrs x1, midr_el1": 0xd538_0001,
  "mrs x1, sctlr_el1": 0xd538_1001,
  "msr sctlr_el1, x1": 0xd518_1001,
  "msr tpidrro_el0, x1": 0xd51b_d061,
  "mrs x1, cntvct_el0": 0xd53b_e041,
  "msr cntv_cval_el0, x1": 0xd51b_e341,
  "mrs x1, icc_iar1_el1": 0xd538_cc01,
  "mrs x1, s3_0_c15_c2_1": 0xd538_f221,
  "mrs x1, rndr": 0xd53b_2401,
  "mrs x1, daif": 0xd53b_4221,
  "msr daifset, #2": 0xd503_42df,
  "msr daifclr, #2": 0xd503_42ff,
  "msr pan, #1": 0xd500_419f,
  "msr spsel, #0": 0xd500_40bf,
  "mrs x1, sp_el0": 0xd538_4101,
  "mrs x1, pmccntr_el0": 0xd53b_9d01,
  "mrs x1, zcr_el1": 0xd538_1201,
  "dc cvac, x1": 0xd50b_7a21,
  "dc ivac, x1": 0xd508_7621,
  "dc zva, x1": 0xd50b_7421,
  "ic ivau, x1": 0xd50b_7521,
  "ic ialluis": 0xd508_711f,
  "tlbi vmalle1": 0xd508_871f,
  "tlbi vae1is, x1": 0xd508_8321,
  "at s1e1w, x1": 0xd508_7821,
  "at s1e0r, x1": 0xd508_7841,
} as const;

type Text = keyof typeof word;

/** As "jump", "", or the exception's class and syndrome. */
function outcome(cpu: Cpu, text: Text): string {
  const answer = execute(cpu, word[text]);
  if (!(answer instanceof GuestException)) return answer ?? "";
  return `${answer.ec.toString(16)}:${answer.iss.toString(16)}`;
}

function atEl0(cpu: Cpu, sctlr = 0n) {
  cpu.setSystem("SCTLR_EL1", sctlr);
  contextChanged(cpu);
  setPstate(cpu, 0);
}

const undefinedHere = "0:0";

Deno.test("exceptions are generated with their class and immediate", () => {
  const { cpu, asked } = bareCpu();
  const texts = ["svc", "brk", "hlt", "udf", "hvc", "smc"] as const;
  assertEquals(texts.map((text) => outcome(cpu, text)), ["15:1", "3c:1", "0:0", "0:0", "", ""]);
  assertEquals(asked, ["hvc 2", "smc 0"]);
  setPstate(cpu, 0);
  assertEquals((["hvc", "smc", "eret"] as const).map((text) => outcome(cpu, text)), Array(3).fill("0:0"));
});

Deno.test("at EL0 registers are there, trapped or undefined as control registers say", () => {
  const { cpu } = bareCpu();
  atEl0(cpu);
  // ISS of the trapped MRS X1, CTR_EL0: op0 3, op2 1, op1 3, CRn 0, Rt 1, CRm 0, a read.
  assertEquals(outcome(cpu, "mrs x1, ctr_el0"), "18:32c021");
  assertEquals(outcome(cpu, "mrs x1, daif"), "18:32d025");
  assertEquals(outcome(cpu, "msr daifset, #2"), "18:cd3e4");
  // With FEAT_IDST; without it they are undefined, as on the host below.
  assertEquals(outcome(cpu, "mrs x1, midr_el1"), "18:300021");
  assertEquals(outcome(cpu, "mrs x1, sctlr_el1"), undefinedHere);
  assertEquals(outcome(cpu, "msr tpidrro_el0, x1"), undefinedHere);
  assertEquals(outcome(cpu, "mrs x1, cntvct_el0"), "18:34f821");
  assertEquals(outcome(cpu, "tlbi vmalle1"), undefinedHere);
  atEl0(cpu, 1n << 15n | 1n << 9n);
  cpu.setSystem("CNTKCTL_EL1", 2n);
  assertEquals(outcome(cpu, "mrs x1, ctr_el0"), "");
  assertEquals(cpu.x[1], cpu.profile.idRegisters.CTR_EL0);
  assertEquals(outcome(cpu, "mrs x1, daif"), "");
  assertEquals(outcome(cpu, "mrs x1, cntvct_el0"), "");
  const older = bareCpu({ host: "neoverse-n1" }).cpu;
  atEl0(older);
  assertEquals(outcome(older, "mrs x1, midr_el1"), undefinedHere);
});

Deno.test("registers that nobody knows, or whose feature is not there, are undefined", () => {
  const { cpu } = bareCpu({ host: "no-sve" });
  assertEquals(outcome(cpu, "mrs x1, s3_0_c15_c2_1"), undefinedHere);
  assertEquals(outcome(cpu, "mrs x1, zcr_el1"), undefinedHere);
  const plain = bareCpu({ host: "neoverse-n1" }).cpu;
  assertEquals(outcome(plain, "mrs x1, rndr"), undefinedHere);
  const withSve = bareCpu().cpu;
  assertEquals(outcome(withSve, "mrs x1, zcr_el1"), "19:0");
});

Deno.test("timers and the interrupt controller answer for their registers", () => {
  const { cpu, asked } = bareCpu();
  cpu.x[1] = 3n;
  outcome(cpu, "msr cntv_cval_el0, x1");
  outcome(cpu, "mrs x1, icc_iar1_el1");
  assertEquals([cpu.x[1], asked], [9n, ["write CNTV_CVAL_EL0 3", "read ICC_IAR1_EL1"]]);
});

Deno.test("RNDR clears the flags, or sets Z and gives zero where there is no number", () => {
  const { cpu } = bareCpu();
  cpu.nzcv = 0xf000_0000;
  outcome(cpu, "mrs x1, rndr");
  assertEquals([cpu.x[1], cpu.nzcv], [4n, 0]);
  const none = bareCpu({ surroundings: { random: () => undefined } }).cpu;
  outcome(none, "mrs x1, rndr");
  assertEquals([none.x[1], none.nzcv], [0n, 0x4000_0000]);
});

Deno.test("SCTLR_EL1 keeps its bits that are always one, and turns translation on at once", () => {
  const { cpu } = bareCpu();
  cpu.x[1] = 1n;
  assertEquals(outcome(cpu, "msr sctlr_el1, x1"), "jump");
  outcome(cpu, "mrs x1, sctlr_el1");
  assertEquals((cpu.x[1]! & 1n) === 1n && cpu.x[1]! > 1n, true);
});

Deno.test("unmasking an interrupt that is pending leaves for it", () => {
  const { cpu } = bareCpu({ surroundings: { pendingInterrupts: () => 1 << 7 } });
  assertEquals(outcome(cpu, "msr daifclr, #2"), "leave");
  assertEquals([cpu.pstate & PSTATE.I, cpu.pc], [0, 4n]);
  assertEquals(outcome(cpu, "msr daifset, #2"), "");
  assertEquals(cpu.pstate & PSTATE.DAIF, PSTATE.DAIF);
});

Deno.test("SPSel chooses the stack pointer, and SP_EL0 is then no register", () => {
  const { cpu } = bareCpu();
  cpu.sp = 0x100n;
  outcome(cpu, "msr spsel, #0");
  assertEquals([cpu.sp, outcome(cpu, "mrs x1, sp_el0")], [0n, undefinedHere]);
});

Deno.test("WFI and WFE wait at EL1 and trap at EL0 unless they may", () => {
  const { cpu, asked } = bareCpu();
  assertEquals([outcome(cpu, "wfi"), outcome(cpu, "wfe"), outcome(cpu, "sev")], ["", "", ""]);
  assertEquals(asked, ["wait for interrupt", "wait for event", "event all"]);
  atEl0(cpu);
  assertEquals([outcome(cpu, "wfi"), outcome(cpu, "wfe")], ["1:1e00000", "1:1e00001"]);
  atEl0(cpu, 1n << 16n | 1n << 18n);
  assertEquals([outcome(cpu, "wfi"), outcome(cpu, "wfe")], ["", ""]);
});

Deno.test("AT tells in PAR_EL1 where an address leads or why it leads nowhere", () => {
  const { cpu } = bareCpu();
  const physical = BigInt(ram.base + 0x3000);
  map(cpu, { address: 0x1234_5000n, physical, attributes: AF | normal | 3n << 8n });
  turnOn(cpu);
  cpu.x[1] = 0x1234_5678n;
  outcome(cpu, "at s1e1w, x1");
  assertEquals(cpu.system("PAR_EL1"), 0xffn << 56n | physical | 0xb80n);
  outcome(cpu, "at s1e0r, x1");
  assertEquals(cpu.system("PAR_EL1"), 0x800n | 0b001111n << 1n | 1n);
});

Deno.test("cache maintenance checks its address and tells whose code is stale", () => {
  const { cpu, asked } = bareCpu();
  map(cpu, {
    address: 0x1234_5000n,
    physical: BigInt(ram.base + 0x3000),
    attributes: AF | normal | 1n << 7n,
  });
  turnOn(cpu);
  cpu.x[1] = 0x1234_5678n;
  assertEquals([outcome(cpu, "dc cvac, x1"), outcome(cpu, "ic ivau, x1")], ["", ""]);
  assertEquals(asked.splice(0), ["forget code 40003000", "all: forget code"]);
  // CM and WnR, a permission fault at level 3.
  assertEquals(outcome(cpu, "dc ivac, x1"), "25:14f");
  cpu.x[1] = 0n;
  assertEquals(outcome(cpu, "dc cvac, x1"), "25:146");
  assertEquals(outcome(cpu, "ic ialluis"), "");
  assertEquals(asked, ["forget code all", "all: forget code"]);
  atEl0(cpu);
  assertEquals(outcome(cpu, "dc cvac, x1"), "18:12dc34");
  assertEquals(outcome(cpu, "dc zva, x1"), "18:12dc28");
  assertEquals(outcome(cpu, "dc ivac, x1"), undefinedHere);
});

Deno.test("TLBI of the inner shareable domain asks the other vcpus too", () => {
  const { cpu, asked } = bareCpu();
  outcome(cpu, "tlbi vmalle1");
  assertEquals(asked, []);
  outcome(cpu, "tlbi vae1is, x1");
  assertEquals(asked, ["all: forget translations"]);
});

Deno.test("the cycle counter counts while it is enabled", () => {
  let cycles = 1000n;
  const { cpu } = bareCpu({ surroundings: { cycles: () => cycles } });
  cpu.setSystem("PMCNTENSET_EL0", 1n << 31n);
  cpu.setSystem("PMCR_EL0", 1n);
  performanceChanged(cpu);
  outcome(cpu, "mrs x1, pmccntr_el0");
  cycles += 50n;
  const before = cpu.x[1]!;
  outcome(cpu, "mrs x1, pmccntr_el0");
  assertEquals(cpu.x[1]! - before, 50n);
});

Deno.test("PAN changes whose translations count", () => {
  const { cpu } = bareCpu();
  const before = cpu.u64(cpuWord.tlb);
  outcome(cpu, "msr pan, #1");
  assertEquals(cpu.u64(cpuWord.tlb) === before, false);
});

Deno.test("big-endian data cannot be switched on, which SCTLR_EL1 shows", () => {
  const { cpu } = bareCpu();
  cpu.x[1] = 1n << 25n | 1n << 24n;
  outcome(cpu, "msr sctlr_el1, x1");
  assertEquals(cpu.system("SCTLR_EL1") & 3n << 24n, 0n);
});
