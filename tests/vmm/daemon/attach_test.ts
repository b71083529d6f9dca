// The console as a WebSocket, through a real daemon.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Client } from "../../../vmm/daemon/client.ts";
import { fromFileUrl } from "@std/path";
import { startDaemon, withFolder } from "./daemon_process.ts";

const main = fromFileUrl(new URL("../../../main.ts", import.meta.url));

Deno.test("a console is read and typed over a WebSocket, which ends with the run", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    using client = new Client(daemon.socket);
    await client.json("POST", "/v1/vms", {
      guest: "echo",
      name: "echo",
      backend: "interpreter",
      memory: "16M",
    });
    assertMatch(await daemon.curl("/v1/vms/echo/attach"), /"field":"Upgrade"/);
    const socket = client.webSocket("/v1/vms/echo/attach");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    const told: Record<string, unknown>[] = [];
    let shown = "";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") return void told.push(JSON.parse(data));
      const before = shown;
      shown += new TextDecoder().decode(data);
      const isReady = (text: string) => text.includes("ends this\n");
      if (isReady(shown) && !isReady(before)) socket.send(new TextEncoder().encode("hi\rexit 4\r"));
    };
    await new Promise((resolve) => socket.onopen = resolve);
    await client.json("POST", "/v1/vms/echo/start");
    await closed;
    assertStringIncludes(shown, "you said: hi");
    assertEquals(told, [{ offset: 0 }, { ended: { kind: "exit", status: 4 } }]);
    await daemon.leave();
  }));

Deno.test("velum attach takes input from a pipe, and exits as the guest does", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    await daemon.velum("create", "echo", "--name", "echo", "--start");
    const attach = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", main, "attach", "echo", "--socket", daemon.socket],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = attach.stdin.getWriter();
    await input.write(new TextEncoder().encode("one line\rexit 6\r"));
    await input.close();
    const { code, stdout, stderr } = await attach.output();
    assertEquals(code, 6);
    assertStringIncludes(new TextDecoder().decode(stdout), "you said: one line");
    assertStringIncludes(new TextDecoder().decode(stderr), "echo has ended: exit status 6");
    await daemon.leave();
  }));
