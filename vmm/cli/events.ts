// velum events: what happens to VMs, as it happens.

import { EventSourceLines } from "../daemon/event_source_lines.ts";
import { vmPath } from "../daemon/client.ts";
import { clientOf, clientOptions, vmName } from "./daemon_options.ts";
import { describeEnding } from "./ending_text.ts";
import type { Command, Given } from "./options.ts";

export const events: Command = {
  operands: "[NAME]",
  options: { "no-follow": { help: "end after what has happened so far" }, ...clientOptions },
  notes: ["With --json: one JSON object a line."],
  run: printEvents,
};

async function printEvents(given: Given): Promise<number> {
  const path = given.operands.length ? vmPath(vmName(given), "events") : "/v1/events";
  using client = clientOf(given);
  const query = given.has("no-follow") ? "?follow=false" : "";
  const { body } = await client.request("GET", path + query);
  const lines = body!.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceLines());
  for await (const { type, data } of lines) {
    console.log(given.has("json") ? JSON.stringify({ type, ...data }) : sentence(type, data));
  }
  return 0;
}

function sentence(type: string, { time, vm, state, ending, ...rest }: Record<string, unknown>): string {
  const how = ending ? ` (${describeEnding(ending as Parameters<typeof describeEnding>[0])})` : "";
  const what = state === undefined
    ? `${type} ${Object.keys(rest).length ? JSON.stringify(rest) : ""}`.trim()
    : `${state}${how}`;
  return [time, vm, what].filter(Boolean).join(" ");
}
