// velum inspect: all that the daemon knows of a VM.

import { clientOf, clientOptions, vmNames } from "./daemon_options.ts";
import type { Command, Given } from "./options.ts";

export const inspect: Command = {
  operands: "NAME...",
  options: clientOptions,
  run: inspectVms,
};

async function inspectVms(given: Given): Promise<number> {
  const names = vmNames(given);
  using client = clientOf(given);
  console.log(JSON.stringify(await Promise.all(names.map(client.vm)), null, 2));
  return 0;
}
