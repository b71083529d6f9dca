// What outlives the daemon, and what it does where that cannot be written.

import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ApiError } from "../../../vmm/daemon/api_error.ts";
import { StateFolder } from "../../../vmm/daemon/state_folder.ts";
import type { VmRecord } from "../../../vmm/daemon/vm.ts";
import { withApi } from "./api.ts";
import { withFolder } from "./daemon_process.ts";

const record = (name: string, more: Partial<VmRecord> = {}): VmRecord => ({
  name,
  configuration: { guest: "hello" },
  created: "2026-01-01T00:00:00.000Z",
  state: "created",
  runs: 0,
  started: null,
  ended: null,
  ending: null,
  ...more,
});

Deno.test("what is saved is read again; a run that was never seen to end died with its daemon", () =>
  withFolder((folder) => {
    const state = new StateFolder(folder);
    const ended = record("ended", { state: "ended", runs: 1, ending: { kind: "exit", status: 3 } });
    [record("new"), ended, record("running", { state: "running", runs: 1 })].forEach((one) =>
      state.save(one)
    );
    Deno.writeTextFileSync(join(folder, "half.json.new"), "{");
    Deno.writeTextFileSync(join(folder, "bad.json"), "{");
    const died = { state: "ended", runs: 1, ending: { kind: "died", reason: "the daemon died" } } as const;
    assertEquals(new StateFolder(folder).load(), [ended, record("new"), record("running", died)]);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(left, ["bad.json", "ended.json", "new.json", "running.json"]);
    return Promise.resolve();
  }));

/** The next time that a VM's state is saved, there is no space: what is written goes to a device that is always full. */
const fillDisk = (folder: string, name: string) =>
  Deno.symlinkSync("/dev/full", join(folder, "state", `${name}.json.new`));

Deno.test("a VM that cannot be saved is not made, and what was saved before is whole", () =>
  withFolder((folder) => {
    const state = new StateFolder(join(folder, "state"));
    state.save(record("one"));
    return withApi(async (api) => {
      fillDisk(folder, "two");
      const { status, body } = await api.json("POST", "/v1/vms", {
        name: "two",
        memory: "16M",
        backend: "interpreter",
      });
      assertEquals([status, body.error.field], [507, "state"]);
      assertEquals((await api.json("GET", "/v1/vms")).body.map(({ name }: { name: string }) => name), [
        "one",
      ]);
      fillDisk(folder, "two");
      assertThrows(() => state.save(record("two")), ApiError, "cannot be saved");
    }, { state });
  }));

Deno.test("a VM whose changes a full disk does not take runs on, and its last state on disk is whole", () =>
  withFolder((folder) => {
    const state = new StateFolder(join(folder, "state"));
    return withApi(async (api) => {
      await api.create("echo", { name: "echo" });
      for (let run = 1; run <= 2; run++) {
        fillDisk(folder, "echo");
        assertEquals((await api.json("POST", "/v1/vms/echo/start")).body.runs, run);
        await api.consoleUntil("echo", "echo: type something");
        fillDisk(folder, "echo");
        await api.json("POST", "/v1/vms/echo/console", new TextEncoder().encode("exit 3\n"));
        await api.consoleUntilEnd("echo");
        assertEquals((await api.json("GET", "/v1/vms/echo")).body.ending, { kind: "exit", status: 3 });
      }
      assertEquals(state.load().map(({ name, state, runs }) => [name, state, runs]), [[
        "echo",
        "created",
        0,
      ]]);
    }, { state });
  }));
