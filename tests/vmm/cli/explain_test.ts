// velum explain: what it prints of a word, wherever the word comes from.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { explain } from "../../../vmm/cli/explain.ts";
import { parseOptions } from "../../../vmm/cli/options.ts";

const hello = fromFileUrl(new URL("../../../guest/programs/hello.bin", import.meta.url));

async function said(...args: string[]): Promise<string> {
  const print = console.log;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    assertEquals(await explain.run(parseOptions("explain", explain, args)), 0);
  } finally {
    console.log = print;
  }
  return lines.join("\n");
}

Deno.test("a word is told with its assembly, its fields, what it means and what it needs", async () => {
  const text = await said("b8e30041");
  for (
    const part of [
      "0xb8e30041  ldaddal w3, w1, [x2]",
      "Meaning      Loads from memory and stores back, atomically, the sum with a register.",
      "Needs        ID_AA64ISAR0_EL1.Atomic of at least 2",
      "Rs    3",
    ]
  ) assertStringIncludes(text, part);
});

Deno.test("hexadecimal with and without 0x, binary, and a file's words are the same words", async () => {
  const binary = "0b" + (0xd503_4fdf).toString(2);
  const words = async (...args: string[]) =>
    (JSON.parse(await said("--json", ...args)) as { word: string }[]).map(({ word }) => word);
  assertEquals(await words("d5034fdf", "0xD5034FDF", binary), new Array(3).fill("0xd5034fdf"));
  assertEquals(await words("--file", hello, "--count", "2"), ["0xd5034fdf", "0x10003fe1"]);
  assertEquals(await words("d503201f", "--file", hello, "--at", "0x4"), [
    "0xd503201f",
    "0x10003fe1",
  ]);
});

Deno.test("a word that is no instruction is said to be undefined", async () => {
  assertStringIncludes(await said("ffffffff"), "0xffffffff  undefined");
});
