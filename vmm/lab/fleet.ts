// Hosts that a user names: reports in files, hosts that can be pretended, or this machine.

import type { Backend } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";
import { Kvm } from "../kvm/system.ts";
import { chooseBackend } from "../machine/backends.ts";
import type { FleetHost } from "./baseline.ts";
import { reportHost } from "./host_report.ts";
import { hostReportSchema } from "./host_report_schema.ts";
import { parseJsonInput } from "./json_input.ts";

/** What stands for this machine where a host is named. */
export const thisHost = "this";

const tellOnStderr = (sentence: string) => console.error(`velum: ${sentence}`);

/**
 * The backend of the host that is named: the one here, or one that the interpreter pretends. Throws RequestError.
 * @param tell is told if the interpreter takes this machine's place
 */
export function backendOfHost(name: string, tell = tellOnStderr): Backend {
  return name === thisHost ? chooseBackend("auto", undefined, tell) : chooseBackend("interpreter", name);
}

/** A KVM of that host. Throws RequestError. */
export const openHost = (name: string): Kvm => Kvm.open(backendOfHost(name));

/** Its report: as the file has it, or else asked for now. Throws RequestError. */
export function readHost(name: string): FleetHost {
  const text = reportText(name);
  if (text !== undefined) {
    return { name, report: parseJsonInput(hostReportSchema, text, "host", name, "a host's report") };
  }
  const kvm = openHost(name);
  try {
    return { name, report: reportHost(kvm) };
  } finally {
    kvm.close();
  }
}

/** The text of a file that holds a report; undefined for a host's name or a description of a host. */
function reportText(name: string): string | undefined {
  if (!/[./\\]/.test(name)) return undefined;
  try {
    const text = Deno.readTextFileSync(name);
    return /"schema"\s*:\s*"velum\/host-report/.test(text) ? text : undefined;
  } catch (error) {
    throw new RequestError("host", `the host's file ${name} cannot be read (${(error as Error).message})`);
  }
}
