// The API's handlers, with real VMs and without a socket.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type TestApi, withApi } from "./api.ts";

Deno.test("a VM is created, started, read, and started again", () =>
  withApi(async (api) => {
    const vm = await api.create("hello", { name: "one" });
    assertEquals([vm.name, vm.state, vm.runs, vm.backend], ["one", "created", 0, "interpreter"]);
    assertEquals((await api.json("POST", "/v1/vms/one/start")).body.state, "running");
    assertEquals(await api.consoleUntilEnd("one"), "hello from EL1\n");
    const { body: ended } = await api.json("GET", "/v1/vms/one");
    assertEquals([ended.state, ended.ending, ended.pid], ["ended", { kind: "exit", status: 0 }, null]);
    assertEquals((await api.json("POST", "/v1/vms/one/start")).body.runs, 2);
    assertEquals(await api.consoleUntilEnd("one"), "hello from EL1\nhello from EL1\n");
    assertEquals((await api.json("DELETE", "/v1/vms/one")).status, 204);
    assertEquals((await api.json("GET", "/v1/vms/one")).status, 404);
  }));

Deno.test("a VM is paused, read, resumed, reset and stopped; what its state does not allow is refused", () =>
  withApi(async (api) => {
    await api.create("spin", { name: "spin" });
    const state = async (change: string) => {
      const { status, body } = await api.json("POST", `/v1/vms/spin/${change}`);
      return status === 200 ? body.state : [status, body.error.field];
    };
    const refused = [409, "state"];
    assertEquals(await state("pause"), refused);
    assertEquals(await state("stop"), refused);
    assertEquals(await state("start"), "running");
    assertEquals(await state("start"), refused);
    assertEquals(await state("resume"), refused);
    assertEquals((await api.json("DELETE", "/v1/vms/spin")).status, 409);
    assertEquals(await state("pause"), "paused");
    assertEquals(await state("resume"), "running");
    assertEquals(await state("reset"), "running");
    assertEquals((await api.json("GET", "/v1/vms/spin")).body.runs, 2);
    assertEquals(await state("stop"), "ended");
    assertEquals((await api.json("GET", "/v1/vms/spin")).body.ending, { kind: "stopped" });
  }));

/** Starts a VM named "asked", whose guest ends at that press of the power button; resolves when it listens. */
async function startAsked(api: TestApi, presses: number) {
  await api.create("button", { name: "asked", append: `${presses}` });
  await api.json("POST", "/v1/vms/asked/start");
  await api.consoleUntil("asked", "button: press the power button\n");
}

Deno.test("a stop asks a guest that listens, which then ends by itself", () =>
  withApi(async (api) => {
    await startAsked(api, 1);
    const { body } = await api.json("POST", "/v1/vms/asked/stop?grace=60");
    assertEquals([body.state, body.ending], ["ended", { kind: "exit", status: 0 }]);
  }));

Deno.test("a guest that was asked and does not end in its time is stopped", () =>
  withApi(async (api) => {
    await startAsked(api, 2);
    const { body } = await api.json("POST", "/v1/vms/asked/stop?grace=0.5");
    assertEquals([body.state, body.ending], ["ended", { kind: "stopped" }]);
    assertStringIncludes(await api.consoleUntilEnd("asked"), "button: pressed");
  }));

Deno.test("a guest that is paused, or does not listen, is stopped without being given time", () =>
  withApi(async (api) => {
    await startAsked(api, 1);
    await api.json("POST", "/v1/vms/asked/pause");
    await api.create("spin", { name: "spin" });
    await api.json("POST", "/v1/vms/spin/start");
    for (const name of ["asked", "spin"]) {
      const { body } = await api.json("POST", `/v1/vms/${name}/stop?grace=3600`);
      assertEquals(body.ending, { kind: "stopped" }, name);
    }
  }));

const hurries: Readonly<Record<string, (api: TestApi) => Promise<unknown>>> = {
  "a stop that gives no time": (api) => api.json("POST", "/v1/vms/asked/stop?grace=0"),
  "a reset": (api) => api.json("POST", "/v1/vms/asked/reset"),
  "a deletion by force": (api) => api.json("DELETE", "/v1/vms/asked?force=true"),
  "a daemon that leaves in a hurry": async (api) => await api.vms.hurry(),
};

