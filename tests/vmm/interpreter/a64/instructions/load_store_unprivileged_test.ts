// Whose translations LDTR and STTR use. At EL0, where the oracle is, they are LDR and STR.

import { assertEquals, assertThrows } from "@std/assert";
import { CodePages } from "../../../../../vmm/interpreter/a64/code_pages.ts";
import { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import {
  cpuWord,
  noTag,
  pageSize,
  tlbAt,
  tlbEntries,
  tlbEntry,
  tlbKinds,
} from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { Decoder } from "../../../../../vmm/interpreter/a64/decoder.ts";
import { Engine, engineProgram } from "../../../../../vmm/interpreter/a64/engine.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { PhysicalMemory } from "../../../../../vmm/interpreter/a64/physical_memory.ts";
import { EL1h, PSTATE } from "../../../../../vmm/interpreter/a64/pstate.ts";
import type { CpuSurroundings } from "../../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";

const cpuBase = 0x1_0000;
const pool = 0x10_0000, poolSize = 0x10_0000;
/** A page for each TLB's translation of the same address, and the page of code. */
const places = 0x20_0000, code = 0x21_0000;
const pages = 0x22;
const address = 0x1234_5000n;

const LDTR = 0xf8400820, STTR = 0xf8000820; // X0, [X1]

/** At the undefined instruction after the one that is run. */
class Ended extends Error {}

/** What a run asks the MMU for. */
const byMmu = 0x3333n;

function engineAt(pstate: number, kind: number) {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  const physical = new PhysicalMemory(memory.buffer, []);
  const virtual = { read: () => byMmu, write: () => {} };
  const cpu = new Cpu(physical, cpuBase, findHost("max"), virtual, {} as CpuSurroundings);
  const engine = new Engine(
    cpu,
    new CodePages(memory.buffer, pool, poolSize, cpuBase),
    {
      codePage: () => ({ at: code, isGuarded: false }),
      enter: (_, { ec }) => {
        throw new Ended(`exception class ${ec}`);
      },
    },
    engineProgram(new Decoder(loadStoreInstructions, () => true), pages),
    memory,
  );
  cpu.pstate = pstate;
  cpu.setU64(cpuWord.tlb, BigInt(cpuBase + tlbAt(kind)));
  for (let each = 0; each < tlbKinds.count; each++) remember(cpu, each);
  return { cpu, engine };
}

/** In each TLB the address leads to a place of its own, which holds the TLB's number. */
function remember(cpu: Cpu, kind: number) {
  const { view } = cpu.memory;
  for (let n = 0; n < tlbEntries; n++) {
    const entry = cpuBase + tlbAt(kind) + n * tlbEntry.size;
    const isThere = n === Number(address >> 12n) % tlbEntries;
    view.setBigInt64(entry + tlbEntry.readTag, isThere ? address : noTag, true);
    view.setBigInt64(entry + tlbEntry.writeTag, isThere ? address : noTag, true);
    view.setBigInt64(entry + tlbEntry.addend, BigInt(placeOf(kind)) - address, true);
  }
  view.setBigUint64(placeOf(kind), BigInt(kind), true);
}

const placeOf = (kind: number) => places + kind * pageSize;

function run({ cpu, engine }: ReturnType<typeof engineAt>, word: number) {
  cpu.memory.view.setUint32(code, word, true);
  cpu.x[1] = address;
  cpu.pc = 0n;
  engine.code.forgetAll();
  assertThrows(() => engine.run(1), Ended, "exception class 0");
}

const levels = [
  ["EL0", 0, tlbKinds.el0],
  ["EL1", EL1h, tlbKinds.el1],
  ["EL1 with PAN", EL1h | PSTATE.PAN, tlbKinds.el1Pan],
] as const;

Deno.test("LDTR and STTR use EL0's translations at each exception level", () => {
  for (const [name, pstate, kind] of levels) {
    const vcpu = engineAt(pstate, kind);
    run(vcpu, LDTR);
    assertEquals([name, vcpu.cpu.x[0]], [name, BigInt(tlbKinds.el0)]);
    vcpu.cpu.x[0] = 77n;
    run(vcpu, STTR);
    const held = levels.map(([, , each]) => vcpu.cpu.memory.view.getBigUint64(placeOf(each), true));
    assertEquals(held, [77n, BigInt(tlbKinds.el1), BigInt(tlbKinds.el1Pan)]);
  }
});

Deno.test("with PSTATE.UAO they are LDR and STR", () => {
  const vcpu = engineAt(EL1h | PSTATE.UAO, tlbKinds.el1);
  run(vcpu, LDTR);
  assertEquals(vcpu.cpu.x[0], byMmu);
});
