// velum run on a terminal, on real KVM: its keys, its signals, and a terminal that is afterwards as it was. One
// boot of the bed, whose shell has a terminal; every step runs Velum in it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { requireBed } from "../../kvm-host/bed.ts";
import { Conversation } from "../../kvm-host/conversation.ts";

const bed = fromFileUrl(new URL("../../kvm-host/main.ts", import.meta.url));
const main = fromFileUrl(new URL("../../../main.ts", import.meta.url));
const velum = `deno run --cached-only --no-check --allow-ffi --allow-read --allow-write ${main}`;

/** In the bed's shell: runs Velum between two looks at the terminal's settings, and tells its status. */
const shellFunctions = [
  `velum() { echo before=$(stty -g); ${velum} "$@"; echo sta""tus=$?; echo after=$(stty -g); }`,
  `watched() { sh -c 'echo $$ > /tmp/pid; exec ${velum} run spin' | tee /tmp/said; }`,
  "terminate() { until grep -q happens /tmp/said; do usleep 20000; done; kill -TERM $(cat /tmp/pid); }",
];

function openTerminal(): Conversation {
  const child = new Deno.Command("script", {
    args: ["--quiet", "--command", `${Deno.execPath()} run -A ${bed} --timeout 600 sh`, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return new Conversation(child);
}

/** Waits for the end of what `velum` in the shell runs; returns its status once the settings are compared. */
async function statusAfter(terminal: Conversation, before: string): Promise<number> {
  const [, status] = await terminal.until(/\nstatus=(\d+)/);
  const [, after] = await terminal.until(/\nafter=(\S+)\r/);
  assertEquals(after, before, "the terminal's settings have changed");
  return Number(status);
}

async function start(terminal: Conversation, command: string): Promise<string> {
  await terminal.type(command + "\r");
  const [, before] = await terminal.until(/\nbefore=(\S+)\r/);
  return before!;
}

Deno.test("velum run on a terminal", { ignore: !await requireBed() }, async (t) => {
  const terminal = openTerminal();
  await terminal.until(/# /);
  for (const line of shellFunctions) await terminal.type(line + "\r");

  await t.step("Ctrl-A h lists the keys, and Ctrl-A x quits", async () => {
    const before = await start(terminal, "velum run spin");
    await terminal.until(/from here on nothing happens/);
    await terminal.type("\x01h");
    await terminal.until(/Ctrl-A x: quit\r/);
    await terminal.type("\x01x");
    assertEquals(await statusAfter(terminal, before), 130);
  });
  await t.step("Ctrl-C stops a guest that does not read, whatever was typed before", async () => {
    const before = await start(terminal, "velum run spin --cpus 2");
    await terminal.until(/from here on nothing happens/);
    await terminal.type("nobody reads these characters\x03");
    assertEquals(await statusAfter(terminal, before), 130);
  });
  await t.step("Ctrl-C reaches a guest that reads, as a byte", async () => {
    const before = await start(terminal, "velum run echo");
    await terminal.until(/Ctrl-D ends this/);
    await terminal.type("a");
    await terminal.until(/a/); // it listens
    await terminal.type("\x03b\r");
    const [said] = await terminal.until(/you said: [^\n]*\n/);
    assertStringIncludes(said, "you said: a\x03b");
    await terminal.type("exit 3\r");
    assertEquals(await statusAfter(terminal, before), 3);
  });
  await t.step("SIGTERM ends it with status 143", async () => {
    await terminal.type("set -o pipefail; terminate & \r");
    // The signal may come before the guest's line has its end.
    await terminal.type(
      "echo before=$(stty -g); watched; status=$?; echo; echo sta''tus=$status; echo after=$(stty -g)\r",
    );
    const [, before] = await terminal.until(/\nbefore=(\S+)\r/);
    assertEquals(await statusAfter(terminal, before!), 143);
  });

  await terminal.type("exit\r");
  await terminal.close();
});
