// The options of run that say what to watch of the guest, and where to write it.

import { traceKinds } from "../kvm/trace.ts";
import type { Options } from "./options.ts";

export const traceOptions: Options = {
  trace: {
    value: "EVENTS",
    help: `tell what happens: ${traceKinds.join(", ")}, separated by commas`,
  },
  "trace-to": { value: "FILE", help: "write the trace there, and not on stderr" },
  "trace-format": {
    value: "FORMAT",
    help: "text or json (a JSON object a line); a FILE ending in .jsonl has json",
  },
  "trace-from": { value: "ADDRESS", help: "trace nothing before the guest comes to this address or symbol" },
  "trace-limit": { value: "N", help: "trace so many events at most" },
};
