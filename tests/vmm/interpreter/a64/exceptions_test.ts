import { assertEquals } from "@std/assert";
import { cpuWord, tlbAt, tlbKinds } from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import { exceptionHistory, hopeless } from "../../../../vmm/interpreter/a64/exception_history.ts";
import {
  enterException,
  enterInterrupt,
  exceptionReturn,
  readStackPointer,
  writeStackPointer,
} from "../../../../vmm/interpreter/a64/exceptions.ts";
import { contextChanged } from "../../../../vmm/interpreter/a64/execution_context.ts";
import { GuestException } from "../../../../vmm/interpreter/a64/guest_exception.ts";
import { EL0, EL1h, PSTATE } from "../../../../vmm/interpreter/a64/pstate.ts";
import { bareCpu } from "./bare_cpu.ts";

const N = 0x8000_0000;
const vectors = 0x4000_1000n;

function atEl0() {
  const made = bareCpu();
  const { cpu } = made;
  cpu.setSystem("VBAR_EL1", vectors);
  cpu.setSystem("SPSR_EL1", BigInt(EL0 | PSTATE.DIT));
  cpu.setSystem("ELR_EL1", 0x1234_5678n);
  cpu.sp = 0x1000n;
  writeStackPointer(cpu, "SP_EL0", 0x2000n);
  exceptionReturn(cpu);
  return made;
}

Deno.test("ERET goes to EL0 with its stack pointer, flags and masks, and opens the exclusive monitor", () => {
  const { cpu, asked } = bareCpu();
  cpu.setSystem("SPSR_EL1", BigInt(N) | BigInt(EL0 | PSTATE.DIT));
  cpu.setSystem("ELR_EL1", 0x1234_5678n);
  cpu.setU32(cpuWord.exclusiveSize, 8);
  cpu.sp = 0x1000n;
  writeStackPointer(cpu, "SP_EL0", 0x2000n);
  exceptionReturn(cpu);
  assertEquals(
    [cpu.pc, cpu.sp, cpu.pstate, cpu.nzcv, cpu.u32(cpuWord.exclusiveSize)],
    [0x1234_5678n, 0x2000n, PSTATE.DIT | EL0, N, 0],
  );
  assertEquals(readStackPointer(cpu, "SP_EL1"), 0x1000n);
  assertEquals(cpu.u64(cpuWord.tlb), BigInt(tlbAt(tlbKinds.el0)));
  assertEquals(asked, ["event own"]);
});

Deno.test("an exception at EL0 leads to the vector for lower levels and leaves its marks", () => {
  const { cpu } = atEl0();
  cpu.nzcv = N;
  enterException(cpu, new GuestException(0x15, 0x42, undefined, true));
  assertEquals(cpu.pc, vectors + 0x400n);
  assertEquals(cpu.system("ELR_EL1"), 0x1234_567cn);
  assertEquals(cpu.system("SPSR_EL1"), BigInt(N) | BigInt(PSTATE.DIT));
  assertEquals(cpu.system("ESR_EL1"), 0x5600_0042n);
  assertEquals(cpu.sp, 0x1000n);
  // SCTLR_EL1.SPAN is 0: PAN is set.
  assertEquals(cpu.pstate, PSTATE.PAN | PSTATE.DIT | PSTATE.DAIF | EL1h);
  assertEquals(cpu.u64(cpuWord.tlb), BigInt(tlbAt(tlbKinds.el1Pan)));
});

Deno.test("with SCTLR_EL1.SPAN an exception leaves PAN as it is, and DSSBS says what SSBS becomes", () => {
  const { cpu } = atEl0();
  cpu.setSystem("SCTLR_EL1", 1n << 23n | 1n << 44n);
  contextChanged(cpu);
  enterException(cpu, new GuestException(0x24, 0x46, 0xffff_0000n));
  assertEquals(cpu.pstate, PSTATE.SSBS | PSTATE.DIT | PSTATE.DAIF | EL1h);
  assertEquals(cpu.system("FAR_EL1"), 0xffff_0000n);
  assertEquals(cpu.system("ELR_EL1"), 0x1234_5678n);
});

