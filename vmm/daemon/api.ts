// The API, whole: its routes, its document, and what is said of requests that it does not take.

import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { machineJsonSchema } from "./machine_configuration_schema.ts";
import { ApiError } from "./api_error.ts";
import { consoleRoutes } from "./console_routes.ts";
import { eventRoutes } from "./event_routes.ts";
import { hostRoutes } from "./host_routes.ts";
import { registerRoutes } from "./register_routes.ts";
import { createApp } from "./routes.ts";
import { statsRoutes } from "./stats_routes.ts";
import { vmRoutes } from "./vm_routes.ts";
import type { Vms } from "./vms.ts";

export const apiVersion = "1.0.0";
/** Bytes of a request's body. */
const largestBody = 1 << 20;
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Handles requests, without any socket. */
export function createApi(vms: Vms) {
  const app = createApp();
  app.use(bodyLimit({
    maxSize: largestBody,
    onError: () => {
      throw new ApiError(413, "body", `a request's body has at most ${largestBody} bytes`);
    },
  }));
  app.route("/", vmRoutes(vms));
  app.route("/", consoleRoutes(vms));
  app.route("/", eventRoutes(vms));
  app.route("/", registerRoutes(vms));
  app.route("/", statsRoutes(vms));
  app.route("/", hostRoutes());
  app.get("/v1/schemas/machine", (c) => c.json(machineJsonSchema()));
  app.get("/openapi.json", (c) => c.json(app.getOpenAPI31Document(documentHead)));
  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = methods.filter((other) =>
      app.router.match(other, path)[0].some(([[, route]]) => route.method === other)
    );
    if (allowed.length === 0) {
      throw new ApiError(404, "path", `there is nothing at ${path}; /openapi.json lists what there is`);
    }
    c.header("Allow", allowed.join(", "));
    throw new ApiError(405, "method", `${path} takes ${allowed.join(" and ")}, not ${method}`);
  });
  app.onError((error, c) => {
    const { status, field, message } = asApiError(error);
    return c.json({ error: { field, message } }, status);
  });
  return app;
}

const documentHead = {
  openapi: "3.1.0",
  info: { title: "Velum", version: apiVersion, description: "Virtual machines for arm64 guests." },
};

function asApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError(400, "body", "the body is not JSON");
  }
  console.error(error);
  return new ApiError(500, "daemon", `the daemon made a mistake: ${error.message}`);
}
