// Guests by the dozen: what they were given is given back. The benchmark of the daemon does the same with hundreds.

import { assert, assertEquals } from "@std/assert";
import { Client } from "../../../vmm/daemon/client.ts";
import { startDaemon, withFolder } from "./daemon_process.ts";
import { belongingsOf, liveAndDie, startIdle } from "./load.ts";

Deno.test("guests that lived and were removed leave no descriptor and no process", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    using client = new Client(daemon.socket);
    const { pid } = daemon.process;
    await liveAndDie(client, "first");
    const before = belongingsOf(pid);
    for (let n = 0; n < 6; n++) await liveAndDie(client, `guest-${n}`);
    const after = belongingsOf(pid);
    assertEquals(after.children, before.children);
    assert(
      after.descriptors <= before.descriptors,
      `${before.descriptors} descriptors became ${after.descriptors}`,
    );
    assertEquals(await client.vms(), []);
    assertEquals(await daemon.leave(), 0);
  }));

Deno.test("requests are answered while several guests spin", () =>
  withFolder(async (folder) => {
    const daemon = await startDaemon(folder);
    using client = new Client(daemon.socket);
    const names = Array.from({ length: 4 }, (_, n) => `spin-${n}`);
    await Promise.all(names.map((name) => startIdle(client, name)));
    const states = (await client.vms()).map(({ state }) => state);
    assertEquals(states, names.map(() => "running"));
    const standby = 1;
    assertEquals(belongingsOf(daemon.process.pid).children, names.length + standby);
    assertEquals(await daemon.leave(), 0);
  }));
