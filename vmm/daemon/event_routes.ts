// The API's events, as server-sent events (WHATWG HTML, "Server-sent events").

import { z } from "zod";
import type { EventLog, VmEvent } from "./event_log.ts";
import { accessToken, createApp, createRoute, problems, vmParams } from "./routes.ts";
import type { Vms } from "./vms.ts";

const answer = {
  description:
    "`state`, `panic`, `exits` (counts by kind, when a run is paused or ends) and `deleted` events with data in JSON; `missed` where the client was away too long",
  content: { "text/event-stream": { schema: z.string() } },
};
const headers = z.object({ "last-event-id": z.string().max(64).optional() });
const query = z.strictObject({
  follow: z.enum(["true", "false"]).optional().describe("false: end after what has happened so far"),
  ...accessToken,
});

const all = createRoute({
  method: "get",
  path: "/v1/events",
  summary: "Tells what happens to every VM",
  description: "What is still kept of the past comes first, after the event that Last-Event-ID names.",
  request: { headers, query },
  responses: { 200: answer, 400: problems[400] },
});

const ofOne = createRoute({
  method: "get",
  path: "/v1/vms/{name}/events",
  summary: "Tells what happens to a VM",
  request: { params: vmParams, headers, query },
  responses: { 200: answer, ...problems },
});

export function eventRoutes(vms: Vms) {
  const app = createApp();
  app.openapi(
    all,
    (c) => stream(vms.events, c.req.valid("header")["last-event-id"], undefined, c.req.valid("query")),
  );
  app.openapi(ofOne, (c) => {
    const { name } = vms.get(c.req.valid("param").name);
    return stream(vms.events, c.req.valid("header")["last-event-id"], name, c.req.valid("query"));
  });
  return app;
}

const piece = 64;

function stream(
  log: EventLog,
  lastId: string | undefined,
  vm: string | undefined,
  { follow }: z.infer<typeof query>,
): Response {
  const cancelled = new AbortController();
  const encoder = new TextEncoder();
  const last = follow === "false" ? log.next : Infinity;
  let next = afterId(log, lastId);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      while (!cancelled.signal.aborted) {
        const missed = Math.max(0, log.first - next);
        const events = log.from(next, piece);
        next = (events.at(-1)?.number ?? next - 1) + 1;
        const shown = events.filter((event) => vm === undefined || event.vm === vm);
        const text = (missed ? `event: missed\ndata: {"events":${missed}}\n\n` : "") +
          shown.map((event) => format(log.life, event)).join("");
        if (text) return controller.enqueue(encoder.encode(text));
        if (next >= last) return controller.close();
        if (events.length === 0) await log.bell.next(cancelled.signal);
      }
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
  });
}

/** The number of the event after the one that a client saw last; an id of another life of the daemon has seen none. */
function afterId({ life, first }: EventLog, id: string | undefined): number {
  const [ofLife, number] = id?.split(".") ?? [];
  return ofLife === life && /^\d{1,15}$/.test(number ?? "") ? Number(number) + 1 : first;
}

const format = (life: string, { number, time, vm, type, data }: VmEvent) =>
  `id: ${life}.${number}\nevent: ${type}\ndata: ${JSON.stringify({ time, vm, ...data })}\n\n`;
