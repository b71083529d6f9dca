// The daemon under systemd: its units, and the socket that is handed over to it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Client } from "../../../vmm/daemon/client.ts";
import { withFolder } from "./daemon_process.ts";
import { liveAndDie } from "./load.ts";

const main = fromFileUrl(new URL("../../../main.ts", import.meta.url));
const units = fromFileUrl(new URL("../../../vmm/daemon/", import.meta.url));

async function run(program: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function hasSystemd(): Promise<boolean> {
  try {
    return (await run("systemd-analyze", "--version")).code === 0;
  } catch {
    if (Deno.env.get("CI")) throw new Error("CI must have Debian's package systemd");
    console.log("skipped: the units are checked by systemd-analyze, of Debian's package systemd");
    return false;
  }
}

const ignore = !await hasSystemd();

Deno.test(
  "systemd takes the units, and finds the service hardened",
  { ignore },
  () =>
    withFolder(async (folder) => {
      // Deno is elsewhere here.
      for (const name of ["velum.service", "velum.socket"]) {
        const text = await Deno.readTextFile(units + name);
        await Deno.writeTextFile(join(folder, name), text.replaceAll("/usr/local/bin/deno", Deno.execPath()));
      }
      const service = join(folder, "velum.service");
      const verified = await run("systemd-analyze", "verify", service, join(folder, "velum.socket"));
      assertEquals([verified.code, verified.text], [0, ""]);
      // From 0, the best, to 100.
      const secure = await run("systemd-analyze", "security", "--offline=yes", "--threshold=25", service);
      assertEquals(secure.code, 0, secure.text);
    }),
);

/** systemd's own stand-in for itself: it listens, and hands the socket to what it starts at the first connection. */
const activated = (folder: string) =>
  new Deno.Command("systemd-socket-activate", {
    args: [
      ...["--listen", join(folder, "handed"), "--", Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...["--allow-read", `--allow-write=${folder}`, "--allow-net", "--allow-env=LISTEN_FDS,LISTEN_PID"],
      ...[`--allow-run=${Deno.execPath()}`, main, "serve", "--socket", join(folder, "own")],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();

Deno.test("the socket that systemd hands over is served", { ignore }, () =>
  withFolder(async (folder) => {
    const process = activated(folder);
    const reader = process.stderr.getReader();
    let said = "";
    const hear = async (what: string) => {
      while (!said.includes(what)) said += new TextDecoder().decode((await reader.read()).value);
    };
    await hear("Listening on");
    using client = new Client(join(folder, "handed"));
    await liveAndDie(client, "handed");
    await hear("the socket that systemd handed over");
    assertStringIncludes(said, join(folder, "own"));
    process.kill("SIGTERM");
    while (!(await reader.read()).done);
    assertEquals((await process.status).code, 0);
  }));
