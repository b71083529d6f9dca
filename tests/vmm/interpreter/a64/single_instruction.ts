// The interpreter's engine as a process of Linux would see it, for comparison with the oracle: the same windows of
// memory, everything else unmapped, at EL0.

import { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import { CodePages } from "../../../../vmm/interpreter/a64/code_pages.ts";
import {
  cpuBytes,
  cpuWord,
  noTag,
  pageSize,
  predicateAt,
  tlbAt,
  tlbEntries,
  tlbEntry,
  tlbKinds,
  vectorBytes,
} from "../../../../vmm/interpreter/a64/cpu_layout.ts";
import type { Definition } from "../../../../vmm/interpreter/a64/definition.ts";
import { Decoder } from "../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, engineProgram } from "../../../../vmm/interpreter/a64/engine.ts";
import { GuestException } from "../../../../vmm/interpreter/a64/guest_exception.ts";
import { PhysicalMemory } from "../../../../vmm/interpreter/a64/physical_memory.ts";
import type { CpuSurroundings } from "../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import { placedMemory } from "./placed_memory.ts";
import type { Interpreter } from "./oracle/compare.ts";
import { type Case, CODE, FILL, MEMORY, type Outcome, type Signal } from "./oracle/case.ts";

const wasmPage = 0x1_0000;
const cpuBase = wasmPage;
const poolBase = cpuBase + Math.ceil(cpuBytes / wasmPage) * wasmPage;
const poolSize = 64 * wasmPage;
const memoryBase = poolBase + poolSize;
const codeBase = memoryBase + wasmPage;
const pages = codeBase / wasmPage + CODE.size / wasmPage;

const translationFault = 0x07;
/** Runs that do not end are as long as this; the oracle calls them "loops". */
const mostInstructions = 100_000;

/** Thrown out of the engine where a case ends. */
class Ended {
  constructor(readonly exception: GuestException, readonly pc: bigint) {}
}

const allocate = () =>
  new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );

function window(address: bigint, bytes: number): number {
  const inMemory = address - MEMORY.base;
  if (inMemory >= 0n && inMemory + BigInt(bytes) <= BigInt(MEMORY.size)) return memoryBase + Number(inMemory);
  const inCode = address - CODE.base;
  if (inCode >= 0n && inCode + BigInt(bytes) <= BigInt(CODE.size)) return codeBase + Number(inCode);
  return -1;
}

function placeOf(cpu: Cpu, address: bigint, bytes: number, isWrite: boolean): number {
  // Linux gives programs addresses whose top byte is ignored.
  const plain = address & (1n << 56n) - 1n;
  for (let n = 0; n < bytes; n++) {
    if (window(plain + BigInt(n), 1) < 0) throw cpu.dataAbort(translationFault, isWrite, address + BigInt(n));
  }
  remember(cpu, address, plain);
  return window(plain, bytes);
}

/** Fills the TLB, so that the next access of the same case takes the fast path. */
function remember(cpu: Cpu, address: bigint, plain: bigint) {
  const index = Number(plain >> 12n) & tlbEntries - 1;
  const entry = cpu.base + tlbAt(tlbKinds.el0) + index * tlbEntry.size;
  const tag = address & -BigInt(pageSize);
  const host = BigInt(window(plain & -BigInt(pageSize), 1));
  const { view } = cpu.memory;
  view.setBigUint64(entry + tlbEntry.readTag, tag, true);
  view.setBigUint64(entry + tlbEntry.writeTag, tag, true);
  view.setBigInt64(entry + tlbEntry.addend, BigInt.asIntN(64, host - tag), true);
}

function forgetTlb(cpu: Cpu) {
  for (let n = 0; n < tlbEntries; n++) {
    const entry = cpu.base + tlbAt(tlbKinds.el0) + n * tlbEntry.size;
    cpu.memory.view.setBigInt64(entry + tlbEntry.readTag, noTag, true);
    cpu.memory.view.setBigInt64(entry + tlbEntry.writeTag, noTag, true);
  }
}

export function singleInstruction(
  definitions: readonly Definition[],
  { vectorLength = 0, host = "max" } = {},
): Interpreter {
  const memory = allocate();
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(physical, cpuBase, findHost(host), placedMemory(placeOf), {} as CpuSurroundings);
  const code = new CodePages(memory.buffer, poolBase, poolSize, cpuBase);
  const engine = new Engine(
    cpu,
    code,
    {
      codePage({ pc }) {
        const at = window(pc & -BigInt(pageSize), pageSize);
        if (at < codeBase) throw new GuestException(0x20, translationFault, pc);
        return { at, isGuarded: false };
      },
      enter: ({ pc }, exception) => {
        throw new Ended(exception, pc);
      },
    },
    engineProgram(new Decoder(definitions, () => true), pages),
    memory,
  );
  new Uint32Array(memory.buffer, codeBase, CODE.size / 4).fill(FILL);
  return { run: (each) => runCase(engine, each, vectorLength) };
}

