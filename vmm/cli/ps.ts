// velum ps: the daemon's VMs.

import type { VmBody } from "../daemon/schemas.ts";
import { clientOf, clientOptions } from "./daemon_options.ts";
import { describeEnding } from "./ending_text.ts";
import type { Command, Given } from "./options.ts";
import { formatTable } from "./table.ts";

export const ps: Command = {
  options: { quiet: { short: "q", help: "names alone, one a line" }, ...clientOptions },
  run: listVms,
};

async function listVms(given: Given): Promise<number> {
  using client = clientOf(given);
  const vms = await client.vms();
  if (given.has("quiet")) vms.forEach(({ name }) => console.log(name));
  else if (given.has("json")) console.log(JSON.stringify(vms, null, 2));
  else console.log(formatTable([["NAME", "STATE", "PID", "BACKEND", "GUEST"], ...vms.map(row)]));
  return 0;
}

function row({ name, state, ending, pid, backend, configuration }: VmBody): (string | number)[] {
  const { kernel, firmware, guest = "hello" } = configuration;
  const how = ending ? `${state}: ${describeEnding(ending)}` : state;
  return [name, how, pid ?? "-", backend ?? "-", kernel ?? firmware?.program ?? guest];
}
