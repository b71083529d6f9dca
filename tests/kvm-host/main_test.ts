// The test bed's command line, run as a process of its own.

import { fromFileUrl } from "@std/path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { requireBed } from "./bed.ts";
import { Conversation } from "./conversation.ts";
import { hostShapes } from "./host_shapes.ts";

const ignore = !await requireBed();
const main = fromFileUrl(new URL("main.ts", import.meta.url));

function start(args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", main, ...args], env, ...streams }).spawn();
}

async function run(args: readonly string[], stdin = new Uint8Array()) {
  const process = start(args);
  const input = new Blob([stdin]).stream().pipeTo(process.stdin);
  const { code, stdout, stderr } = await process.output();
  await input;
  return { code, stdout, text: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("bad input gets one sentence and status 2", async () => {
  const refusals = [
    [["--cpu", "vq3", "sh"], "There is no host shape"],
    [["--timeout", "0", "sh"], 'A timeout is a whole number of seconds above zero, not "0".'],
    [["--timeout", "soon", "sh"], 'not "soon".'],
    [["--colour", "sh"], "There is no option --colour"],
    [[], "A command is missing"],
  ] as const;
  for (const [args, sentence] of refusals) {
    const { code, text, stderr } = await run(args);
    assertEquals([code, text, stderr.trimEnd().split("\n").length], [2, "", 1]);
    assertStringIncludes(stderr, sentence);
  }
});

Deno.test("--cpu help lists every shape", async () => {
  const { code, text } = await run(["--cpu", "help"]);
  assertEquals(code, 0);
  assertEquals(
    text.trimEnd().split("\n").map((line) => line.split(" ")[0]),
    hostShapes.map(({ name }) => name),
  );
});

Deno.test({
  name: "input and output pass through pipes unchanged, and the exit status is the command's",
  ignore,
  fn: async () => {
    const everyByte = Uint8Array.from({ length: 1 << 20 }, (_, index) => index * 13 + (index >> 8));
    const { code, stdout, stderr } = await run(["sh", "-c", "cat; echo said >&2; exit 5"], everyByte);
    assertEquals([code, stderr], [5, "said\n"]);
    assertEquals(stdout, everyByte);
  },
});

Deno.test({
  name: "a command past its --timeout ends with status 124, its output kept",
  ignore,
  fn: async () => {
    const { code, text } = await run(["--timeout", "1", "sh", "-c", "echo started; sleep 1000"]);
    assertEquals([code, text], [124, "started\n"]);
  },
});

Deno.test({
  name: "when the bed's process is killed, QEMU ends with it",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const process = start(["sh", "-c", "echo up; sleep 1000"], { TMPDIR: folder });
    const reader = process.stdout.getReader();
    await reader.read();
    const children = await Deno.readTextFile(`/proc/${process.pid}/task/${process.pid}/children`);
    const qemu = Number(children.trim());
    assertStringIncludes(await Deno.readTextFile(`/proc/${qemu}/cmdline`), "qemu-system-aarch64");
    process.kill("SIGKILL");
    await process.status;
    await Promise.all([reader.cancel(), process.stdin.close(), process.stderr.cancel()]);
    await endOf(qemu);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "on a terminal the command has a terminal: Ctrl-C interrupts it, and afterwards ours is as before",
  ignore,
  fn: async () => {
    const command =
      `stty -a >&2; ${Deno.execPath()} run -A ${main} --timeout 600 sh; echo status $?; stty -a >&2`;
    const process = new Deno.Command("script", {
      args: ["--quiet", "--command", `exec 2>&1; ${command}`, "/dev/null"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const terminal = new Conversation(process);
    const [before] = await terminal.until(/speed[^]*?-echoprt[^]*?\n[^]*?\n/);
    await terminal.until(/# /);
    await terminal.type("tty\r");
    await terminal.until(/\/dev\/hvc0/);
    // What says that it sleeps is what sleeps: the shell has made it the terminal's foreground by then.
    await terminal.type(`sh -c "echo sleep''ing; exec sleep 1000"\r`);
    await terminal.until(/sleeping/);
    await terminal.type("\x03");
    await terminal.until(/# /);
    await terminal.type("exit 7\r");
    await terminal.until(/status 7/);
    const [after] = await terminal.until(/speed[^]*?-echoprt[^]*?\n[^]*?\n/);
    assertEquals(after, before);
    await terminal.close();
  },
});

/** Waits until a process that is not our child has ended. */
async function endOf(pid: number): Promise<void> {
  const { success } = await new Deno.Command("timeout", {
    args: ["10", "tail", `--pid=${pid}`, "-f", "/dev/null"],
  }).output();
  if (!success) throw new Error(`process ${pid} is still there`);
}
