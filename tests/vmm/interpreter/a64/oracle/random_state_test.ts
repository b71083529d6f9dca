import { assert, assertEquals } from "@std/assert";
import { CODE_START, MEMORY, zeroCase } from "./case.ts";
import { Oracle } from "./oracle.ts";
import { oracleTest } from "./oracle_tools.ts";
import { randomStates } from "./random_state.ts";

const NOP = 0xd503201f;

Deno.test("the same seed gives the same cases, another seed others", () => {
  const draw = (seed: number) => {
    const states = randomStates(seed, 256);
    return Array.from({ length: 70 }, () => states.nextCase([NOP]));
  };
  assertEquals(draw(7), draw(7));
  assert(draw(7)[0]?.x.join() !== draw(8)[0]?.x.join());
});

Deno.test("pointers are in the scratch memory, aligned and near what they are to be near", () => {
  const states = randomStates(3);
  const offsets = Array.from({ length: 500 }, () => {
    const { x, sp } = states.nextCase([NOP], {
      pointers: [{ register: 2, align: 16 }, { register: 30, near: "end" }, { register: 31, near: "start" }],
    });
    return [x[2] ?? 0n, x[30] ?? 0n, sp].map((address) => Number(address - MEMORY.base));
  });
  for (const [inside = 0, end = 0, start = 0] of offsets) {
    assert(inside >= 0 && inside < MEMORY.size && inside % 16 === 0);
    assert(Math.abs(end - MEMORY.size) <= 64 && Math.abs(start) <= 64);
  }
});

oracleTest("a processor holds every random state as it is", async () => {
  for (const vectorLength of [0, 128, 384, 2048]) {
    await using oracle = await Oracle.start({ vectorLength });
    const states = randomStates(5, vectorLength);
    const cases = Array.from({ length: 200 }, () => states.nextCase([NOP]));
    for (const [index, outcome] of (await oracle.run(cases)).entries()) {
      const { words: _, ...same } = cases[index] ?? zeroCase([NOP]);
      assertEquals(outcome, { ...same, pc: CODE_START + 4n });
    }
  }
});
