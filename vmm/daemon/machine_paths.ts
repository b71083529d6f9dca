// The paths in a machine's configuration.

import { join } from "@std/path";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";

/** Each path with the name of its member. A host that is a file has a dot in its name. */
export function pathsOf(configuration: MachineConfiguration): (readonly [string, string])[] {
  const { kernel, initrd, deviceTree, firmware, drives = [], host } = configuration;
  const named = {
    kernel,
    initrd,
    deviceTree,
    "firmware.program": firmware?.program,
    "firmware.variables": firmware?.variables,
    host: host?.includes(".") ? host : undefined,
  };
  return [
    ...Object.entries(named).flatMap(([field, path]) => path === undefined ? [] : [[field, path] as const]),
    ...drives.map(({ path }, n) => [`drives[${n}].path`, path] as const),
  ];
}

/** The same, with relative paths taken from `folder`. */
export function resolvePaths(configuration: MachineConfiguration, folder: string): MachineConfiguration {
  const { kernel, initrd, deviceTree, firmware, drives, host } = configuration;
  const at = (path: string) => path.startsWith("/") ? path : join(folder, path);
  return {
    ...configuration,
    ...kernel !== undefined && { kernel: at(kernel) },
    ...initrd !== undefined && { initrd: at(initrd) },
    ...deviceTree !== undefined && { deviceTree: at(deviceTree) },
    ...firmware && {
      firmware: {
        ...firmware,
        program: at(firmware.program),
        ...firmware.variables !== undefined && { variables: at(firmware.variables) },
      },
    },
    ...drives && { drives: drives.map((drive) => ({ ...drive, path: at(drive.path) })) },
    ...host?.includes(".") && { host: at(host) },
  };
}