function runCase(engine: Engine, each: Case, vectorLength: number): Outcome {
  const { cpu, code } = engine;
  const at = window(each.pc, 4 * each.words.length);
  const words = new Uint32Array(cpu.memory.buffer, at, each.words.length);
  words.set(each.words);
  code.forgetAll();
  forgetTlb(cpu);
  if (isWarm(each)) remember(cpu, MEMORY.base, MEMORY.base);
  load(cpu, each, vectorLength);
  try {
    if (isCompiled(each)) engine.compile();
    engine.run(mostInstructions);
    return { ...outcome(cpu, vectorLength), signal: "loops" };
  } catch (ended) {
    if (!(ended instanceof Ended)) throw ended;
    return { ...outcome(cpu, vectorLength), pc: ended.pc, ...signalOf(cpu, ended) };
  } finally {
    words.fill(FILL);
  }
}

/** Whether the memory's page is in the TLB from the start, as of half of the random cases: the fast paths rely on it. */
const isWarm = ({ x }: Case) => (x[0]! >> 3n & 1n) === 1n;

/** Whether it is run as a compiled region: half of the random cases. */
const isCompiled = ({ x }: Case) => (x[1]! >> 3n & 1n) === 1n;

function load(cpu: Cpu, each: Case, vectorLength: number) {
  cpu.x.set(each.x);
  cpu.sp = each.sp;
  cpu.pc = each.pc;
  Object.assign(cpu, { nzcv: each.nzcv, pstate: 0, fpcr: each.fpcr, fpsr: each.fpsr });
  cpu.setU64(cpuWord.tlb, BigInt(cpu.base + tlbAt(tlbKinds.el0)));
  cpu.setU32(cpuWord.upperInUse, 1);
  cpu.setU32(cpuWord.vectorLength, vectorLength / 8);
  cpu.setU32(cpuWord.exclusiveSize, 0);
  const length = each.v.length / 32;
  cpu.v.fill(0);
  for (let n = 0; n < 32; n++) cpu.v.set(each.v.subarray(n * length, (n + 1) * length), n * vectorBytes);
  const { bytes } = cpu.memory;
  for (let n = 0; n < 17; n++) {
    const predicate = n < 16 ? each.p.subarray(n * length / 8, (n + 1) * length / 8) : each.ffr;
    bytes.set(predicate, cpu.base + predicateAt(n));
  }
  bytes.set(each.memory, memoryBase);
}

function outcome(cpu: Cpu, vectorLength: number): Outcome {
  const { bytes } = cpu.memory;
  const length = vectorLength ? vectorLength / 8 : 16;
  const v = new Uint8Array(32 * length);
  for (let n = 0; n < 32; n++) v.set(cpu.v.subarray(n * vectorBytes, n * vectorBytes + length), n * length);
  const predicate = (n: number) =>
    bytes.slice(cpu.base + predicateAt(n), cpu.base + predicateAt(n) + vectorLength / 64);
  const p = new Uint8Array(vectorLength / 4);
  for (let n = 0; n < 16; n++) p.set(predicate(n), n * vectorLength / 64);
  return {
    x: BigUint64Array.from(cpu.x.subarray(0, 31)),
    sp: cpu.sp,
    pc: cpu.pc,
    nzcv: cpu.nzcv,
    fpcr: cpu.fpcr,
    fpsr: cpu.fpsr,
    v,
    p,
    ffr: Uint8Array.from(predicate(16)),
    memory: Uint8Array.from(bytes.subarray(memoryBase, memoryBase + MEMORY.size)),
  };
}

const alignmentFault = 0x21;
const signals: Readonly<Record<number, Signal>> = {
  0x20: "SIGSEGV",
  0x22: "SIGBUS",
  0x24: "SIGSEGV",
  0x26: "SIGBUS",
  0x3c: "SIGTRAP",
};

/** How Linux would tell of it; an end at a word of the fill is none. */
function signalOf(cpu: Cpu, { exception, pc }: Ended): Pick<Outcome, "signal" | "faultAddress"> {
  const at = window(pc, 4);
  if (at >= codeBase && cpu.memory.view.getUint32(at, true) === FILL) return {};
  const isMisaligned = exception.ec === 0x24 && (exception.iss & 0x3f) === alignmentFault;
  const signal = isMisaligned ? "SIGBUS" : signals[exception.ec] ?? "SIGILL";
  const { faultAddress } = exception;
  return faultAddress === undefined || signal === "SIGILL" ? { signal } : { signal, faultAddress };
}
