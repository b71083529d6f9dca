// The decoder against binutils over the whole space of 32 bits, but for SVE's part: what binutils disassembles
// within the advertised extensions is decoded, and what it calls undefined is not.

import { assertEquals } from "@std/assert";
import { type Random, seededRandom } from "../../../../devices/random.ts";
import { instructions } from "../../../../../vmm/interpreter/a64/instructions/all.ts";
import { findHost } from "../../../../../vmm/interpreter/hosts.ts";
import { instructionSet, loadAllInstructions } from "../../../../../vmm/interpreter/instruction_set.ts";
import { disassemble, isUndefined } from "./binutils.ts";
import { caseCount } from "./case_count.ts";
import { isQuirk, isUnadvertised, wronglyDisassembled, wronglyUndefined } from "./decode_exceptions.ts";
import { drawWord } from "./encodings.ts";
import { oracleTest } from "./oracle_tools.ts";

const wordsPerCase = 1200, batch = 120_000, everyday = 50;
const mostTold = 20;

/**
 * Bits 28 to 25, of which the manual's top-level table makes classes. 0b0010, SVE's, is sve_encodings_test.ts's,
 * which asks the assembler what is of SVE2; of 0b0000, SME's and UDF, no vcpu has more than UDF.
 */
const topLevel = (word: number) => word >>> 25 & 0xf;
const isLeftOut = (word: number) => topLevel(word) === 0b0000 || topLevel(word) === 0b0010;

/** Anything of a class, the classes being equally likely: some are a thousandth of the space's instructions. */
function anyWord(random: Random): number {
  const top = random.of([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  return (random.word() & ~(0xf << 25) | top << 25) >>> 0;
}

/** A word of an instruction, half of them with one of its fixed bits wrong: the edges of what is allocated. */
function nearInstruction(random: Random): number {
  const { pattern: { mask, value } } = random.of(instructions);
  const word = drawWord(random, { mask: mask >>> 0, value: value >>> 0 });
  return random.below(2) === 0 ? word : (word ^ 1 << random.below(32)) >>> 0;
}

function draw(random: Random): number {
  const word = random.below(2) === 0 ? anyWord(random) : nearInstruction(random);
  return isLeftOut(word) ? draw(random) : word;
}

oracleTest("what binutils disassembles is decoded, and what it calls undefined is UNDEFINED", async () => {
  const profile = findHost("max");
  await loadAllInstructions();
  const { decoder } = instructionSet(profile);
  const random = seededRandom(40);
  const differing: string[] = [];
  for (let left = wordsPerCase * caseCount(everyday); left > 0; left -= batch) {
    const words = Uint32Array.from({ length: Math.min(left, batch) }, () => draw(random));
    const texts = await disassemble(words);
    words.forEach((word, n) => {
      const text = texts[n]!;
      const isDecoded = decoder.find(word) !== undefined;
      if (isDecoded === !isUndefined(text)) return;
      const isKnown = isDecoded
        ? isQuirk(wronglyUndefined, word)
        : isQuirk(wronglyDisassembled, word) || isUnadvertised(profile, text);
      if (!isKnown) differing.push(`${word.toString(16).padStart(8, "0")} ${text}, decoded: ${isDecoded}`);
    });
  }
  assertEquals(differing.slice(0, mostTold), []);
});
