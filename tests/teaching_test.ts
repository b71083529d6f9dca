// What TEACHING.md shows is what its commands print, and it tells of every difference that the conformance list has.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { cases } from "./conformance/list.ts";
import { inFolder } from "./guest/tools.ts";
import { commandsOf, filesOf, findMissing } from "./shell_blocks.ts";
import { velum } from "./vmm/cli/velum.ts";

const page = Deno.readTextFileSync(fromFileUrl(new URL("../TEACHING.md", import.meta.url)));
const commands = commandsOf(page);

Deno.test("every command of TEACHING.md prints what the page shows", async (t) => {
  await inFolder(async (folder) => {
    const files = filesOf(commands);
    for (const [name, text] of files) Deno.writeTextFileSync(join(folder, name), text);
    const shown = commands.filter(({ words }) => words[0] === "velum");
    assert(shown.length > 8);
    for (const { words, output } of shown) {
      await t.step(words.join(" "), async () => {
        const args = words.slice(1).map((word) => files.has(word) ? join(folder, word) : word);
        const { stdout, stderr } = await velum(args);
        const printed = (stdout + stderr).replaceAll(`${folder}/`, "").trimEnd().split("\n");
        assertEquals(findMissing(output, printed), undefined, printed.join("\n"));
      });
    }
  });
});

Deno.test("a line that a command does not print is found on the page", () => {
  assertEquals(findMissing(["…", "b"], ["a", "b"]), undefined);
  assertEquals(findMissing(["a", "…"], ["a", "b"]), undefined);
  assertEquals(findMissing(["b"], ["a", "b"]), "b");
  assertEquals(findMissing(["…", "b", "a"], ["a", "b", "c", "a"]), "a");
  assertEquals(findMissing(["a"], ["a", "b"]), 'the end, in place of "b"');
});

Deno.test("TEACHING.md tells every difference between document and kernel", () => {
  const differing = cases.filter(({ differs }) => differs);
  assert(differing.length > 0);
  for (const { name, differs } of differing) {
    assert(page.includes(name), name);
    assert(page.includes(differs!), differs);
  }
});
