// The hints that sign and check as generated code, held against the same in TypeScript, which is compared with QEMU.

import { assertEquals } from "@std/assert";
import { CodePages } from "../../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu, type VirtualMemory } from "../../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { Decoder } from "../../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, engineProgram } from "../../../../../vmm/interpreter/a64/engine.ts";
import { contextChanged } from "../../../../../vmm/interpreter/a64/execution_context.ts";
import { GuestException } from "../../../../../vmm/interpreter/a64/guest_exception.ts";
import { pointerAuthenticationHints } from "../../../../../vmm/interpreter/a64/instructions/pointer_authentication_hints.ts";
import { addressAuthentication } from "../../../../../vmm/interpreter/a64/pauth/algorithm.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h } from "../../../../../vmm/interpreter/a64/pstate.ts";
import type { CpuSurroundings } from "../../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";
import { type Random, seededRandom } from "../../../../devices/random.ts";

const wasmPage = 0x1_0000;
const cpuAt = wasmPage,
  poolAt = cpuAt + Math.ceil(cpuBytes / wasmPage) * wasmPage,
  codeAt = poolAt + 4 * wasmPage;
const pages = codeAt / wasmPage + 1;
const pc = 0x4000_0000n;

const hints = pointerAuthenticationHints.filter(({ name }) => name !== "XPACLRI");

/** A vcpu whose pointer authentication is Velum's own, at this level of FEAT_PAuth. */
function vcpu(level: number) {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const host = findHost("max");
  const idRegisters = { ...host.idRegisters, ID_AA64ISAR1_EL1: BigInt(level) << 8n, ID_AA64ISAR2_EL1: 0n };
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(physical, cpuAt, { ...host, idRegisters }, {} as VirtualMemory, {} as CpuSurroundings);
  let taken: GuestException | undefined;
  const engine = new Engine(
    cpu,
    new CodePages(memory.buffer, poolAt, 4 * wasmPage, cpuAt),
    {
      codePage: () => ({ at: codeAt, isGuarded: false }),
      enter: (_, exception) => {
        taken = exception;
      },
    },
    engineProgram(new Decoder(hints, () => true), pages),
    memory,
  );
  /** Where each hint lies, one after the other. */
  hints.forEach(({ pattern }, n) => physical.view.setUint32(codeAt + 4 * n, pattern.value, true));
  return {
    cpu,
    step(index: number): GuestException | undefined {
      taken = undefined;
      cpu.pc = pc + BigInt(4 * index);
      engine.step();
      return taken;
    },
  };
}

function inTypeScript(cpu: Cpu, { run }: Definition): GuestException | undefined {
  try {
    run!(cpu, {});
    return undefined;
  } catch (exception) {
    if (exception instanceof GuestException) return exception;
    throw exception;
  }
}

const word64 = (random: Random) => BigInt(random.word()) << 32n | BigInt(random.word());

/** Mostly an address of one half, now and then anything. */
function pointer(random: Random): bigint {
  const low = word64(random) & (1n << 48n) - 1n;
  const upper = [0n, 0xffffn, 0xff00n, 0x00ffn, BigInt(random.below(0x1_0000))][random.below(5)]!;
  return upper << 48n | low;
}

function prepare(cpu: Cpu, random: Random) {
  for (const key of ["IA", "IB"]) {
    for (const part of ["LO", "HI"]) cpu.setSystem(`AP${key}KEY${part}_EL1`, word64(random));
  }
  cpu.setSystem("SCTLR_EL1", 3n << 30n);
  const tagged = BigInt(random.below(4)) << 37n, untaggedCode = BigInt(random.below(4)) << 51n;
  cpu.setSystem(
    "TCR_EL1",
    BigInt(16 + random.below(10)) | BigInt(16 + random.below(10)) << 16n | tagged | untaggedCode,
  );
  cpu.pstate = EL1h;
  contextChanged(cpu);
}

const registers = (cpu: Cpu) => [cpu.readX(16), cpu.readX(17), cpu.readX(30), cpu.sp];

/** What the hint does in TypeScript and as generated code, from the same registers, which it leaves done. */
function bothWays({ cpu, step }: ReturnType<typeof vcpu>, index: number) {
  const before = registers(cpu);
  const expected = { fault: inTypeScript(cpu, hints[index]!), registers: registers(cpu) };
  [16, 17, 30].forEach((register, place) => cpu.writeX(register, before[place]!));
  const fault = step(index);
  return { expected, generated: { fault, registers: registers(cpu) } };
}

Deno.test("generated code signs and checks as TypeScript does, at every level, right codes and wrong ones", () => {
  const random = seededRandom(5);
  for (const level of [1, 2, 3, 4, 5]) {
    assertEquals(addressAuthentication(BigInt(level) << 8n, 0n)?.algorithm, "IMPLEMENTATION DEFINED");
    const processor = vcpu(level);
    const { cpu } = processor;
    let faults = 0;
    for (let n = 0; n < 400; n++) {
      if (n % 20 === 0) prepare(cpu, random);
      for (const register of [16, 17, 30]) cpu.writeX(register, pointer(random));
      cpu.sp = word64(random);
      // A hint that signs, and the one after it, which checks what was signed or something else.
      const signs = 2 * random.below(hints.length / 2);
      for (const index of [signs, signs + 1]) {
        if (index !== signs && random.below(3) === 0) {
          cpu.writeX(30, cpu.readX(30) ^ 1n << BigInt(random.below(64)));
        }
        const { expected, generated } = bothWays(processor, index);
        assertEquals(generated, expected, `${hints[index]!.name} at level ${level}`);
        if (generated.fault) faults++;
      }
    }
    assertEquals(faults > 0, level >= 4, `faults at level ${level}`);
  }
});
