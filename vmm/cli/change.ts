// velum start, pause, resume, press, stop, reset, rm: what changes a VM's state. The last word is the daemon's.

import { type Client, vmPath } from "../daemon/client.ts";
import { grace } from "../daemon/waiting_times.ts";
import type { VmBody } from "../daemon/schemas.ts";
import { clientOf, clientOptions, secondsOf, vmNames } from "./daemon_options.ts";
import type { Command, Given } from "./options.ts";

const change = (verb: string): Command => ({
  operands: "NAME...",
  options: clientOptions,
  run: (given) => forEachVm(given, (client, name) => client.json<VmBody>("POST", vmPath(name, verb))),
});

export const start = change("start");
export const pause = change("pause");
export const resume = change("resume");
export const press = change("press");
export const reset = change("reset");

export const stop: Command = {
  operands: "NAME...",
  options: {
    grace: {
      value: "SECONDS",
      help:
        `that a guest has to end by itself (${grace.usual}); 0 stops it at once, as one that does not listen`,
    },
    ...clientOptions,
  },
  notes: ["A guest is asked by its power button, for which it needs a driver: Linux has gpio-keys."],
  run: (given) => {
    const seconds = secondsOf(given, "grace", grace);
    return forEachVm(
      given,
      (client, name) => client.json<VmBody>("POST", `${vmPath(name, "stop")}?grace=${seconds}`),
    );
  },
};

export const rm: Command = {
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