for (const [what, hurry] of Object.entries(hurries)) {
  Deno.test(`a stop that waits for its guest waits no longer after ${what}`, () =>
    withApi(async (api) => {
      await startAsked(api, 2);
      const stop = api.json("POST", "/v1/vms/asked/stop?grace=3600");
      await api.consoleUntil("asked", "button: pressed\n");
      await hurry(api);
      assertEquals((await stop).status, 200);
    }));
}

Deno.test("the power button is pressed without more, and a VM that does not run has none", () =>
  withApi(async (api) => {
    await startAsked(api, 1);
    assertEquals((await api.json("POST", "/v1/vms/asked/press")).status, 200);
    assertStringIncludes(await api.consoleUntilEnd("asked"), "button: pressed");
    assertEquals((await api.json("POST", "/v1/vms/asked/press")).body.error.field, "state");
  }));

Deno.test("requests that are wrong are refused, with the field and a sentence", () =>
  withApi(async (api) => {
    const cases: [string, string, unknown, number, string, string][] = [
      ["POST", "/v1/vms", '{"guest"', 400, "body", "not JSON"],
      ["POST", "/v1/vms", { gest: "hello" }, 400, "body", '"gest"'],
      ["POST", "/v1/vms", { limits: { years: 1 } }, 400, "limits", '"years"'],
      ["POST", "/v1/vms", { name: "../etc" }, 400, "name", "small letters"],
      ["POST", "/v1/vms", { cpus: 0 }, 400, "cpus", "cpus"],
      ["POST", "/v1/vms", { memory: "lots" }, 400, "memory", "512M"],
      ["POST", "/v1/vms", { memory: "2G" }, 400, "memory", "at most 1 GiB"],
      ["POST", "/v1/vms", { features: { sve: "wide" } }, 400, "features.sve", '"wide"'],
      ["POST", "/v1/vms", { kernel: "Image" }, 400, "kernel", "absolute"],
      ["POST", "/v1/vms", { kernel: "/nowhere", guest: "hello" }, 400, "kernel", "one of them"],
      ["POST", "/v1/vms", { kernel: "/nowhere" }, 400, "kernel", "does not exist"],
      ["POST", "/v1/vms", { guest: "nobody" }, 400, "guest", "velum guests"],
      ["POST", "/v1/vms/nobody/stop?grace=soon", undefined, 400, "grace", "number"],
      ["POST", "/v1/vms/nobody/stop?grace=3601", undefined, 400, "grace", "3600"],
      ["POST", "/v1/vms", "x".repeat(2 ** 20 + 1), 413, "body", "1048576"],
      ["GET", "/v1/vms/no_name", undefined, 400, "name", "small letters"],
      ["GET", "/v1/vms/..%2f..%2fetc%2fpasswd", undefined, 400, "name", "small letters"],
      ["GET", "/v1/vms/nobody", undefined, 404, "name", '"nobody"'],
      ["GET", "/nothing", undefined, 404, "path", "/openapi.json"],
      ["PUT", "/v1/vms", {}, 405, "method", "GET and POST"],
      ["DELETE", "/v1/vms/nobody?hard=true", undefined, 400, "query", '"hard"'],
    ];
    for (const [method, path, body, status, field, says] of cases) {
      const answer = await api.json(method, path, body);
      assertEquals([answer.status, answer.body.error.field], [status, field], `${method} ${path}`);
      assertStringIncludes(answer.body.error.message, says);
    }
    assertEquals(api.vms.list().length, 0);
  }));

Deno.test("there are no more VMs than the daemon's limit, and no two of one name", () =>
  withApi(async (api) => {
    await api.create("hello", { name: "one" });
    assertEquals((await api.json("POST", "/v1/vms", { name: "one" })).status, 409);
    await api.create("hello");
    const { status, body } = await api.json("POST", "/v1/vms", {});
    assertEquals(status, 409);
    assertStringIncludes(body.error.message, "at most 2");
  }, { limits: { vms: 2, memory: 2 ** 30 } }));

