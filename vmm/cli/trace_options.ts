// The options of run that say what to watch of the guest, and where to write it.

import { RequestError } from "../kvm/request_error.ts";
import { type TraceKind, traceKinds } from "../kvm/trace.ts";
import type { TraceRequest } from "../machine/trace_output.ts";
import { targetOf } from "./common_options.ts";
import type { Given, Options } from "./options.ts";
import { parseCount } from "./quantities.ts";

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

/** Throws RequestError. */
export function traceOf(given: Given): TraceRequest | undefined {
  const events = given.one("trace");
  if (events === undefined) return withoutEvents(given);
  const limit = given.one("trace-limit");
  const from = given.one("trace-from");
  return {
    kinds: kindsOf(events),
    limit: limit === undefined ? undefined : parseCount("trace-limit", limit),
    from: from === undefined ? undefined : addressOf(from),
    target: targetOf(given, "trace", given.one("trace-to") ?? ""),
  };
}

function withoutEvents(given: Given): undefined {
  const other = Object.keys(traceOptions).find((name) => given.has(name));
  if (other === undefined) return undefined;
  throw new RequestError(
    other,
    `--${other} needs --trace, which says what to trace, as --trace=exception,irq`,
  );
}

function kindsOf(events: string): TraceKind[] {
  const names = events.split(",");
  const unknown = names.find((name) => !traceKinds.includes(name as TraceKind));
  if (unknown === undefined) return names as TraceKind[];
  throw new RequestError("trace", `"${unknown}" cannot be traced; ${traceKinds.join(", ")} can`);
}

/** A number, or the name of a symbol. */
function addressOf(text: string): bigint | string {
  if (!/^(0x[0-9a-f_]+|[0-9]+)$/i.test(text)) return text;
  return BigInt.asUintN(64, BigInt(text.replaceAll("_", "")));
}
