// A real daemon: its socket, its state, its leaving, its clients.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { serveArguments, startDaemon, withFolder } from "./daemon_process.ts";

const machine = (guest: string, name: string) =>
  JSON.stringify({ guest, name, backend: "interpreter", memory: "16M" });
const isAlive = (pid: number) => {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
};
const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a daemon serves curl and its own commands, and leaves nothing behind", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    assertEquals(Deno.statSync(daemon.socket).mode! & 0o777, 0o600);
    assertEquals(JSON.parse(await daemon.curl("/v1/vms", "-d", machine("spin", "spin"))).state, "created");
    assertEquals((await daemon.velum("start", "spin")).stdout, "spin\n");
    const [vm] = JSON.parse((await daemon.velum("ps", "--json")).stdout);
    assertEquals([vm.name, vm.state], ["spin", "running"]);
    const refused = await daemon.velum("resume", "spin");
    assertEquals(refused.status, 2);
    assertStringIncludes(refused.stderr, "is running");
    assertEquals(await daemon.leave(), 0);
    assert(!isAlive(vm.pid));
    assertEquals(filesIn(folder), ["state"]);
    assertEquals(filesIn(join(folder, "state")), ["spin.json"]);
  }));

Deno.test("a daemon that is to leave asks its guests to end, and a second signal stops those that do not", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder, "--grace", "3600");
    const watching = async (name: string, append: string) => {
      await daemon.curl("/v1/vms", "-d", JSON.stringify({ ...JSON.parse(machine("button", name)), append }));
      await daemon.curl(`/v1/vms/${name}/start`, "-X", "POST");
    };
    await watching("willing", "1");
    await watching("stubborn", "2");
    for (const name of ["willing", "stubborn"]) await daemon.consoleUntil(name, "press the power button");
    const pressed = daemon.consoleUntil("stubborn", "button: pressed");
    daemon.process.kill("SIGTERM");
    await pressed;
    assertEquals(await daemon.leave(), 0);
    const ending = (name: string) =>
      JSON.parse(Deno.readTextFileSync(join(folder, "state", `${name}.json`))).ending;
    assertEquals(ending("willing"), { kind: "exit", status: 0 });
    assertEquals(ending("stubborn"), { kind: "stopped" });
  }));

Deno.test("what a killed daemon left is taken over: its socket, and its VMs with how they ended", () =>
  withFolder(async (folder) => {
    const first = await startDaemon(folder);
    for (const name of ["spin", "idle"]) await first.curl("/v1/vms", "-d", machine("spin", name));
    await first.curl("/v1/vms/spin/start", "-X", "POST");
    await first.leave("SIGKILL");
    const second = await startDaemon(folder);
    const [idle, spin] = JSON.parse(await second.curl("/v1/vms"));
    assertEquals([idle.state, idle.ending], ["created", null]);
    assertEquals([spin.state, spin.ending], ["ended", { kind: "died", reason: "the daemon died" }]);
    assertEquals(JSON.parse(await second.curl("/v1/vms/spin/start", "-X", "POST")).runs, 2);
    assertEquals(await second.leave(), 0);
  }));

Deno.test("a second daemon on the same socket says so and leaves, and the first goes on", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    const second = await new Deno.Command(Deno.execPath(), { args: serveArguments(folder), stdin: "null" })
      .output();
    assertEquals(second.code, 2);
    assertStringIncludes(new TextDecoder().decode(second.stderr), "another daemon has the socket");
    assertEquals(await daemon.curl("/v1/vms"), "[]");
    await daemon.leave();
  }));

Deno.test("a body of 100 MB is refused before it is read", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    const body = join(folder, "large");
    Deno.writeFileSync(body, new Uint8Array());
    Deno.truncateSync(body, 100e6);
    const answer = await daemon.curl("/v1/vms", "-T", body, "-X", "POST", "-H", "Expect:");
    assertStringIncludes(answer, '"field":"body"');
    assertEquals(await daemon.curl("/v1/vms"), "[]");
    await daemon.leave();
  }));

Deno.test("a client that vanishes while it follows a console takes nothing along", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    await daemon.curl("/v1/vms", "-d", machine("echo", "echo"));
    await daemon.curl("/v1/vms/echo/start", "-X", "POST");
    const url = "http://velum/v1/vms/echo/console?follow=true";
    const follower = new Deno.Command("curl", {
      args: ["--silent", "--no-buffer", "--unix-socket", daemon.socket, url],
      stdout: "piped",
    }).spawn();
    const reader = follower.stdout.getReader();
    await reader.read();
    follower.kill("SIGKILL");
    await reader.cancel();
    await follower.status;
    await daemon.curl("/v1/vms/echo/console", "--data-binary", "exit 3\r", "-H", "Content-Type: text/plain");
    await daemon.curl("/v1/vms/echo/console?follow=true");
    assertEquals(JSON.parse(await daemon.curl("/v1/vms/echo")).ending, { kind: "exit", status: 3 });
    await daemon.leave();
  }));