Deno.test("what is typed reaches the guest, and its exit status is the ending", () =>
  withApi(async (api) => {
    await api.create("echo", { name: "echo" });
    assertEquals((await api.json("POST", "/v1/vms/echo/console", new Uint8Array(1))).status, 409);
    await api.json("POST", "/v1/vms/echo/start");
    const typed = await api.json("POST", "/v1/vms/echo/console", new TextEncoder().encode("exit 7\r"));
    assertEquals(typed.body, { accepted: 7 });
    await api.consoleUntilEnd("echo");
    assertEquals((await api.json("GET", "/v1/vms/echo")).body.ending, { kind: "exit", status: 7 });
  }));

Deno.test("a console is read from any offset, and says what was dropped", () =>
  withApi(async (api) => {
    await api.create("hello", { name: "one" });
    await api.json("POST", "/v1/vms/one/start");
    await api.consoleUntilEnd("one");
    const read = await api.request("GET", "/v1/vms/one/console?offset=6&limit=4");
    assertEquals(await read.text(), "from");
    assertEquals(["Offset", "Dropped", "End"].map((name) => read.headers.get(`Velum-${name}`)), [
      "6",
      "0",
      "15",
    ]);
    assertEquals((await api.json("GET", "/v1/vms/one/console?offset=16")).body.error.field, "offset");
    api.vms.get("one").console.append(new Uint8Array(2 ** 18));
    const late = await api.request("GET", "/v1/vms/one/console?offset=6&limit=0");
    assertEquals(late.headers.get("Velum-Dropped"), "9");
  }));

Deno.test("a limit of time ends a run, and says so", () =>
  withApi(async (api) => {
    for (const limits of [{ wallSeconds: 0.2 }, { cpuSeconds: 0.5 }]) {
      const { name } = await api.create("spin", { limits });
      await api.json("POST", `/v1/vms/${name}/start`);
      await api.consoleUntilEnd(name);
      const [limit, value] = Object.entries(limits)[0]!;
      assertEquals((await api.json("GET", `/v1/vms/${name}`)).body.ending, { kind: "limit", limit, value });
    }
  }));

Deno.test("a guest that panics leaves its reason, its registers and an event", () =>
  withApi(async (api) => {
    await api.create("panic", { name: "panic" });
    await api.json("POST", "/v1/vms/panic/start");
    await api.consoleUntilEnd("panic");
    const { body } = await api.json("GET", "/v1/vms/panic");
    assertEquals(body.ending.kind, "panic");
    assertStringIncludes(body.report, "ESR_EL1");
    const events = await (await api.request("GET", "/v1/vms/panic/events?follow=false")).text();
    assertStringIncludes(events, "event: panic\n");
    assertMatch(events, /event: exits\ndata: .*"KVM_EXIT_MMIO":[1-9]/);
  }));

Deno.test("a VM's process that is killed takes nothing along, and can be started anew", () =>
  withApi(async (api) => {
    await api.create("spin", { name: "victim" });
    await api.create("echo", { name: "other" });
    for (const name of ["victim", "other"]) await api.json("POST", `/v1/vms/${name}/start`);
    Deno.kill((await api.json("GET", "/v1/vms/victim")).body.pid, "SIGKILL");
    await api.consoleUntilEnd("victim");
    const { body } = await api.json("GET", "/v1/vms/victim");
    assertEquals([body.state, body.ending.kind, body.ending.signal], ["ended", "died", "SIGKILL"]);
    assertEquals((await api.json("GET", "/v1/vms/other")).body.state, "running");
    assertEquals((await api.json("POST", "/v1/vms/victim/start")).body.state, "running");
  }));

Deno.test("events go on after the last one seen", () =>
  withApi(async (api) => {
    const events = async (lastId?: string) => {
      const headers: HeadersInit = lastId === undefined ? {} : { "Last-Event-ID": lastId };
      const response = await api.request("GET", "/v1/events?follow=false", undefined, headers);
      const text = await response.text();
      return [...text.matchAll(/id: (.*)\nevent: (.*)\n/g)].map(([, id, type]) => ({ id, type }));
    };
    await api.create("hello", { name: "one" });
    await api.json("DELETE", "/v1/vms/one");
    const seen = await events();
    assertEquals(seen.map(({ type }) => type), ["state", "deleted"]);
    assertEquals(await events(seen[0]!.id), seen.slice(1));
    assertEquals(await events(seen[1]!.id), []);
    assertEquals(await events("another-life.1"), seen);
  }));

