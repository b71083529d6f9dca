// The process that is kept ready for the next VM.

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { endProcess, VmProcesses } from "../../../vmm/daemon/vm_processes.ts";
import { withApi } from "./api.ts";
import { startDaemon, withFolder } from "./daemon_process.ts";
import { childrenOf } from "./load.ts";

const tiny = { guest: "exit", backend: "interpreter" } as const;

/** Resolves when there is no such process. */
const gone = async (pid: number) =>
  void await new Deno.Command("tail", { args: [`--pid=${pid}`, "-f", "/dev/null"] }).output();

/** Runs `body` with processes of which none is left afterwards. */
async function withProcesses(seconds: number, body: (processes: VmProcesses) => Promise<void>) {
  const processes = new VmProcesses(seconds);
  try {
    await body(processes);
  } finally {
    await processes.close();
  }
}

/** Starts such a process and ends it; its number. */
async function takeAndEnd(processes: VmProcesses, configuration: Parameters<VmProcesses["take"]>[0]) {
  const child = processes.take(configuration);
  await endProcess(child);
  return child.pid;
}

Deno.test("the next VM like the last has the process that waits, and its guest runs in it", () =>
  withApi(async (api) => {
    await api.create("hello", { name: "first" });
    for (const name of ["second", "third"]) {
      const waiting = api.vms.processes.waiting;
      assert(waiting);
      assertEquals((await api.create("hello", { name })).pid, waiting);
      await api.json("POST", `/v1/vms/${name}/start`);
      assertEquals((await api.consoleUntilEnd(name)).includes("hello"), true);
    }
  }, { standbySeconds: 600 }));

Deno.test("a VM that may do something else has a process of its own, and one that writes files leaves none ready", () =>
  withFolder(async (folder) => {
    const path = join(folder, "disk.img");
    Deno.writeFileSync(path, new Uint8Array(512));
    await withProcesses(600, async (processes) => {
      const reader = await takeAndEnd(processes, { ...tiny, drives: [{ path, readOnly: true }] });
      const waiting = processes.waiting!;
      assert(reader !== waiting);
      assert(await takeAndEnd(processes, { ...tiny, drives: [{ path }] }) !== waiting);
      assertEquals(processes.waiting, waiting);
      assert(await takeAndEnd(processes, tiny) !== waiting);
      await gone(waiting);
    });
  }));

Deno.test("a process that waits in vain goes after its time", () =>
  withProcesses(0.05, async (processes) => {
    const taken = processes.take(tiny);
    await gone(processes.waiting!);
    assertEquals(processes.waiting, undefined);
    await endProcess(taken);
  }));

Deno.test("a process that waits ends when it is asked to", () =>
  withProcesses(600, async (processes) => {
    const taken = processes.take(tiny);
    const waiting = processes.waiting!;
    Deno.kill(waiting, "SIGTERM");
    await gone(waiting);
    await endProcess(taken);
  }));

Deno.test("where the process that waits dies, the next VM has another", () =>
  withProcesses(600, async (processes) => {
    await takeAndEnd(processes, tiny);
    const waiting = processes.waiting!;
    Deno.kill(waiting, "SIGKILL");
    await gone(waiting);
    assert(await takeAndEnd(processes, tiny) !== waiting);
  }));

Deno.test("no process is kept ready with --standby 0, and none outlives the daemon", () =>
  withFolder(async (folder) => {
    for (const [seconds, count] of [["0", 1], ["600", 2]] as const) {
      const daemon = await startDaemon(folder, "--standby", seconds);
      await daemon.curl("/v1/vms", "--data", JSON.stringify(tiny));
      const children = childrenOf(daemon.process.pid);
      assertEquals(children.length, count);
      assertEquals(await daemon.leave(), 0);
      await Promise.all(children.map(gone));
    }
  }));
