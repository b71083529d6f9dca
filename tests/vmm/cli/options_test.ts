import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { RequestError } from "../../../vmm/kvm/request_error.ts";
import { guests } from "../../../vmm/cli/guests.ts";
import { negotiate } from "../../../vmm/cli/negotiate.ts";
import { type Command, commandHelp, type Given, parseOptions } from "../../../vmm/cli/options.ts";
import { probe } from "../../../vmm/cli/probe.ts";
import { run } from "../../../vmm/cli/run.ts";

const sample: Command = {
  operands: "[WHAT]...",
  options: {
    size: { value: "SIZE", help: "how large" },
    disk: { value: "FILE", repeats: true, help: "which disk" },
    log: { value: "FILE", optional: true, help: "where to" },
    quiet: { help: "say nothing" },
  },
  run: () => Promise.resolve(0),
};

const parse = (...args: string[]): Given => parseOptions("sample", sample, args);
const refuse = (args: string[], says: string) => assertThrows(() => parse(...args), RequestError, says);

Deno.test("a value follows after a space or an equals sign", () => {
  assertEquals(parse("--size", "5").one("size"), "5");
  assertEquals(parse("--size=5").one("size"), "5");
  assertEquals(parse("--size=a=b").one("size"), "a=b");
});

Deno.test("values stay text", () => {
  assertEquals(parse("--size", "0x10", "007", "1e3").one("size"), "0x10");
  assertEquals(parse("007", "1e3", "0x10").operands, ["007", "1e3", "0x10"]);
});

Deno.test("a switch takes no value, and what follows it is an operand", () => {
  const given = parse("--quiet", "it");
  assert(given.has("quiet") && !given.has("size"));
  assertEquals(given.operands, ["it"]);
});

Deno.test("a value that may be left out is not taken from the next word", () => {
  const given = parse("--log", "it");
  assertEquals([given.one("log"), given.operands], ["", ["it"]]);
  assertEquals(parse("--log=file", "it").one("log"), "file");
  assertEquals(parse("it").one("log"), undefined);
});

Deno.test("after -- everything is an operand", () => {
  const given = parse("--quiet", "--", "--size", "-x", "--log", "--");
  assertEquals(given.operands, ["--size", "-x", "--log", "--"]);
  assert(!given.has("size") && !given.has("log"));
});

Deno.test("an option that repeats keeps every value in order, and another is refused", () => {
  assertEquals(parse("--disk", "a", "--disk=b", "it", "--disk", "c").all("disk"), ["a", "b", "c"]);
  refuse(["--size", "1", "--size=2"], "--size is given 2 times");
});

Deno.test("an unknown option and a missing value are refused by name", () => {
  refuse(["--colour=red"], "there is no option --colour;");
  refuse(["-q"], "there is no option -q;");
  refuse(["--size"], "--size needs a value, as in --size SIZE");
  refuse(["--size="], "--size needs a value");
});

Deno.test("a command without operands refuses one", () => {
  const { operands: _, ...bare } = sample;
  assertThrows(() => parseOptions("sample", bare, ["it"]), RequestError, 'was given "it"');
});

for (const [name, command] of Object.entries({ run, probe, negotiate, guests })) {
  Deno.test(`velum ${name} --help lists each option with its value and what it does`, () => {
    const help = commandHelp(name, "does something", command);
    for (const [option, { value, optional, help: tells }] of Object.entries(command.options)) {
      const line = help.split("\n").find((text) => new RegExp(`^  --${option}\\b(?!-)`).test(text));
      assert(line?.endsWith(`  ${tells}`), `--${option}: ${line}`);
      if (value) assertStringIncludes(line!, optional ? `--${option}[=${value}]` : `--${option} ${value}`);
    }
  });
}

const main = new URL("../../../main.ts", import.meta.url).pathname;

async function velum(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", main, ...args],
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("velum --help lists the commands, and velum without one does so with status 2", async () => {
  const [asked, bare] = await Promise.all([velum("--help"), velum()]);
  assertEquals([asked.code, bare.code], [0, 2]);
  assertEquals(asked.stdout, bare.stdout);
  for (const name of ["run", "probe", "negotiate", "guests"]) {
    assertMatch(asked.stdout, new RegExp(`^  ${name} +\\w`, "m"));
  }
});

Deno.test("velum run --help is printed whatever else is given, but after -- it is the guest's", async () => {
  const [help, guest] = await Promise.all([
    velum("run", "--cpus", "none", "--help"),
    velum("run", "--", "nobody", "--help"),
  ]);
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "velum run [GUEST [ARGUMENT]...] [OPTION]...");
  assertEquals(guest.code, 2);
  assertStringIncludes(guest.stderr, 'no guest called "nobody"');
});

Deno.test("velum guests names each guest, and with --json gives them as data", async () => {
  const [list, json] = await Promise.all([velum("guests"), velum("guests", "--json")]);
  const programs = JSON.parse(json.stdout) as { name: string; description: string }[];
  assert(programs.length > 5);
  for (const { name, description } of programs) {
    assertMatch(list.stdout, new RegExp(`^${name} +`, "m"));
    assertStringIncludes(list.stdout, description);
  }
});
