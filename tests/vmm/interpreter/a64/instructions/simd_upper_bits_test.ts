// What AdvSIMD and FP instructions leave of the Z registers beyond the 128 bits they write: zeroes, whatever was
// there (Arm DDI 0487, "SVE register state"). QEMU 7.2 is no oracle here: it leaves them as they were after ADDP of
// doublewords, SADDL and a hundred others. Real KVM has its say in tests/conformance.

import { assertEquals } from "@std/assert";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { cryptoInstructions } from "../../../../../vmm/interpreter/a64/instructions/crypto.ts";
import { floatInstructions } from "../../../../../vmm/interpreter/a64/instructions/float.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { simdInstructions } from "../../../../../vmm/interpreter/a64/instructions/simd.ts";
import type { Case } from "../oracle/case.ts";
import { type RandomStates, randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";
import { wordsOf } from "./definition_cases.ts";
import { immediateOffset, loadStoreCase } from "./load_store_cases.ts";

const vectorLength = 512;
const registerBytes = vectorLength / 8, ownBytes = 16;
const seed = 90;
const casesOfEach = 4;

const registersOf = (v: Uint8Array) =>
  Array.from({ length: 32 }, (_, n) => v.subarray(n * registerBytes, (n + 1) * registerBytes));
const isSame = (a: Uint8Array, b: Uint8Array) => a.every((byte, at) => byte === b[at]);

/** Registers that have changed, and those of them that have something left beyond their 128 bits. */
function changes(before: Uint8Array, after: Uint8Array): { changed: number[]; dirty: number[] } {
  const old = registersOf(before), now = registersOf(after);
  const changed = [...now.keys()].filter((n) => !isSame(now[n]!, old[n]!));
  return { changed, dirty: changed.filter((n) => now[n]!.subarray(ownBytes).some((byte) => byte !== 0)) };
}

/** The words after which a register was not as it should be; and how many words changed any. */
function check(definitions: readonly Definition[], casesOf: (states: RandomStates) => readonly Case[]) {
  const interpreter = singleInstruction(definitions, { vectorLength });
  const dirty: string[] = [];
  let changing = 0;
  for (const each of casesOf(randomStates(seed, vectorLength))) {
    const found = changes(each.v, interpreter.run(each).v);
    if (found.changed.length) changing++;
    if (found.dirty.length) dirty.push(`${each.words[0]!.toString(16)} leaves V${found.dirty}`);
  }
  return { dirty, changing };
}

Deno.test("AdvSIMD and FP write zeroes beyond the 128 bits of their register", () => {
  const definitions = [...simdInstructions, ...floatInstructions, ...cryptoInstructions];
  const words = wordsOf(definitions, 1, seed);
  const { dirty, changing } = check(
    definitions,
    (states) => words.map(({ word }) => states.nextCase([word])),
  );
  assertEquals(dirty, []);
  // The others write general registers or flags.
  assertEquals(
    changing > words.length * 0.85,
    true,
    `${changing} of ${words.length} words changed a register`,
  );
});

Deno.test("loads into SIMD&FP registers write zeroes beyond the 128 bits of their register", () => {
  const definitions = loadStoreInstructions.filter(({ uses }) => uses === "fp");
  const { dirty, changing } = check(
    definitions,
    (states) =>
      definitions.flatMap((definition) =>
        Array.from(
          { length: casesOfEach },
          () => loadStoreCase(states, definition, immediateOffset(definition)),
        )
      ),
  );
  assertEquals(dirty, []);
  assertEquals(changing > definitions.length, true, `${changing} cases changed a register`);
});
