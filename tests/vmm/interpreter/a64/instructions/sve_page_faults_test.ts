// SVE's loads and stores where a page that is there meets one that is not, through translation tables (Arm DDI
// 0487, "SVE memory accesses", "First Fault Register").

import { assertEquals } from "@std/assert";
import type { Cpu } from "../../../../../vmm/interpreter/a64/cpu.ts";
import { cpuWord, predicateAt, vectorBytes } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { sveMemory } from "../../../../../vmm/interpreter/a64/instructions/sve_memory.ts";
import { bareCpu, faultOf, ram } from "../bare_cpu.ts";
import { AF, map, normal, readOnly, turnOn } from "../translation_tables.ts";

const bytes = 32, lanes = bytes / 4;
const FFR = 16;
const page = 0x1000n, address = 0x12_3456_7000n;
const dataAbort = 0x25, translationFault = 0x07, permissionFault = 0x0f, isWrite = 1 << 6;

const find = (name: string) => sveMemory.find((each) => each.name === name)!;
const run = (cpu: Cpu, name: string, fields: Record<string, number>) =>
  find(name).run!(cpu, { Pg: 0, Rn: 1, Rm: 31, Zt: 2, imm4: 0, ...fields });

/** A page whose words count up from 1, none after it. Z2 is all ones, P0 and FFR are true, X1 is `start`. */
function cpuAt(start: bigint, attributes = AF | normal): Cpu {
  const { cpu, ramAt } = bareCpu();
  map(cpu, { address, physical: BigInt(ram.base) + page, attributes });
  turnOn(cpu);
  for (let word = 0; word < 1024; word++) {
    cpu.memory.view.setUint32(ramAt + 0x1000 + 4 * word, word + 1, true);
  }
  cpu.setU32(cpuWord.vectorLength, bytes);
  cpu.x[1] = start;
  cpu.v.fill(0xff, 2 * vectorBytes, 2 * vectorBytes + bytes);
  for (const at of [predicateAt(0), predicateAt(FFR)]) cpu.view.setUint32(at, 0xffff_ffff, true);
  return cpu;
}

const lanesOf = (cpu: Cpu, n: number) =>
  Array.from({ length: lanes }, (_, lane) => cpu.vectors.getUint32(n * vectorBytes + 4 * lane, true));
const ffr = (cpu: Cpu) => cpu.view.getUint32(predicateAt(FFR), true);
const ones = Array<number>(lanes).fill(0xffff_ffff);

for (const name of ["LDFF1W (scalar plus scalar, S)", "LDNF1W (scalar plus immediate, S)"]) {
  Deno.test(`${name} loads up to the page's end, and FFR tells where it stopped`, () => {
    const cpu = cpuAt(address + page - 12n);
    run(cpu, name, {});
    assertEquals([lanesOf(cpu, 2), ffr(cpu)], [[1022, 1023, 1024, 0, 0, 0, 0, 0], 0xfff]);
    // A later load clears more of FFR, never sets it.
    cpu.x[1] = address + page - 24n;
    run(cpu, name, {});
    assertEquals([lanesOf(cpu, 2).slice(0, 6), ffr(cpu)], [[1019, 1020, 1021, 1022, 1023, 1024], 0xfff]);
  });
}

Deno.test("a fault of the first active lane is LDFF1's, and leaves its register and FFR", () => {
  const cpu = cpuAt(address + page - 4n);
  cpu.view.setUint32(predicateAt(0), 0xffff_fff0, true);
  const fault = faultOf(() => run(cpu, "LDFF1W (scalar plus scalar, S)", {}));
  assertEquals([fault.ec, fault.iss, fault.faultAddress], [dataAbort, translationFault, address + page]);
  assertEquals([lanesOf(cpu, 2), ffr(cpu)], [ones, 0xffff_ffff]);
});

Deno.test("LDNF1 takes no fault at all, not even its first active lane's", () => {
  const cpu = cpuAt(address + page);
  run(cpu, "LDNF1W (scalar plus immediate, S)", {});
  assertEquals([lanesOf(cpu, 2), ffr(cpu)], [Array(lanes).fill(0), 0]);
});

Deno.test("an element across the pages' border is not loaded, and its lane is where FFR stops", () => {
  const cpu = cpuAt(address + page - 6n);
  run(cpu, "LDFF1W (scalar plus scalar, S)", {});
  assertEquals([lanesOf(cpu, 2).slice(1), ffr(cpu)], [Array(lanes - 1).fill(0), 0xf]);
});

Deno.test("lanes that are not active touch no memory", () => {
  const cpu = cpuAt(address + page - 8n);
  cpu.view.setUint32(predicateAt(0), 0xff, true);
  run(cpu, "LD1W (scalar plus immediate, S)", {});
  assertEquals(lanesOf(cpu, 2), [1023, 1024, 0, 0, 0, 0, 0, 0]);
  cpu.view.setUint32(predicateAt(0), 0, true);
  cpu.x[1] = address + page;
  run(cpu, "ST1W (scalar plus immediate, S)", {});
});

Deno.test("the lowest lane's fault is the load's or the store's, by address and kind", () => {
  const load = cpuAt(address + page - 8n);
  const missing = faultOf(() => run(load, "LD1W (scalar plus immediate, S)", {}));
  assertEquals([missing.ec, missing.iss, missing.faultAddress], [
    dataAbort,
    translationFault,
    address + page,
  ]);
  assertEquals(lanesOf(load, 2), ones);
  const store = cpuAt(address + page - 8n, AF | normal | readOnly);
  const refused = faultOf(() => run(store, "ST1W (scalar plus immediate, S)", {}));
  assertEquals(
    [refused.ec, refused.iss, refused.faultAddress],
    [dataAbort, permissionFault | isWrite, address + page - 8n],
  );
});
