// What a VM's process may do: the least that its backend and its files need.

import { fromFileUrl } from "@std/path";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import { mayBeKvm, soleIsolate } from "../machine/isolates.ts";
import { vcpusOf } from "./machine_options.ts";
import { pathsOf } from "./machine_paths.ts";

/** Of each isolate, for objects that are new: without a bound it comes to some 15 MiB in every VM's process. */
const youngSpaceMiB = 1;

/** Where Velum's own files are. */
const root = fromFileUrl(new URL("../../", import.meta.url));
const script = new URL("./vm_process.ts", import.meta.url);

/** The arguments with which Deno runs the process of such a VM. */
export function vmProcessArguments(configuration: MachineConfiguration): string[] {
  const written = filesWritten(configuration);
  const own = ["vmm", "devices", "guest"].map((part) => root + part);
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    `--v8-flags=--max-semi-space-size=${youngSpaceMiB}`,
    allow("read", [...own, ...pathsOf(configuration).map(([, path]) => path)]),
    ...written.length ? [allow("write", written)] : [],
    ...mayBeKvm(configuration.backend) ? ["--allow-ffi"] : [],
    script.href,
    ...isolatesAhead(configuration),
  ];
}

/** Of vm_process.ts. */
function isolatesAhead(configuration: MachineConfiguration): string[] {
  if (mayBeKvm(configuration.backend)) return [];
  const isolate = soleIsolate(vcpusOf(configuration), configuration.deterministic ?? false);
  return isolate === undefined ? [] : [isolate];
}

/** Deno separates paths with commas, and has no way to write one in a path. */
export const canBeAllowed = (path: string) => !path.includes(",");

const allow = (what: string, paths: readonly string[]) => `--allow-${what}=${paths.join(",")}`;

export const writesFiles = (configuration: MachineConfiguration) => filesWritten(configuration).length > 0;

function filesWritten({ firmware, drives = [] }: MachineConfiguration): string[] {
  const { program, programIsKept = false, variables, variablesAreKept = true } = firmware ?? {};
  return [programIsKept ? program : undefined, variablesAreKept ? variables : undefined]
    .concat(drives.filter(({ readOnly = false }) => !readOnly).map(({ path }) => path))
    .filter((path) => path !== undefined);
}
