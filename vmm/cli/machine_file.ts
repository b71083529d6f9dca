// A machine that a file describes, or a tiny guest in its place.

import { dirname } from "@std/path";
import type { MachineConfiguration } from "../daemon/machine_configuration_schema.ts";
import { RequestError } from "../kvm/request_error.ts";
import { readInputFile } from "./input_files.ts";
import type { Given, Options } from "./options.ts";

export const machineFileOptions: Options = {
  config: {
    value: "FILE",
    help: "the machine's configuration, a JSON file; paths in it are from its folder",
  },
};

/** Throws RequestError. */
export async function machineConfigurationOf(given: Given): Promise<MachineConfiguration> {
  const [guest, second] = given.operands;
  const file = given.one("config");
  if (second !== undefined) {
    throw new RequestError("guest", `one guest is wanted, and "${second}" is named too`);
  }
  if (guest !== undefined && file !== undefined) {
    throw new RequestError("guest", `both the guest "${guest}" and --config are given; give one of them`);
  }
  return file === undefined ? { guest: guest ?? "hello" } : await readMachineFile(file);
}

/** The configuration in a file, its paths absolute. Throws RequestError. */
export async function readMachineFile(file: string): Promise<MachineConfiguration> {
  const text = new TextDecoder().decode(readInputFile("config", file));
  const [{ parseMachineConfiguration }, { resolvePaths }] = await Promise.all([
    import("../daemon/machine_configuration_schema.ts"),
    import("../daemon/machine_paths.ts"),
  ]);
  return resolvePaths(parseMachineConfiguration("config", file, text), dirname(Deno.realPathSync(file)));
}
