// What velum completion prints, in the shells that it is for.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { run, testWithTools, type Tool } from "../../guest/tools.ts";
import { velum } from "./velum.ts";

/** The file of the shell's script, for as long as the body runs. */
async function withScript<T>(shell: string, body: (path: string) => Promise<T>): Promise<T> {
  const { stdout } = await velum(["completion", shell]);
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, stdout);
  try {
    return await body(path);
  } finally {
    await Deno.remove(path);
  }
}

async function output(program: Tool, ...args: readonly string[]): Promise<string> {
  return new TextDecoder().decode((await run(program, args)).stdout);
}

/** A daemon's VMs, as `velum ps --quiet` would tell them. */
const fakeVelum = `velum() { [[ "$*" == "ps --quiet" ]] && printf '%s\\n' first second; }`;

const inBash = (...words: readonly string[]) =>
  withScript("bash", async (path) => {
    const list = words.map((word) => `'${word}'`).join(" ");
    const script =
      `${fakeVelum}; source ${path}; COMP_WORDS=(${list}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ));
      _velum 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await output("bash", "-c", script)).trim().split("\n");
  });

testWithTools(["bash"], "bash completes commands, options, values and VMs", async () => {
  assertEquals(await inBash("velum", "ne"), ["negotiate"]);
  assertEquals(await inBash("velum", "run", "--transcript-"), ["--transcript-format"]);
  assertEquals(await inBash("velum", "run", "--host", "a6"), ["a64fx"]);
  assertEquals(await inBash("velum", "run", "--pmu", "=", "o"), ["on", "off"]);
  assertEquals(await inBash("velum", "run", "hel"), ["hello"]);
  assertEquals(await inBash("velum", "regs", "--lanes", ""), ["b", "h", "s", "d"]);
  assertEquals(await inBash("velum", "attach", ""), ["first", "second"]);
  assertEquals(await inBash("velum", "completion", "f"), ["fish"]);
});

testWithTools(["fish"], "fish completes commands, options, values and VMs", async () => {
  const complete = (line: string) =>
    withScript("fish", async (path) => {
      const velum = `function velum; test "$argv" = "ps --quiet"; and printf '%s\\n' first second; end`;
      const lines = await output(
        "fish",
        "--no-config",
        "-c",
        `${velum}; source ${path}; complete -C '${line}'`,
      );
      return lines.trim().split("\n").map((each) => each.split("\t")[0]);
    });
  assertEquals(await complete("velum nego"), ["negotiate"]);
  assertEquals(await complete("velum run --transcript-"), ["--transcript-format"]);
  assertEquals(await complete("velum run --host a6"), ["a64fx"]);
  assertEquals(await complete("velum run hel"), ["hello"]);
  assertEquals(await complete("velum attach "), ["first", "second"]);
});

testWithTools(
  ["zsh", "timeout"],
  "zsh completes commands, options, values and VMs on a terminal",
  async () => {
    const complete = (typed: string, expected: string) =>
      withScript("zsh", (path) =>
        output(
          "timeout",
          "30",
          "zsh",
          "-f",
          "-c",
          `zmodload zsh/zpty; zpty z zsh -f -i
        zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; ${
            fakeVelum.replaceAll("'", "'\\''")
          }; source ${path}; print re""ady'
        zpty -r z all '*ready*' && zpty -w -n z $'${typed}\\t' && zpty -r z all '*${expected}*' && print -r -- "$all"`,
        ));
    const isCompleted = async (typed: string, expected: string) =>
      assertStringIncludes(await complete(typed, expected), expected);
    await isCompleted("velum nego", "negotiate");
    await isCompleted("velum run --transcript-", "--transcript-format");
    await isCompleted("velum run --host a6", "a64fx");
    await isCompleted("velum run hel", "hello");
    await isCompleted("velum attach fi", "first");
  },
);

Deno.test("a shell that is not known is refused in a sentence", async () => {
  const { code, stderr } = await velum(["completion", "tcsh"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'velum completion takes one shell of bash, zsh, fish, and was given "tcsh"');
});
