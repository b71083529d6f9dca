// What options ask to be told of the guest.

import { RequestError } from "../kvm/request_error.ts";
import { type TraceKind, traceKinds } from "../kvm/trace.ts";
import type { TraceRequest } from "../machine/trace_output.ts";
import { targetOf } from "./backend_request.ts";
import type { Given } from "./options.ts";
import { parseCount } from "./quantities.ts";
import { traceOptions } from "./trace_options.ts";

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
