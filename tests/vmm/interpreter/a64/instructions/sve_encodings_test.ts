// The words of SVE and their assembly against binutils, which nobody here wrote: its disassembler knows every
// extension at once, its assembler says what is of SVE2 and its parts.

import { assertEquals } from "@std/assert";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { sveInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve.ts";
import { sve2Instructions } from "../../../../../vmm/interpreter/a64/instructions/sve2.ts";
import { fieldsOf, matches } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { seededRandom } from "../../../../devices/random.ts";
import { disassemble, isUndefined } from "../oracle/binutils.ts";
import { drawWords, encoding } from "../oracle/encodings.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";

const instructions = [...sveInstructions, ...sve2Instructions];
const wordsOfGroup = 40_000;
const wordsOfEach = 20;
/** Where SVE and SVE2 are among the encodings. */
const groups = ["0xx0010x xxxxxxxx xxxxxxxx xxxxxxxx", "1xx0010x xxxxxxxx xxxxxxxx xxxxxxxx"].map(encoding);

const isOf = (word: number) => ({ pattern, valid }: Definition) =>
  matches(pattern, word) && (valid?.(fieldsOf(pattern, word)) ?? true);
const textOf = (word: number) => ({ pattern, assembly }: Definition) => assembly(fieldsOf(pattern, word));

/** Without binutils' remarks. */
const plain = (text: string) => text.split(/\s+\/\/ /)[0]!.trim();

/** Which of the texts an assembler takes that knows SVE2 and its parts, but not SME or SVE2.1. */
async function areOfSve(texts: readonly string[]): Promise<boolean[]> {
  const path = await Deno.makeTempFile({ suffix: ".s" });
  try {
    await Deno.writeTextFile(path, `${texts.join("\n")}\n`);
    const march = "-march=armv8.6-a+sve2+sve2-aes+sve2-bitperm+sve2-sha3+sve2-sm4+f32mm+f64mm";
    const args = [march, "-o", "/dev/null", path];
    const { stderr } = await new Deno.Command("aarch64-linux-gnu-as", { args }).output();
    const errors = new TextDecoder().decode(stderr).matchAll(/:(\d+): Error/g);
    const wrong = new Set([...errors].map(([, line]) => Number(line)));
    return texts.map((_, index) => !wrong.has(index + 1));
  } finally {
    await Deno.remove(path);
  }
}

/** A constant for bytes has no room to be shifted: UNDEFINED in the manual, though binutils knows CPY of it. */
const isShiftedByte = (text: string) => /^mov z\d+\.b, .*#/.test(text);

oracleTest(
  "every instruction of SVE and SVE2 that binutils knows is defined, and no other word",
  async () => {
    const random = seededRandom(70);
    const words = Uint32Array.from(groups.flatMap((group) => [...drawWords(random, group, wordsOfGroup)]));
    const texts = (await disassemble(words)).map(plain);
    const isKnown = [...words].map((word) => instructions.some(isOf(word)));
    const extra = texts.filter((text, index) => isUndefined(text) && isKnown[index]);
    assertEquals(extra, []);
    const unknown = texts.filter((text, index) =>
      !isUndefined(text) && !isKnown[index] && !isShiftedByte(text)
    );
    const isMissing = await areOfSve(unknown);
    assertEquals(unknown.filter((_, index) => isMissing[index]).slice(0, 20), []);
  },
);

oracleTest(
  "SVE's and SVE2's instructions read as binutils prints them, and no word is of two of them",
  async () => {
    const random = seededRandom(71);
    const words = Uint32Array.from(
      instructions.flatMap((definition) =>
        [...drawWords(random, definition.pattern, wordsOfEach)].filter((word) => isOf(word)(definition))
      ),
    );
    const different = (await disassemble(words)).flatMap((text, index) => {
      const word = words[index]!, found = instructions.filter(isOf(word)).map(textOf(word));
      return found.join(" and ") === plain(text) ? [] : [`${word.toString(16)} ${found}, binutils: ${text}`];
    });
    assertEquals(different.slice(0, 20), []);
  },
);
