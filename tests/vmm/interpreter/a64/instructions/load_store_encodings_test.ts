// The words of "Loads and Stores" and their assembly against binutils, which nobody here wrote.

import { assertEquals } from "@std/assert";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { encode, fieldsOf, matches } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { seededRandom } from "../../../../devices/random.ts";
import { disassemble, isUndefined, mnemonic } from "../oracle/binutils.ts";
import { drawWords, encoding } from "../oracle/encodings.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { drawFields } from "./load_store_cases.ts";

const wordsOfGroup = 40_000;
const wordsOfEach = 40;
const group = encoding("xxxx1x0x xxxxxxxx xxxxxxxx xxxxxxxx");

/** Of extensions that no guest is told of: FEAT_MOPS, FEAT_MTE, FEAT_LS64. */
const notOffered = /^(cpy|set[gpme]|st2?z?g[pm]?$|stz2?gm?$|ldgm?$|(ld|st)64b)/;

const definitionsOf = (word: number): Definition[] =>
  loadStoreInstructions.filter(({ pattern, valid }) =>
    matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true)
  );

oracleTest("every load and store that binutils knows is of one definition, and others of none", async () => {
  const words = drawWords(seededRandom(1), group, wordsOfGroup);
  const texts = await disassemble(words);
  const different = texts.flatMap((text, index) => {
    if (isUnpredictable(words[index]!)) return [];
    const expected = isUndefined(text) || notOffered.test(mnemonic(text)) ? 0 : 1;
    const found = definitionsOf(words[index]!).map(({ name }) => name);
    return found.length === expected ? [] : [`${words[index]!.toString(16)} ${text}: ${found.join(" and ")}`];
  });
  assertEquals(different.slice(0, 20), []);
});

/** What binutils takes for undefined and processors need not: LDPSW of the base or twice, LDAR with fields set. */
function isUnpredictable(word: number): boolean {
  const isLdpsw = (word & 0xfe400000) >>> 0 === 0x68400000;
  const isOrdered = (word & 0x3fa00000) >>> 0 === 0x08800000;
  return isLdpsw || isOrdered && (word & 0x1f7c00) !== 0x1f7c00;
}

oracleTest("loads and stores read as binutils prints them", async () => {
  const random = seededRandom(2);
  const drawn = loadStoreInstructions.flatMap((definition) =>
    Array.from({ length: wordsOfEach }, () => {
      const fields = drawFields(random, definition);
      return { text: definition.assembly(fields), word: encode(definition.pattern, fields) };
    })
  ).filter(({ word }) => !isUnpredictable(word));
  const texts = await disassemble(Uint32Array.from(drawn, ({ word }) => word));
  const different = texts.flatMap((text, index) => {
    const expected = withDistance(text, 4 * index), actual = drawn[index]!.text;
    return actual === expected ? [] : [`${actual}, binutils: ${expected}`];
  });
  assertEquals(different.slice(0, 20), []);
});

/** Literals have the distance in place of the address; binutils' remarks are left out. */
function withDistance(text: string, at: number): string {
  const [instruction = ""] = text.split(/\s+\/\/ /);
  return instruction.trim().replace(/, 0x[0-9a-f]+$/, (address) => {
    const offset = BigInt.asIntN(64, BigInt(address.slice(2)) - BigInt(at));
    return offset < 0n ? `, .-0x${(-offset).toString(16)}` : `, .+0x${offset.toString(16)}`;
  });
}
