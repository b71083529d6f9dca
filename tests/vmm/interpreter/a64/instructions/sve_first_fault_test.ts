// What QEMU 7.2 cannot be asked: its first-fault loads are wrong where the first lanes are not active, and
// its user mode has no devices.

import { assertEquals } from "@std/assert";
import { cpuWord, predicateAt } from "../../../../../vmm/interpreter/a64/cpu_layout.ts";
import { sveInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { MEMORY } from "../oracle/case.ts";
import { randomStates } from "../oracle/random_state.ts";
import { bareCpu, ram } from "../bare_cpu.ts";
import { singleInstruction } from "../single_instruction.ts";

const find = (name: string) => {
  const definition = sveInstructions.find((each) => each.name === name);
  if (!definition) throw new Error(`there is no ${name}`);
  return definition;
};

const FFR = 16;
const vectorLength = 256;

Deno.test("a first-fault load of lanes that are all there is the plain load", () => {
  const first = find("LDFF1B (scalar plus scalar, H)"), plain = find("LD1B (scalar plus scalar, H)");
  const interpreter = singleInstruction([first, plain], { vectorLength });
  const states = randomStates(5, vectorLength);
  const fields = { Rm: 2, Pg: 3, Rn: 1, Zt: 4 };
  for (let n = 0; n < 50; n++) {
    const each = states.nextCase([encode(first.pattern, fields)]);
    const x = each.x.slice();
    x.set([MEMORY.base, 100n], 1);
    const given = { ...each, x };
    const { v, ffr } = interpreter.run(given);
    const expected = interpreter.run({ ...given, words: [encode(plain.pattern, fields)] });
    assertEquals([v, ffr], [expected.v, expected.ffr]);
  }
});

Deno.test("loads that suppress faults leave devices alone, but for LDFF1's first active lane", () => {
  const { cpu, asked } = bareCpu();
  cpu.setU32(cpuWord.vectorLength, 16);
  for (const at of [predicateAt(0), predicateAt(FFR)]) cpu.view.setUint16(at, 0xfffe, true);
  // Beyond the memory, with translation off: all is Device memory.
  cpu.x[1] = BigInt(ram.base + ram.size);
  find("LDNF1B (scalar plus immediate, B)").run!(cpu, { Pg: 0, Rn: 1, Zt: 2, imm4: 0 });
  assertEquals([asked.length, cpu.view.getUint16(predicateAt(FFR), true)], [0, 0]);
  cpu.view.setUint16(predicateAt(FFR), 0xffff, true);
  find("LDFF1B (scalar plus scalar, B)").run!(cpu, { Pg: 0, Rn: 1, Zt: 2, Rm: 31 });
  assertEquals(asked, [`read ${(ram.base + ram.size + 1).toString(16)} 1`]);
  assertEquals(cpu.view.getUint16(predicateAt(FFR), true), 3);
});
