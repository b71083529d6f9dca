// The daemon under systemd: its units, and the socket that is handed over to it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Client } from "../../../vmm/daemon/client.ts";
import { run, testWithTools } from "../../guest/tools.ts";
import { withFolder } from "./daemon_process.ts";
import { liveAndDie } from "./load.ts";

const main = fromFileUrl(new URL("../../../main.ts", import.meta.url));
const units = fromFileUrl(new URL("../../../vmm/daemon/", import.meta.url));

async function analyzed(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run("systemd-analyze", args);
  return new TextDecoder().decode(stdout) + stderr;
}

testWithTools(
  ["systemd-analyze"],
  "systemd takes the units, and finds the service hardened",
  () =>
    withFolder(async (folder) => {
      // Deno is elsewhere here.
      for (const name of ["velum.service", "velum.socket"]) {
        const text = await Deno.readTextFile(units + name);
        await Deno.writeTextFile(join(folder, name), text.replaceAll("/usr/local/bin/deno", Deno.execPath()));
      }
      const service = join(folder, "velum.service");
      assertEquals(await analyzed("verify", service, join(folder, "velum.socket")), "");
      // From 0, the best, to 100: beyond this it fails.
      await analyzed("security", "--offline=yes", "--threshold=25", service);
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

testWithTools(
  ["systemd-socket-activate"],
  "the socket that systemd hands over is served",
  () =>
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
    }),
);
