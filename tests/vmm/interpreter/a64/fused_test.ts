// Where one op stands for a comparison and the branch after it: what is counted, stepped and stopped at is both.

import { assertEquals } from "@std/assert";
import { CodePages } from "../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu, type VirtualMemory } from "../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes } from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import { breakpointOffset, Engine, engineProgram } from "../../../../vmm/interpreter/a64/engine.ts";
import { integerInstructions } from "../../../../vmm/interpreter/a64/instructions/integer.ts";
import { PhysicalMemory } from "../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h } from "../../../../vmm/interpreter/a64/pstate.ts";
import type { CpuSurroundings } from "../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";

const wasmPage = 0x1_0000;
const cpuAt = wasmPage,
  poolAt = cpuAt + Math.ceil(cpuBytes / wasmPage) * wasmPage,
  codeAt = poolAt + 4 * wasmPage;
const pages = codeAt / wasmPage + 1;
const start = 0x4000_0000n;

/** MOV X0, #5; SUB X0, X0, #1; CMP X0, #0; B.NE to the SUB; UDF. */
const program = [0xd280_00a0, 0xd100_0400, 0xf100_001f, 0x54ff_ffc1, 0];
const instructions = 1 + 3 * 5;
const ended = Symbol("the undefined instruction");

function engine(): Engine {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(physical, cpuAt, findHost("max"), {} as VirtualMemory, {} as CpuSurroundings);
  cpu.pc = start;
  cpu.pstate = EL1h;
  new Uint32Array(memory.buffer, codeAt, program.length).set(program);
  return new Engine(
    cpu,
    new CodePages(memory.buffer, poolAt, 4 * wasmPage, cpuAt),
    {
      codePage: () => ({ at: codeAt, isGuarded: false }),
      enter: () => {
        throw ended;
      },
    },
    engineProgram(integerInstructions, () => true, pages),
    memory,
  );
}

/** What the body throws, if it throws anything. */
function thrownBy(body: () => void): unknown {
  try {
    body();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const offsetOf = ({ cpu }: Engine) => Number(cpu.pc - start);

Deno.test("both instructions are counted", () => {
  const one = engine();
  assertEquals(thrownBy(() => one.run(1000)), ended);
  assertEquals([one.executed, offsetOf(one), one.cpu.readX(0)], [instructions + 1, 16, 0n]);
});

Deno.test("a step is one instruction, though the op stood for two before", () => {
  const one = engine();
  one.run(4);
  const at = one.executed;
  for (let n = at; n < instructions; n++) {
    one.step();
    assertEquals(one.executed, n + 1);
    assertEquals(offsetOf(one), n + 1 === instructions ? 16 : 4 + 4 * (n % 3));
  }
});

Deno.test("a breakpoint on the branch is stopped at, though it was set after both had run as one", () => {
  const one = engine();
  one.run(7);
  const { debug } = one.cpu;
  debug.offsets = new Set([12]);
  debug.onOffsets(new Set(), debug.offsets);
  assertEquals(thrownBy(() => one.run(1000)), breakpointOffset);
  assertEquals([offsetOf(one), one.executed % 3], [12, 0]);
});
