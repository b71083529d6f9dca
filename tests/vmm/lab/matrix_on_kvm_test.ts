// Real KVM beside the interpreter as the same host: the whole matrix, and the scripts of TEACHING.md.

import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { HostMatrix } from "../../../vmm/lab/matrix.ts";
import { inFolder } from "../../guest/tools.ts";
import { requireBed, runInBed } from "../../kvm-host/bed.ts";
import { file } from "../../kvm-host/newc.ts";
import { commandsOf, filesOf } from "../../shell_blocks.ts";
import { velum } from "../cli/velum.ts";
import type { CommandResult } from "./run_commands.ts";

const shape = "pow2-512";
const page = Deno.readTextFileSync(fromFileUrl(new URL("../../../TEACHING.md", import.meta.url)));
const scripts = [...filesOf(commandsOf(page))].filter(([name]) => name.endsWith(".txt"));

const runner = fromFileUrl(new URL("run_commands.ts", import.meta.url));

async function run(folder: string): Promise<CommandResult[]> {
  const paths = scripts.map(([name, text]) => {
    Deno.writeTextFileSync(join(folder, name), text);
    return join(folder, name);
  });
  const commands = [
    ["matrix", "--json"],
    ...paths.map((path) => ["negotiate", "--script", path, "--timeout", "60"]),
  ].map((words) => JSON.stringify(words));
  const files = scripts.map(([, text], index) => file(paths[index]!, text));
  const argv = ["/bin/deno", "run", "-A", "--no-check", "--cached-only", runner, ...commands];
  const [result] = await runInBed(shape, [{ argv }], files);
  assertEquals(result!.status, 0, result!.stderr);
  return JSON.parse(result!.stdout);
}

Deno.test("real KVM answers as the interpreter does", { ignore: !await requireBed() }, async (t) => {
  const [matrix, ...performed] = await inFolder(run) as [CommandResult, ...CommandResult[]];

  await t.step("each combination of features and lengths, with the same reason", async () => {
    assertEquals(matrix.status, 0, matrix.stderr);
    const here = await velum(["matrix", shape, "--json"]);
    const combinationsOf = (text: string) =>
      (JSON.parse(text) as { hosts: HostMatrix[] }).hosts[0]!.combinations;
    assertEquals(combinationsOf(matrix.stdout), combinationsOf(here.stdout));
  });
  for (const [index, [name]] of scripts.entries()) {
    await t.step(`${name} of TEACHING.md, as it expects`, () => {
      const { status, stdout, stderr } = performed[index]!;
      assertEquals([status, stderr], [0, ""], stdout);
    });
  }
});
