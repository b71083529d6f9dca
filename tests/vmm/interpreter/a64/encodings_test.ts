// The definitions as a whole: that encodings are told apart, and that binutils, which nobody here wrote, knows
// the same words by the same text.

import { assertEquals } from "@std/assert";
import { seededRandom } from "../../../devices/random.ts";
import type { Definition } from "../../../../vmm/interpreter/a64/definition.ts";
import { instructions as definitions } from "../../../../vmm/interpreter/a64/instructions/all.ts";
import { generalInstructions, isGeneral } from "../../../../vmm/interpreter/a64/instructions/general.ts";
import { vectorInstructions } from "../../../../vmm/interpreter/a64/instructions/vector.ts";
import { encode, fieldsOf, matches } from "../../../../vmm/interpreter/a64/pattern.ts";
import { disassemble, isUndefined, mnemonic } from "./oracle/binutils.ts";
import { drawWord, drawWords, type Encoding, encoding } from "./oracle/encodings.ts";
import { zeroCase } from "./oracle/case.ts";
import { Oracle } from "./oracle/oracle.ts";
import { oracleTest } from "./oracle/oracle_tools.ts";

/** What the definitions are to cover whole; each is one row of the manual's tables of encodings. */
const groups: Readonly<Record<string, Encoding>> = {
  "Data Processing -- Immediate": encoding("xxx100xx xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Data Processing -- Register": encoding("xxxx101x xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Conditional branch (immediate)": encoding("01010100 xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Unconditional branch (register)": encoding("1101011x xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Unconditional branch (immediate)": encoding("x00101xx xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Loads and Stores": encoding("xxxx1x0x xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Exception generation": encoding("11010100 xxxxxxxx xxxxxxxx xxxxxxxx"),
  "Hints and barriers": encoding("11010101 00000011 001xxxxx xxx11111"),
  "Compare and branch, test and branch": encoding("x01101xx xxxxxxxx xxxxxxxx xxxxxxxx"),
};

/** Of extensions that no guest is told of: FEAT_MTE, FEAT_CSSC, FEAT_HBC, FEAT_MOPS, FEAT_LS64, FEAT_TME. */
const notOffered = new RegExp(
  "^(" + [
    "addg|subg|subps?|irg|gmi|cmpp|stz?2?g|stz?gm|ldgm?|stgp",
    "[su](max|min)|ctz|cnt|abs|bc\\..*",
    "(cpy|set)f?[pmeg].*|(ld|st)64b.*|tcancel|tcommit",
  ].join("|") + ")$",
);

/** What binutils takes for a move to a system register that has no name, below those that there are. */
const unallocated = /^msr s0_/;

const wordsPerGroup = 20_000;
/** Of each, whatever the group's other words are. */
const wordsPerDefinition = 200;

const hex = (word: number) => word.toString(16).padStart(8, "0");

const isValid = ({ pattern, valid }: Definition, word: number) =>
  matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true);

Deno.test("a word's bits tell whether its definition is one of the general instructions", () => {
  const random = seededRandom(2);
  const words = ({ pattern: { mask, value } }: Definition) =>
    Array.from({ length: 64 }, () => (random.below(2 ** 32) & ~mask | value) >>> 0);
  const named = (those: readonly Definition[], isGeneralAt: boolean) =>
    those.filter((one) => words(one).some((word) => isGeneral(word) !== isGeneralAt)).map(({ name }) => name);
  assertEquals([named(generalInstructions, true), named(vectorInstructions, false)], [[], []]);
});

Deno.test("no word belongs to two definitions", () => {
  const random = seededRandom(1);
  const overlaps: string[] = [];
  definitions.forEach((one, index) => {
    for (const other of definitions.slice(index + 1)) {
      const a = one.pattern, b = other.pattern;
      if ((a.value ^ b.value) & a.mask & b.mask) continue;
      const both = { mask: (a.mask | b.mask) >>> 0, value: (a.value | b.value) >>> 0 };
      const word = drawWords(random, both, 1000).find((each) => isValid(one, each) && isValid(other, each));
      if (word !== undefined) overlaps.push(`${hex(word)} is ${one.name} and ${other.name}`);
    }
  });
  assertEquals(overlaps, []);
});

Deno.test("a word's fields make the word again", () => {
  const random = seededRandom(2);
  for (const { pattern } of definitions) {
    const word = drawWord(random, pattern);
    assertEquals(encode(pattern, fieldsOf(pattern, word)), word);
  }
});

/**
 * The text as a definition gives it: without binutils' remarks, and with the distance in place of an address.
 * @param at the instruction's address, below 2^32
 */
function withoutAddress(text: string, at: number): string {
  const [printed = ""] = text.split(/\s+\/\/ /);
  // Of FEAT_CLRBHB, which no guest is told of: then it is a hint like any other.
  const instruction = printed.replace("clearbhb", "hint #0x16");
  if (!/^(adrp?|bl?|b\..*|cbn?z|tbn?z|ldr|ldrsw|prfm) /.test(instruction)) return instruction.trim();
  const base = instruction.startsWith("adrp") ? at & -0x1000 : at;
  return instruction.replace(/(?<!#)0x[0-9a-f]+$/, (address) => {
    const offset = BigInt.asIntN(64, BigInt(address) - BigInt(base));
    return offset < 0n ? `.-0x${(-offset).toString(16)}` : `.+0x${offset.toString(16)}`;
  });
}

/** Words that the definitions know otherwise than binutils does, in words; and those that only they know. */
async function compare(words: Uint32Array<ArrayBuffer>): Promise<{ differences: string[]; alone: number[] }> {
  const texts = await disassemble(words);
  const differences: string[] = [], alone: number[] = [];
  texts.forEach((text, index) => {
    const word = words[index]!;
    const definition = definitions.find((each) => isValid(each, word));
    if (isUndefined(text)) {
      if (definition) alone.push(word);
      return;
    }
    const isNone = notOffered.test(mnemonic(text)) || unallocated.test(text);
    const expected = isNone ? undefined : withoutAddress(text, 4 * index);
    const actual = definition?.assembly(fieldsOf(definition.pattern, word));
    if (actual !== expected) differences.push(`${hex(word)} is ${actual}, binutils: ${text}`);
  });
  return { differences, alone };
}

/** Those of the words that QEMU does not know either, though it takes "should be one" bits as they come. */
async function unknownToQemu(words: readonly number[]): Promise<string[]> {
  await using oracle = await Oracle.start();
  const outcomes = await oracle.run(words.map((word) => zeroCase([word])));
  return words.filter((_, index) => outcomes[index]?.signal === "SIGILL").map(hex);
}

for (const [name, group] of Object.entries(groups)) {
  oracleTest(`binutils knows the same instructions: ${name}`, async () => {
    const random = seededRandom(3);
    const inGroup = definitions.filter(({ pattern }) =>
      ((pattern.value ^ group.value) & pattern.mask & group.mask) === 0
    );
    const words = Uint32Array.from([
      ...drawWords(random, group, wordsPerGroup),
      ...inGroup.flatMap(({ pattern }) => [...drawWords(random, pattern, wordsPerDefinition)]),
    ]);
    const { differences, alone } = await compare(words);
    assertEquals(differences.slice(0, 20), []);
    assertEquals((await unknownToQemu(alone)).slice(0, 20), []);
  });
}
