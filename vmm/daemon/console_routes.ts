// The API's consoles: what the guest wrote, from any offset; what is typed to it; both at once over a WebSocket.

import { z } from "zod";
import { attachConsole } from "./console_socket.ts";
import { followLog } from "./console_stream.ts";
import { ApiError } from "./api_error.ts";
import type { ByteLog } from "./byte_log.ts";
import { accessToken, createApp, createRoute, json, problems, vmParams } from "./routes.ts";
import type { Vm } from "./vm.ts";
import type { Vms } from "./vms.ts";

/** Bytes that one request can type. */
const mostTyped = 1 << 16;

const readQuery = z.strictObject({
  offset: z.coerce.number().int().min(0).optional().describe(
    "of the first byte wanted; the oldest if not given",
  ),
  limit: z.coerce.number().int().min(0).optional().describe("bytes at most"),
  follow: z.enum(["true", "false"]).optional().describe("true: go on until the run ends"),
});

const bytes = z.string().meta({ format: "binary" });
const offsetHeader = (description: string) => ({ schema: { type: "integer" as const }, description });

const logAnswer = (what: string) => ({
  description: what,
  content: { "application/octet-stream": { schema: bytes } },
  headers: {
    "Velum-Offset": offsetHeader("of the first byte of the body"),
    "Velum-Dropped": offsetHeader("bytes that were asked for and are kept no more"),
    "Velum-End": offsetHeader("of the byte that comes next"),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/vms/{name}/console",
  summary: "Reads what the guest wrote on its console",
  request: { params: vmParams, query: readQuery },
  responses: { 200: logAnswer("the console's bytes"), ...problems },
});

const transcript = createRoute({
  method: "get",
  path: "/v1/vms/{name}/transcript",
  summary: "Reads the calls to KVM, a JSON object a line",
  description: "Where the configuration has `transcript`. What is kept may begin within a line.",
  request: { params: vmParams, query: readQuery },
  responses: { 200: logAnswer("the transcript's bytes"), ...problems },
});

const type = createRoute({
  method: "post",
  path: "/v1/vms/{name}/console",
  summary: "Types on the guest's console",
  request: {
    params: vmParams,
    body: { required: true, content: { "application/octet-stream": { schema: bytes } } },
  },
  responses: {
    200: json(
      z.object({ accepted: z.int().describe("bytes that there was room for; type the rest later") }),
      "typed",
    ),
    ...problems,
  },
});

const attach = createRoute({
  method: "get",
  path: "/v1/vms/{name}/attach",
  summary: "Opens the console as a WebSocket",
  description:
    "Binary messages are the console's bytes, either way. Text messages are JSON from the daemon: " +
    "`{offset}` first, `{dropped}` where bytes are missing, `{refused}` for typed bytes there was no room for, " +
    "`{ended}` last, with how the run ended.",
  request: { params: vmParams, query: z.strictObject({ offset: readQuery.shape.offset, ...accessToken }) },
  responses: { 101: { description: "the WebSocket" }, ...problems },
});

export function consoleRoutes(vms: Vms) {
  const app = createApp();
  app.openapi(read, (c) => {
    const vm = vms.get(c.req.valid("param").name);
    return readLog(vm, vm.console, c.req.valid("query"));
  });
  app.openapi(transcript, (c) => {
    const vm = vms.get(c.req.valid("param").name);
    if (!vm.configuration.transcript) {
      throw new ApiError(
        409,
        "transcript",
        `the VM "${vm.name}" has no transcript: its configuration asks for none`,
      );
    }
    return readLog(vm, vm.transcript, c.req.valid("query"));
  });
  app.openapi(type, async (c) => {
    const vm = vms.get(c.req.valid("param").name);
    const typed = new Uint8Array(await c.req.arrayBuffer());
    if (typed.length > mostTyped) {
      throw new ApiError(413, "body", `at most ${mostTyped} bytes are typed at once`);
    }
    return c.json(await vm.query("type", { input: typed.toBase64() }, "running", "paused"), 200);
  });
  app.openapi(attach, (c) => {
    const vm = vms.get(c.req.valid("param").name);
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new ApiError(400, "Upgrade", "this is a WebSocket; the console's bytes are at console");
    }
    return attachConsole(vm, c.req.raw, c.req.valid("query").offset ?? vm.console.start);
  });
  return app;
}

function readLog(vm: Vm, log: ByteLog, { offset, limit, follow }: z.infer<typeof readQuery>): Response {
  const asked = offset ?? log.start;
  if (asked > log.end) {
    throw new ApiError(
      400,
      "offset",
      `there are ${log.end} bytes so far, and offset ${asked} is beyond them`,
    );
  }
  const start = Math.max(asked, log.start);
  const headers = {
    "Content-Type": "application/octet-stream",
    "Velum-Offset": String(start),
    "Velum-Dropped": String(start - asked),
    "Velum-End": String(log.end),
  };
  if (follow === "true") return new Response(followLog(log, start, () => vm.state === "ended"), { headers });
  return new Response(log.read(start, limit).bytes, { headers });
}
