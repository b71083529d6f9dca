// velum start, pause, resume, stop, reset: what changes a VM's state. The last word is the daemon's.

import { type Client, vmPath } from "../daemon/client.ts";
import type { VmBody } from "../daemon/schemas.ts";
import { clientOf, clientOptions, vmNames } from "./daemon_options.ts";
import type { Command, Given } from "./options.ts";

const change = (verb: string, summary: string): Command => ({
  summary,
  operands: "NAME...",
  options: clientOptions,
  run: (given) => forEachVm(given, (client, name) => client.json<VmBody>("POST", vmPath(name, verb))),
});

export const start = change("start", "starts VMs that are created or ended");
export const pause = change("pause", "holds every vcpu of VMs");
export const resume = change("resume", "lets paused VMs run on");
export const stop = change("stop", "ends the run of VMs");
export const reset = change("reset", "begins a new run of VMs, and ends the one there is");

export const rm: Command = {
  summary: "deletes VMs",
  operands: "NAME...",
  options: { force: { help: "stop them first" }, ...clientOptions },
  run: (given) =>
    forEachVm(given, async (client, name) => {
      await client.request("DELETE", vmPath(name) + (given.has("force") ? "?force=true" : ""));
      return { name, state: "deleted" };
    }),
};

/** Goes on after a VM for which it fails; that one is told on stderr, and the exit status is 2. */
async function forEachVm(
  given: Given,
  act: (client: Client, name: string) => Promise<{ name: string }>,
): Promise<number> {
  const names = vmNames(given);
  using client = clientOf(given);
  const outcomes = await Promise.allSettled(names.map((name) => act(client, name)));
  const done = outcomes.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
  const failed = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as Error] : []
  );
  if (given.has("json")) console.log(JSON.stringify(done, null, 2));
  else done.forEach(({ name }) => console.log(name));
  const [first, ...more] = failed;
  more.forEach(({ message }) => console.error(`velum: ${message}`));
  if (first) throw first;
  return 0;
}
