// The words of the system instructions and their assembly against binutils, which nobody here wrote.

import { assertEquals } from "@std/assert";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { pointerAuthenticationHints } from "../../../../../vmm/interpreter/a64/instructions/pointer_authentication_hints.ts";
import { systemInstructions } from "../../../../../vmm/interpreter/a64/instructions/system.ts";
import { flagManipulation } from "../../../../../vmm/interpreter/a64/instructions/flag_manipulation.ts";
import { fieldsOf, matches } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { seededRandom } from "../../../../devices/random.ts";
import { disassemble } from "../oracle/binutils.ts";
import { drawWords, encoding } from "../oracle/encodings.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";

const definitions = [...systemInstructions, ...pointerAuthenticationHints, ...flagManipulation];
const wordsOfEach = 300;

const definitionsOf = (word: number): Definition[] =>
  definitions.filter(({ pattern, valid }) =>
    matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true)
  );

const assemblyOf = (word: number): string[] =>
  definitionsOf(word).map(({ pattern, assembly }) => assembly(fieldsOf(pattern, word)));

/** Without binutils' remarks. */
const plain = (text: string) => text.replace(/\s+\/\/.*/, "").trim();

/** What no guest is told of, we have no names for. */
const isUnnamed = (text: string) => /\bs[0-3]_\d_c\d+_c\d+_\d\b|^sys /.test(text);

oracleTest("system instructions read as binutils prints them", async () => {
  const random = seededRandom(2);
  const words = Uint32Array.from(
    systemInstructions.flatMap(({ pattern }) => [...drawWords(random, pattern, wordsOfEach)]),
  );
  const texts = await disassemble(words);
  const different = texts.flatMap((text, index) => {
    const ours = assemblyOf(words[index]!).join(" and ");
    if (ours === plain(text) || isUnnamed(ours)) return [];
    return [`${words[index]!.toString(16)} is ${ours}, binutils: ${text}`];
  });
  assertEquals(different.slice(0, 20), []);
});

Deno.test("every word of the hints, barriers and system register moves is of one definition", () => {
  const random = seededRandom(3);
  const groups = ["11010101 000x1xxx", "11010101 001x1xxx", "11010101 0001xxxx"].map((upper) =>
    encoding(`${upper} xxxxxxxx xxxxxxxx`)
  );
  for (const group of [...groups, encoding("11010101 00000011 0010xxxx xxx11111")]) {
    const wrong = [...drawWords(random, group, 3000)].filter((word) => definitionsOf(word).length !== 1);
    assertEquals(wrong.slice(0, 5).map((word) => word.toString(16)), []);
  }
});
