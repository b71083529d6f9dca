// The generated code of system instructions and what leads from one exception level to the other, in the
// engine.

import { assertEquals } from "@std/assert";
import { CodePages } from "../../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { Decoder } from "../../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, engineProgram } from "../../../../../vmm/interpreter/a64/engine.ts";
import { enterException, readStackPointer } from "../../../../../vmm/interpreter/a64/exceptions.ts";
import { contextChanged } from "../../../../../vmm/interpreter/a64/execution_context.ts";
import { GuestException } from "../../../../../vmm/interpreter/a64/guest_exception.ts";
import { systemInstructions } from "../../../../../vmm/interpreter/a64/instructions/system.ts";
import { virtualMemory } from "../../../../../vmm/interpreter/a64/mmu_access.ts";
import { codePage } from "../../../../../vmm/interpreter/a64/mmu_fetch.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h } from "../../../../../vmm/interpreter/a64/pstate.ts";
import { keyOf, readSystemRegister } from "../../../../../vmm/interpreter/a64/system_registers.ts";
import { flushTlb } from "../../../../../vmm/interpreter/a64/tlb.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";
import { quietSurroundings } from "../bare_cpu.ts";

const wasmPage = 0x1_0000;
const poolAt = Math.ceil(cpuBytes / wasmPage) * wasmPage;
const poolSize = 8 * wasmPage;
const ramAt = poolAt + poolSize;
const ramBase = 0x4000_0000;
const pages = ramAt / wasmPage + 1;
const budget = 100;

function machine(): Engine {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const physical = new PhysicalMemory(memory.buffer, [
    { base: ramBase, size: wasmPage, offset: ramAt, isReadOnly: false },
  ]);
  const around = {
    ...quietSurroundings([]),
    hvc: (cpu: Cpu) => {
      cpu.pc += 4n;
      return "leave" as const;
    },
  };
  const cpu = new Cpu(physical, 0, findHost("max"), virtualMemory, around);
  cpu.pstate = EL1h;
  flushTlb(cpu);
  contextChanged(cpu);
  cpu.setSystem("VBAR_EL1", BigInt(ramBase + 0x800));
  cpu.pc = BigInt(ramBase);
  const code = new CodePages(memory.buffer, poolAt, poolSize, 0);
  const program = engineProgram(new Decoder(systemInstructions, () => true), pages);
  return new Engine(cpu, code, { codePage, enter: enterException }, program, memory);
}

function write({ cpu }: Engine, at: number, words: readonly number[]) {
  words.forEach((word, n) => cpu.memory.view.setUint32(ramAt + at + 4 * n, word, true));
}

const hvc = 0xd400_0022;

Deno.test("a kernel moves system registers, goes to EL0 and comes back with its exception", () => {
  const engine = machine();
  const { cpu } = engine;
  write(engine, 0, [
    0xd518_d081, // msr tpidr_el1, x1
    0xd538_d082, // mrs x2, tpidr_el1
    0xd518_4103, // msr sp_el0, x3
    0xd538_4104, // mrs x4, sp_el0
    0xd503_4fdf, // msr daifset, #15
    0xd518_4026, // msr elr_el1, x6
    0xd518_401f, // msr spsr_el1, xzr
    0xd69f_03e0, // eret
  ]);
  write(engine, 0x100, [
    0xd51b_d043, // msr tpidr_el0, x3
    0xd538_d087, // mrs x7, tpidr_el1, which EL0 has not
  ]);
  write(engine, 0xc00, [
    0xd538_5208, // mrs x8, esr_el1
    0xd538_4029, // mrs x9, elr_el1
    hvc,
  ]);
  cpu.x.set([0n, 0x11n, 0n, 0x33n, 0n, 0n, BigInt(ramBase + 0x100)]);
  engine.run(budget);
  assertEquals([...cpu.x.subarray(1, 10)], [
    ...[0x11n, 0x11n, 0x33n, 0x33n, 0n, BigInt(ramBase + 0x100), 0n],
    ...[0x0200_0000n, BigInt(ramBase + 0x104)],
  ]);
  assertEquals([cpu.system("TPIDR_EL0"), readStackPointer(cpu, "SP_EL0")], [0x33n, 0x33n]);
  assertEquals(cpu.pc, BigInt(ramBase + 0xc0c));
  assertEquals(engine.executed, 13);
});