Deno.test("the API's document names every route, and only what it declares", () =>
  withApi(async (api) => {
    const { body } = await api.json("GET", "/openapi.json");
    assertEquals(body.openapi, "3.1.0");
    assert(body.paths["/v1/vms/{name}/start"].post.responses["409"]);
    assertEquals(body.components.schemas.Vm.properties.state.enum, ["created", "running", "paused", "ended"]);
    const { body: schema } = await api.json("GET", "/v1/schemas/machine");
    assertEquals(schema.additionalProperties, false);
  }));

Deno.test("registers are read of a VM that is held, by name; its statistics at any time", () =>
  withApi(async (api) => {
    await api.create("spin", { name: "spin", cpus: 2 });
    const registers = (query: string) => api.json("GET", `/v1/vms/spin/registers?${query}`);
    assertEquals((await registers("names=PC,X1")).body, { PC: "0x40080000", X1: "0x0" });
    assert("SCTLR_EL1" in (await registers("vcpu=1")).body);
    const refusals = { "names=PX": "PX", "vcpu=2": "0 to 1", "names=V0": "V0" };
    for (const [query, says] of Object.entries(refusals)) {
      const { status, body } = await registers(query);
      assertEquals(status, 400);
      assertStringIncludes(body.error.message, says);
    }
    await api.json("POST", "/v1/vms/spin/start");
    assertEquals((await registers("names=PC")).body.error.field, "state");
    await (await api.request("GET", "/v1/vms/spin/console?follow=true")).body!.getReader().read();
    const { body } = await api.json("GET", "/v1/vms/spin/stats");
    const { user, system } = body.cpuSeconds;
    assert(body.guestSeconds > 0 && body.guestSeconds < user + system, JSON.stringify(body));
    assert(body.instructions > 0 && body.counts.mmio["pl011@9000000"] > 0, JSON.stringify(body));
    const metrics = await (await api.request("GET", "/metrics")).text();
    assertMatch(metrics, /^velum_vm_exits_total\{vm="spin",vcpu="0",reason="KVM_EXIT_MMIO"\} [1-9]/m);
    assertMatch(metrics, /^velum_vm_guest_seconds_total\{vm="spin"\} 0\.\d+$/m);
    assertMatch(metrics, /^velum_vm_state\{vm="spin",state="running"\} 1$/m);
  }));

Deno.test("a host and a negotiation are asked without a VM", () =>
  withApi(async (api) => {
    const host = { backend: "interpreter", host: "neoverse-v2" };
    const { body: report } = await api.json("GET", `/v1/host?${new URLSearchParams(host)}`);
    assertEquals([report.schema, report.vectorLengths], ["velum/host-report/1", [128]]);
    const negotiate = async (sve: string) =>
      (await api.json("POST", "/v1/negotiations", { ...host, features: { sve } })).body;
    assertEquals((await negotiate("auto")).plan.vectorLengths, [128]);
    assertEquals((await negotiate("128,256")).refusals[0].field, "sve");
    assertEquals((await api.json("GET", "/v1/host?host=../x")).status, 400);
    assertEquals((await api.json("GET", "/v1/host?backend=interpreter&host=nobody")).status, 400);
  }));

Deno.test("a transcript is kept where the configuration asks for one", () =>
  withApi(async (api) => {
    await api.create("hello", { name: "told", transcript: true });
    await api.create("hello", { name: "untold" });
    const lines = (await (await api.request("GET", "/v1/vms/told/transcript")).text()).trim().split("\n");
    assert(lines.map((line) => JSON.parse(line).ioctl).includes("KVM_CREATE_VM"));
    assertEquals((await api.json("GET", "/v1/vms/untold/transcript")).body.error.field, "transcript");
  }));
