// An engine at EL1 with a page of code and some of data, where an exception ends the run.

import { CodePages } from "../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { cpuBytes, cpuWord, tlbAt, tlbEntry, tlbKinds } from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import { Decoder } from "../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, type EngineProgram, engineProgram } from "../../../../vmm/interpreter/a64/engine.ts";
import type { GuestException } from "../../../../vmm/interpreter/a64/guest_exception.ts";
import { generalInstructions } from "../../../../vmm/interpreter/a64/instructions/general.ts";
import { PhysicalMemory } from "../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h } from "../../../../vmm/interpreter/a64/pstate.ts";
import type { CpuSurroundings } from "../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import { placedMemory } from "./placed_memory.ts";

const wasmPage = 0x1_0000;
const cpuAt = wasmPage,
  poolAt = cpuAt + Math.ceil(cpuBytes / wasmPage) * wasmPage,
  codeAt = poolAt + 4 * wasmPage;
const pages = codeAt / wasmPage + 1;

export const codeStart = 0x4000_0000;
/** A page; accesses beyond it take the way of what the TLB does not have. */
export const dataStart = codeStart + 0x1000;
/** What the code and the data are, one after the other. */
const mapped = 0x3000;

/** Thrown where the program takes an exception. */
export class Taken extends Error {
  constructor(readonly exception: GuestException) {
    super(`exception class ${exception.ec}`);
  }
}

let program: EngineProgram | undefined;
const usualProgram = () => program ??= programOf(new Decoder(generalInstructions, () => true));

/** What `engineAt` can run. */
export const programOf = (decoder: Decoder) => engineProgram(decoder, pages);

/** Reads and writes without a TLB. */
const flat = placedMemory((_, address) => codeAt + Number(address - BigInt(codeStart)) % mapped);

/**
 * @param isInTlb whether the data's page is
 * @param thrown out of the engine at an exception
 */
export function engineAt(
  words: ArrayLike<number>,
  isInTlb: boolean,
  thrown: (exception: GuestException) => unknown = (exception) => new Taken(exception),
  runs = usualProgram(),
): Engine {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const code = new CodePages(memory.buffer, poolAt, 4 * wasmPage, cpuAt);
  const surroundings = { forgetCode: () => code.forgetAll(), broadcast: () => {} };
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(physical, cpuAt, findHost("max"), flat, surroundings as unknown as CpuSurroundings);
  cpu.pc = BigInt(codeStart);
  cpu.pstate = EL1h;
  cpu.setU64(cpuWord.tlb, BigInt(cpuAt + tlbAt(tlbKinds.el1)));
  new Uint32Array(memory.buffer, codeAt, words.length).set(words);
  const host = {
    codePage: () => ({ at: codeAt, isGuarded: false }),
    enter: (_: Cpu, exception: GuestException) => {
      throw thrown(exception);
    },
  };
  cpu.memory.bytes.fill(0xff, cpuAt + tlbAt(0), cpuAt + tlbAt(tlbKinds.count));
  if (isInTlb) fillTlb(cpu);
  return new Engine(cpu, code, host, runs, memory);
}

function fillTlb({ memory: { view } }: Cpu) {
  const entry = cpuAt + tlbAt(tlbKinds.el1) + (dataStart >> 12 & 0x3ff) * tlbEntry.size;
  view.setBigUint64(entry + tlbEntry.readTag, BigInt(dataStart), true);
  view.setBigUint64(entry + tlbEntry.writeTag, BigInt(dataStart), true);
  view.setBigInt64(entry + tlbEntry.addend, BigInt(codeAt - codeStart), true);
}

/** All that a program can see. */
export function stateOf({ cpu, executed }: Engine) {
  const { bytes } = cpu.memory;
  return {
    executed,
    pc: cpu.pc,
    sp: cpu.sp,
    nzcv: cpu.nzcv,
    x: Array.from(cpu.x.subarray(0, 31), (value) => value.toString(16)),
    data: bytes.slice(codeAt + dataStart - codeStart, codeAt + mapped).toHex(),
  };
}

/** Where it is in its page of code. */
export const offsetOf = ({ cpu }: Engine) => Number(cpu.pc) - codeStart;

/** What the body throws, if it throws anything. */
export function thrownBy(body: () => void): unknown {
  try {
    body();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
