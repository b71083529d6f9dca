import { assertEquals } from "@std/assert";
import { seededRandom } from "../../../../devices/random.ts";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { floatInstructions } from "../../../../../vmm/interpreter/a64/instructions/float.ts";
import { fieldsOf, matches } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { disassemble, isUndefined, mnemonic } from "../oracle/binutils.ts";
import { drawWords, type Encoding, encoding } from "../oracle/encodings.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";

const wordsPerGroup = 60_000;
const wordsPerDefinition = 100;

const groups: readonly Encoding[] = [
  encoding("x00111xx xxxxxxxx xxxxxxxx xxxxxxxx"),
  encoding("0xxx111x xxxxxxxx xxxxxxxx xxxxxxxx"),
  encoding("01xx111x xxxxxxxx xxxxxxxx xxxxxxxx"),
];

/** FMOV of a constant to a vector is one of the modified immediates, which are no part of these. */
const isElsewhere = (text: string) => /^fmov v\d+\.(2s|4s|4h|8h|2d), #/.test(text);
/** Bit 22 of FMLAL and its like is zero, which binutils does not check. */
const isUnallocated = (word: number, text: string) => /^fml[as]l2? .*h$/.test(text) && (word & 1 << 22) !== 0;
const isFloat = (text: string) => /^(f|bf|[su]cvtf)/.test(mnemonic(text)) && !isElsewhere(text);

const isValid = ({ pattern, valid }: Definition, word: number) =>
  matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true);

/** In words, where binutils knows another instruction, or two definitions have the word. */
function disagreement(word: number, text: string): string[] {
  const [expected = ""] = text.split(/\s+\/\/ /);
  const found = floatInstructions.filter((each) => isValid(each, word));
  const names = found.map(({ assembly, pattern }) => assembly(fieldsOf(pattern, word)));
  const wanted = isUndefined(text) || !isFloat(text) || isUnallocated(word, expected.trim())
    ? []
    : [expected.trim()];
  return names.join() === wanted.join() ? [] : [`${word.toString(16)} is ${names}, binutils: ${text}`];
}

oracleTest("binutils knows the same floating-point instructions by the same text", async () => {
  const random = seededRandom(4);
  const words = Uint32Array.from([
    ...groups.flatMap((group) => [...drawWords(random, group, wordsPerGroup)]),
    ...floatInstructions.flatMap(({ pattern }) => [...drawWords(random, pattern, wordsPerDefinition)]),
  ]);
  const texts = await disassemble(words);
  assertEquals(texts.flatMap((text, index) => disagreement(words[index]!, text)).slice(0, 20), []);
});