Deno.test("DC ZVA zeroes the block around its address, and at EL0 only where it may", () => {
  const engine = machine();
  const { cpu } = engine;
  const zva = 0xd50b_7425;
  write(engine, 0, [zva, hvc]);
  write(engine, 0xc00, [hvc]);
  cpu.memory.bytes.fill(0xff, ramAt + 0x2000, ramAt + 0x3000);
  cpu.x[5] = BigInt(ramBase + 0x2077);
  engine.run(budget);
  const zeroes = () =>
    cpu.memory.bytes.subarray(ramAt + 0x2000, ramAt + 0x3000).reduce((sum, byte) => sum + (byte ? 0 : 1), 0);
  assertEquals(zeroes(), 64);
  assertEquals([0x203f, 0x2040, 0x207f, 0x2080].map((at) => cpu.memory.bytes[ramAt + at]), [255, 0, 0, 255]);
  cpu.x[5] = BigInt(ramBase + 0x2100);
  cpu.pstate = 0;
  contextChanged(cpu);
  cpu.pc = BigInt(ramBase);
  engine.run(budget);
  assertEquals([zeroes(), cpu.system("ESR_EL1") >> 26n], [64, 0x18n]);
  cpu.setSystem("SCTLR_EL1", 1n << 14n);
  cpu.pstate = 0;
  contextChanged(cpu);
  cpu.pc = BigInt(ramBase);
  engine.run(budget);
  assertEquals(zeroes(), 128);
});

Deno.test("registers that kernels read all the time read as TypeScript reads them, at EL1 and at EL0", () => {
  const rows = [
    [0xd53b_4220, "DAIF", keyOf(3, 3, 4, 2, 1)],
    [0xd53b_0020, "CTR_EL0", keyOf(3, 3, 0, 0, 1)],
    [0xd53b_00e0, "DCZID_EL0", keyOf(3, 3, 0, 0, 7)],
    [0xd538_2040, "TCR_EL1", keyOf(3, 0, 2, 0, 2)],
  ] as const;
  const [UMA, DZE, UCT] = [1n << 9n, 1n << 14n, 1n << 15n];
  for (const [mrs, name, key] of rows) {
    for (const pstate of [EL1h, EL1h | 0x2c0, 0, 0x3c0]) {
      for (const sctlr of [0n, UMA | DZE | UCT]) {
        const engine = machine();
        const { cpu } = engine;
        write(engine, 0, [mrs, 0xd503_3fdf, 0xd503_3bbf, 0xd503_3b9f, hvc]); // mrs x0, …; isb; dmb ish; dsb ish
        write(engine, 0xa00, [hvc]);
        write(engine, 0xc00, [hvc]);
        cpu.setSystem("TCR_EL1", 0x35_3510n);
        cpu.setSystem("SCTLR_EL1", sctlr);
        cpu.pstate = pstate;
        contextChanged(cpu);
        let expected: bigint | undefined;
        try {
          readSystemRegister(cpu, key, 0);
          expected = cpu.x[0]!;
        } catch (exception) {
          if (!(exception instanceof GuestException)) throw exception;
        }
        cpu.x[0] = 0x55n;
        engine.run(budget);
        // HVC at EL0 is undefined, four instructions after the read.
        const wasRead = cpu.system("ELR_EL1") !== BigInt(ramBase);
        assertEquals(wasRead ? cpu.x[0] : undefined, expected, `${name} with PSTATE ${pstate.toString(16)}`);
        assertEquals(engine.executed, wasRead ? (pstate & EL1h ? 5 : 6) : 2);
      }
    }
  }
});