Deno.test("vectors differ by kind and by the stack pointer in use", () => {
  const { cpu } = bareCpu();
  cpu.setSystem("VBAR_EL1", vectors);
  cpu.pc = 0x100n;
  enterInterrupt(cpu, "irq");
  assertEquals([cpu.pc, cpu.system("ELR_EL1")], [vectors + 0x280n, 0x100n]);
  cpu.setSystem("SPSR_EL1", 4n);
  exceptionReturn(cpu);
  enterInterrupt(cpu, "fiq");
  assertEquals(cpu.pc, vectors + 0x100n);
  cpu.setSystem("SPSR_EL1", 4n);
  exceptionReturn(cpu);
  enterInterrupt(cpu, "serror", 0x11);
  assertEquals([cpu.pc, cpu.system("ESR_EL1")], [vectors + 0x180n, 0xbe00_0011n]);
});

Deno.test("an illegal return takes the illegal execution state exception at the address returned to", () => {
  for (const spsr of [0x1n, 0x8n, 0x9n, 0xdn, 0x10n, 0x2n]) {
    const { cpu } = bareCpu();
    cpu.setSystem("VBAR_EL1", vectors);
    cpu.setSystem("SPSR_EL1", spsr);
    cpu.setSystem("ELR_EL1", 0x8000n);
    exceptionReturn(cpu);
    assertEquals(cpu.pc, vectors + 0x200n);
    assertEquals(cpu.system("ESR_EL1"), 0x3a00_0000n);
    assertEquals(cpu.system("ELR_EL1"), 0x8000n);
    assertEquals(cpu.system("SPSR_EL1"), BigInt(PSTATE.IL | EL1h));
  }
});

Deno.test("a return to a tagged address loses the tag where TBI says so", () => {
  const { cpu } = bareCpu();
  cpu.setSystem("TCR_EL1", 1n << 37n);
  contextChanged(cpu);
  cpu.setSystem("SPSR_EL1", 0n);
  cpu.setSystem("ELR_EL1", 0x5a00_0000_4000_0000n);
  exceptionReturn(cpu);
  assertEquals(cpu.pc, 0x4000_0000n);
});

Deno.test("CPACR_EL1 and ZCR_EL1 say what traps and how long vectors are, by exception level", () => {
  const { cpu } = bareCpu({ host: "pow2-512" });
  const seen = () => [cpu.u32(cpuWord.fpTrap), cpu.u32(cpuWord.sveTrap), cpu.u32(cpuWord.vectorLength)];
  assertEquals(seen(), [0x07, 0x19, 16]);
  cpu.setSystem("CPACR_EL1", 1n << 20n | 3n << 16n);
  cpu.setSystem("ZCR_EL1", 2n);
  contextChanged(cpu);
  assertEquals(seen(), [0, 0, 32]);
  cpu.setSystem("SPSR_EL1", 0n);
  exceptionReturn(cpu);
  assertEquals(seen(), [0x07, 0x07, 32]);
});

Deno.test("the last sixteen exceptions are kept, each with what it was and where", () => {
  const { cpu } = bareCpu();
  cpu.setSystem("VBAR_EL1", vectors);
  assertEquals(exceptionHistory(cpu), []);
  for (let n = 0; n < 20; n++) {
    cpu.pc = 0x4000_4000n + BigInt(4 * n);
    enterException(cpu, new GuestException(0x25, 7, BigInt(n)));
  }
  cpu.pc = 0x4000_8000n;
  enterInterrupt(cpu, "irq");
  const kept = exceptionHistory(cpu);
  assertEquals(kept.map(({ kind }) => kind), [...new Array(15).fill("synchronous"), "irq"]);
  assertEquals(kept[0], {
    kind: "synchronous",
    esr: 0x9600_0007,
    far: 5n,
    pc: 0x4000_4014n,
    returnAddress: 0x4000_4014n,
    spsr: PSTATE.DAIF | PSTATE.PAN | EL1h,
    vector: vectors + 0x200n,
    times: 1,
  });
  assertEquals(kept[15]!.vector, vectors + 0x280n);
});

Deno.test("exceptions of a vector's first instruction are one entry, and after very many the vcpu cannot go on", () => {
  let told = 0;
  const { cpu } = bareCpu({ surroundings: { cannotGoOn: () => void told++ } });
  cpu.setSystem("VBAR_EL1", vectors);
  cpu.pc = 0x4000_4000n;
  for (let n = 0; n < hopeless; n++) enterException(cpu, new GuestException(0, 0));
  assertEquals([told, exceptionHistory(cpu).map(({ pc, times }) => [pc, times])], [1, [
    [0x4000_4000n, 1],
    [vectors + 0x200n, hopeless - 1],
  ]]);
  // An instruction that completes begins the count anew.
  cpu.pc += 4n;
  enterException(cpu, new GuestException(0, 0));
  assertEquals(told, 1);
});
