// The daemon on loopback as a page in a browser reaches it: by EventSource and WebSocket, which send no headers, and by
// fetch from another origin.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { authorization, token, withTcpServer } from "./tcp_server.ts";

const query = new URLSearchParams({ access_token: token }).toString();
const headers = { ...authorization, "Content-Type": "application/json" };
const machine = { name: "page", guest: "echo", memory: "16M", backend: "interpreter" };

async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  return response;
}

Deno.test("a page creates a VM, follows its events and types on its console", () =>
  withTcpServer(async (origin) => {
    const created = await ask(`${origin}/v1/vms`, { method: "POST", headers, body: JSON.stringify(machine) });
    assertEquals((await created.json()).state, "created");
    const events = new EventSource(`${origin}/v1/vms/page/events?${query}`);
    const states: string[] = [];
    const ended = Promise.withResolvers<void>();
    events.addEventListener("state", ({ data }) => {
      const { state } = JSON.parse(data);
      states.push(state);
      if (state === "ended") ended.resolve();
    });
    await (await ask(`${origin}/v1/vms/page/start`, { method: "POST", headers })).body?.cancel();
    const console = new WebSocket(`${origin.replace("http", "ws")}/v1/vms/page/attach?${query}`);
    console.binaryType = "arraybuffer";
    const closed = Promise.withResolvers<void>();
    console.onclose = () => closed.resolve();
    let said = "";
    console.onmessage = ({ data }) => {
      if (typeof data === "string") return;
      said += new TextDecoder().decode(data);
      if (said.endsWith("this\r\n") || said.endsWith("this\n")) {
        console.send(new TextEncoder().encode("exit 3\r"));
      }
    };
    await ended.promise;
    await closed.promise;
    events.close();
    assertStringIncludes(said, "type something");
    assertEquals(states.at(-1), "ended");
  }));

Deno.test("without the token nothing is told, and it is asked for in a sentence", () =>
  withTcpServer(async (origin) => {
    for (const path of ["/v1/vms", "/v1/events", "/v1/events?access_token=wrong", "/openapi.json"]) {
      const response = await ask(origin + path, {});
      assertEquals(response.status, 401);
      assertStringIncludes((await response.json()).error.message, "needs the daemon's token");
    }
    // What changes something is asked for with the header only.
    const posted = await ask(`${origin}/v1/vms?${query}`, { method: "POST", body: "{}" });
    assertEquals(posted.status, 401);
    await posted.body?.cancel();
  }));

Deno.test("a browser's question whether a page may ask is answered without the token", () =>
  withTcpServer(async (origin) => {
    const { status, headers } = await ask(`${origin}/v1/vms`, {
      method: "OPTIONS",
      headers: { "Access-Control-Request-Method": "POST", Origin: "http://page.example" },
    });
    assertEquals(status, 204);
    assertStringIncludes(headers.get("access-control-allow-headers")!, "Authorization");
  }));
