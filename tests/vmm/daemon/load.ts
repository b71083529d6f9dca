// Many tiny guests in a daemon, one after the other and all at once, and what the daemon's process has meanwhile.

import { Client, vmPath } from "../../../vmm/daemon/client.ts";

const machine = (name: string, guest: string) => ({ name, guest, memory: "16M", backend: "interpreter" });

/** Creates a VM and starts it; returns what its console says after its first output. */
async function startHeard(client: Client, name: string, guest: string) {
  await client.json("POST", "/v1/vms", machine(name, guest));
  await client.json("POST", vmPath(name, "start"));
  const console = await client.request("GET", vmPath(name, "console?follow=true"));
  const reader = console.body!.getReader();
  await reader.read();
  return reader;
}

/** Creates a VM, runs it to its end and removes it; returns the milliseconds to its first output. */
export async function liveAndDie(client: Client, name: string): Promise<number> {
  const before = performance.now();
  const reader = await startHeard(client, name, "hello");
  const took = performance.now() - before;
  // It is followed until the run has ended.
  while (!(await reader.read()).done);
  await client.request("DELETE", vmPath(name));
  return took;
}

export async function startIdle(client: Client, name: string) {
  await (await startHeard(client, name, "spin")).cancel();
}

export interface Belongings {
  readonly descriptors: number;
  readonly children: number;
}

/** What a process holds (Linux manual page proc_pid_fd(5)). */
export const belongingsOf = (pid: number): Belongings => ({
  descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  children: childrenOf(pid).length,
});

/** The processes that it has started (Linux manual page proc_tid_children(5)). */
export const childrenOf = (pid: number): number[] =>
  [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter(Boolean).map(Number)
  );
