// velum logs: what a VM's guest wrote on its console.

import { vmPath } from "../daemon/client.ts";
import { clientOf, clientOptions, vmName } from "./daemon_options.ts";
import type { Command, Given } from "./options.ts";

export const logs: Command = {
  operands: "NAME",
  options: {
    follow: { short: "f", help: "go on until its run ends" },
    offset: { value: "BYTES", help: "begin at this offset; else with the oldest byte kept" },
    ...clientOptions,
  },
  run: printLogs,
};

async function printLogs(given: Given): Promise<number> {
  const name = vmName(given);
  using client = clientOf(given);
  const query = new URLSearchParams({
    ...given.has("offset") && { offset: given.one("offset")! },
    ...given.has("follow") && { follow: "true" },
  });
  const response = await client.request("GET", `${vmPath(name, "console")}?${query}`);
  const header = (name: string) => Number(response.headers.get(name));
  if (given.has("json")) {
    const text = await response.text();
    console.log(
      JSON.stringify({ offset: header("Velum-Offset"), dropped: header("Velum-Dropped"), text }, null, 2),
    );
    return 0;
  }
  const offset = header("Velum-Offset");
  if (offset > 0 && !given.has("offset")) console.error(`velum: the first ${offset} bytes are kept no more`);
  await response.body!.pipeTo(Deno.stdout.writable, { preventClose: true });
  return 0;
}
