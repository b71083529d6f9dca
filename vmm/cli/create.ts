// velum create: makes a VM in the daemon.

import { clientOf, clientOptions } from "./daemon_options.ts";
import { machineConfigurationOf, machineFileOptions } from "./machine_file.ts";
import type { Command, Given } from "./options.ts";
import type { VmBody } from "../daemon/schemas.ts";

export const create: Command = {
  operands: "[GUEST]",
  options: {
    ...machineFileOptions,
    name: { value: "NAME", help: "what the VM is called; else the daemon finds a name" },
    start: { help: "start it too" },
    schema: { help: "print the JSON Schema of a configuration, and make nothing" },
    ...clientOptions,
  },
  notes: ["Prints the VM's name."],
  run: createVm,
};

async function createVm(given: Given): Promise<number> {
  if (given.has("schema")) {
    const { machineJsonSchema } = await import("../daemon/machine_configuration_schema.ts");
    console.log(JSON.stringify(machineJsonSchema(), null, 2));
    return 0;
  }
  const configuration = await machineConfigurationOf(given);
  using client = clientOf(given);
  const named = { ...configuration, ...given.has("name") && { name: given.one("name") } };
  let vm = await client.json<VmBody>("POST", "/v1/vms", named);
  if (given.has("start")) vm = await client.json("POST", `/v1/vms/${vm.name}/start`);
  console.log(given.has("json") ? JSON.stringify(vm, null, 2) : vm.name);
  return 0;
}
