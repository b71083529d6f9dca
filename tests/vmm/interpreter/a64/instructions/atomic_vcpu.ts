// A vcpu in a Worker of its own that counts with atomic instructions in memory it shares with others.

import { CodePages } from "../../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import {
  cpuWord,
  pageSize,
  tlbAt,
  tlbEntries,
  tlbEntry,
  tlbKinds,
} from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { Decoder } from "../../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, engineProgram } from "../../../../../vmm/interpreter/a64/engine.ts";
import { integerInstructions } from "../../../../../vmm/interpreter/a64/instructions/integer.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import type { CpuSurroundings } from "../../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";
import { counters, layout, readyAt } from "./atomic_program.ts";

const bytesOfState = 0x20_0000;

export interface Work {
  readonly memory: WebAssembly.Memory;
  readonly pages: number;
  readonly index: number;
  readonly vcpus: number;
  readonly rounds: number;
}

/** At the undefined instruction at the program's end. */
class Ended {}

function end(): never {
  throw new Ended();
}

function missing(): never {
  throw new Error("the TLB has all there is");
}

const counting = (pages: number) =>
  engineProgram(new Decoder([...integerInstructions, ...loadStoreInstructions], () => true), pages);

function count({ memory, pages, index, vcpus, rounds }: Work) {
  const base = layout.vcpus + index * layout.bytesOfVcpu;
  const physical = new PhysicalMemory(memory.buffer, []);
  const cpu = new Cpu(
    physical,
    base,
    findHost("max"),
    { read: missing, write: missing },
    {} as CpuSurroundings,
  );
  const code = new CodePages(memory.buffer, base + bytesOfState, layout.bytesOfVcpu - bytesOfState, base);
  const engine = new Engine(
    cpu,
    code,
    { codePage: () => ({ at: layout.code, isGuarded: false }), enter: end },
    counting(pages),
    memory,
  );
  translateCounters(cpu);
  cpu.x[1] = BigInt(rounds);
  cpu.x[2] = 1n;
  [0, 4, 8].forEach((register, n) => cpu.x[register] = BigInt(counters[n]!));
  cpu.pc = 0n;
  startTogether(new Int32Array(memory.buffer), vcpus);
  try {
    while (true) engine.run(1_000_000);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
}

/** Waits until all have come so far. */
function startTogether(words: Int32Array, vcpus: number) {
  const ready = readyAt / 4;
  let seen = Atomics.add(words, ready, 1) + 1;
  Atomics.notify(words, ready);
  for (; seen < vcpus; seen = Atomics.load(words, ready)) Atomics.wait(words, ready, seen);
}

function translateCounters(cpu: Cpu) {
  cpu.setU64(cpuWord.tlb, BigInt(cpu.base + tlbAt(tlbKinds.el0)));
  const entry = tlbAt(tlbKinds.el0) + (layout.counters / pageSize) % tlbEntries * tlbEntry.size;
  cpu.setU64(entry + tlbEntry.readTag, BigInt(layout.counters));
  cpu.setU64(entry + tlbEntry.writeTag, BigInt(layout.counters));
}

const worker = self as unknown as {
  onmessage: (event: MessageEvent<Work>) => void;
  postMessage(done: null): void;
};
worker.onmessage = ({ data }) => {
  count(data);
  worker.postMessage(null);
};
