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

Deno.test("a VM that cannot be saved is not made, and what was saved before is whole", () =>
  withFolder((folder) => {
    const state = new StateFolder(join(folder, "state"));
    state.save(record("one"));
    return withApi(async (api) => {
      // In place of a full disk: where the file would be written, something is that cannot be replaced.
      Deno.mkdirSync(join(folder, "state", "two.json.new", "full"), { recursive: true });
      const { status, body } = await api.json("POST", "/v1/vms", {
        name: "two",
        memory: "16M",
        backend: "interpreter",
      });
      assertEquals([status, body.error.field], [507, "state"]);
      assertEquals((await api.json("GET", "/v1/vms")).body.map(({ name }: { name: string }) => name), [
        "one",
      ]);
      assertThrows(() => state.save(record("two")), ApiError, "cannot be saved");
    }, { state });
  }));
