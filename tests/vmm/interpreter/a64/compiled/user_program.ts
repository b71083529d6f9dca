// A static program of Linux's that only writes and exits, on the interpreter's CPU at EL0, at one vector length.

import { elf64 } from "../../../../../guest/elf64.ts";
import type { KernelFile } from "../../../../../guest/segments.ts";
import { CodePages } from "../../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import {
  cpuBytes,
  cpuWord,
  noTag,
  pageSize,
  tlbAt,
  tlbEntries,
  tlbEntry,
  tlbKinds,
} from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { Decoder } from "../../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, type EngineProgram, engineProgram } from "../../../../../vmm/interpreter/a64/engine.ts";
import { GuestException } from "../../../../../vmm/interpreter/a64/guest_exception.ts";
import { instructions } from "../../../../../vmm/interpreter/a64/instructions/all.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import type { CpuSurroundings } from "../../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";
import { placedMemory } from "../placed_memory.ts";

const wasmPage = 0x1_0000;
const cpuBase = wasmPage;
const poolBase = cpuBase + Math.ceil(cpuBytes / wasmPage) * wasmPage;
const poolSize = 64 * wasmPage;
/** Where the program's addresses from `window.start` on lie in the memory; its stack is at their end. */
const windowBase = poolBase + poolSize;
const window = { start: 0x40_0000, end: 0x50_0000 } as const;
const pages = (windowBase + window.end - window.start) / wasmPage;

const svc = 0x15, translationFault = 0x07, instructionAbort = 0x20;
const calls = { write: 64n, exit: 93n } as const;
const mostInstructions = 3_000_000;

/** Thrown out of the engine where the program exits. */
const exited = Symbol("the program has exited");

let program: EngineProgram | undefined;
/** Made once for all runs. */
const theProgram = () => program ??= engineProgram(new Decoder(instructions, () => true), pages);

/** The offset in the memory. Throws the abort of an access beyond the window. */
function place(cpu: Cpu, address: bigint, bytes: number, isWrite: boolean): number {
  const end = address + BigInt(bytes);
  if (address < BigInt(window.start) || end > BigInt(window.end)) {
    throw cpu.dataAbort(translationFault, isWrite, address);
  }
  return windowBase + Number(address) - window.start;
}

/** What the program writes. Throws where it does not come to its end. @param vectorLength in bits */
export function runUserProgram(file: Uint8Array, vectorLength: number): Uint8Array {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(physical, cpuBase, findHost("max"), placedMemory(place), {} as CpuSurroundings);
  const written: number[] = [];
  const host = {
    codePage({ pc }: Cpu) {
      if (pc >= BigInt(window.start) && pc < BigInt(window.end)) {
        const page = pc & -BigInt(pageSize);
        return { at: windowBase + Number(page) - window.start, isGuarded: false };
      }
      throw new GuestException(instructionAbort, translationFault, pc);
    },
    enter(_: Cpu, exception: GuestException) {
      if (exception.ec !== svc) throw new Error(`exception class ${exception.ec} at ${cpu.pc.toString(16)}`);
      if (cpu.readX(8) === calls.exit) throw exited;
      written.push(...bytesToWrite(cpu));
      cpu.pc += 4n;
    },
  };
  const code = new CodePages(memory.buffer, poolBase, poolSize, cpuBase);
  const engine = new Engine(cpu, code, host, theProgram(), memory);
  start(cpu, elf64(file), vectorLength);
  try {
    engine.run(mostInstructions);
  } catch (thrown) {
    if (thrown === exited) return Uint8Array.from(written);
    throw thrown;
  }
  throw new Error(`no end after ${engine.executed} instructions, at ${cpu.pc.toString(16)}`);
}

function bytesToWrite(cpu: Cpu): Uint8Array {
  if (cpu.readX(8) !== calls.write) throw new Error(`system call ${cpu.readX(8)}`);
  const size = Number(cpu.readX(2)), at = place(cpu, cpu.readX(1), size, false);
  return cpu.memory.bytes.subarray(at, at + size);
}

function start(cpu: Cpu, { entry, segments }: KernelFile, vectorLength: number) {
  for (const { address, bytes } of segments) {
    cpu.memory.bytes.set(bytes, windowBase + Number(address) - window.start);
  }
  cpu.pc = entry;
  cpu.sp = BigInt(window.end);
  cpu.pstate = 0;
  cpu.setU64(cpuWord.tlb, BigInt(cpu.base + tlbAt(tlbKinds.el0)));
  cpu.setU32(cpuWord.vectorLength, vectorLength / 8);
  fillTlb(cpu);
}

/** With every page of the window, whose first page's entry is the first, and no other: accesses are fast. */
function fillTlb({ base, memory: { view } }: Cpu) {
  for (let n = 0; n < tlbEntries; n++) {
    const entry = base + tlbAt(tlbKinds.el0) + n * tlbEntry.size;
    const page = window.start + n * pageSize;
    const tag = page < window.end ? BigInt(page) : noTag;
    view.setBigInt64(entry + tlbEntry.readTag, tag, true);
    view.setBigInt64(entry + tlbEntry.writeTag, tag, true);
    view.setBigInt64(entry + tlbEntry.addend, BigInt(windowBase - window.start), true);
  }
}
