// Where one op stands for a comparison and the branch after it: what is counted, stepped and stopped at is both.

import { assertEquals } from "@std/assert";
import { breakpointOffset, type Engine } from "../../../../vmm/interpreter/a64/engine.ts";
import { engineAt, offsetOf, thrownBy } from "./engine_at_code.ts";

/** MOV X0, #5; SUB X0, X0, #1; CMP X0, #0; B.NE to the SUB; UDF. */
const program = [0xd280_00a0, 0xd100_0400, 0xf100_001f, 0x54ff_ffc1, 0];
const instructions = 1 + 3 * 5;
const ended = Symbol("the undefined instruction");

const engine = (): Engine => engineAt(program, true, () => ended);

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
