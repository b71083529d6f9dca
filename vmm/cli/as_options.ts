// --as: how another monitor is asked for the same vcpu.

import { RequestError } from "../kvm/request_error.ts";
import { optionsAs, parseTool, type Tool, type VcpuOnHost } from "../lab/other_monitors.ts";
import type { Given, Options } from "./options.ts";

export const asOptions: Options = {
  as: {
    value: "MONITOR",
    help: "print the options that give the same vcpu in qemu or kvmtool, and nothing else",
  },
};

/** The monitor asked for. Throws RequestError. */
export function toolOf(given: Given): Tool | undefined {
  if (!given.has("as")) return undefined;
  const other = ["vcpu", "steps"].find((option) => given.has(option));
  if (other) {
    throw new RequestError(
      other,
      `--as prints options for vcpus that are all alike, and nothing else; leave out --${other}`,
    );
  }
  return parseTool(given.one("as")!);
}

/** The options on stdout; on stderr, a sentence for each thing that the monitor has none for. */
export function printAs(given: Given, tool: Tool, vcpu: VcpuOnHost) {
  const options = optionsAs(tool, vcpu);
  if (given.has("json")) return console.log(JSON.stringify({ monitor: tool, ...options }, null, 2));
  console.log(options.arguments.join(" "));
  options.cannot.forEach((sentence) => console.error(`velum: ${sentence}`));
}
