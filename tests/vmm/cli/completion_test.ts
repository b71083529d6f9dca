// What velum completion prints, in the shells that it is for.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { velum } from "./velum.ts";

const shells = ["bash", "zsh", "fish"];

async function hasAll(): Promise<boolean> {
  for (const shell of shells) {
    try {
      await new Deno.Command(shell, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    } catch {
      if (Deno.env.get("CI")) throw new Error(`CI must have Debian's package ${shell}`);
      console.log(
        `skipped: completion is tested in ${shells.join(", ")}; Debian's packages have these names`,
      );
      return false;
    }
  }
  return true;
}

const isPossible = await hasAll();

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

async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
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

Deno.test("bash completes commands, options, values and VMs", { ignore: !isPossible }, async () => {
  assertEquals(await inBash("velum", "ne"), ["negotiate"]);
  assertEquals(await inBash("velum", "run", "--transcript-"), ["--transcript-format"]);
  assertEquals(await inBash("velum", "run", "--host", "a6"), ["a64fx"]);
  assertEquals(await inBash("velum", "run", "--pmu", "=", "o"), ["on", "off"]);
  assertEquals(await inBash("velum", "run", "hel"), ["hello"]);
  assertEquals(await inBash("velum", "regs", "--lanes", ""), ["b", "h", "s", "d"]);
  assertEquals(await inBash("velum", "attach", ""), ["first", "second"]);
  assertEquals(await inBash("velum", "completion", "f"), ["fish"]);
});

Deno.test("fish completes commands, options, values and VMs", { ignore: !isPossible }, async () => {
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

Deno.test(
  "zsh completes commands, options, values and VMs on a terminal",
  { ignore: !isPossible },
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
