// The API's VMs: made, listed, steered, removed.

import { z } from "zod";
import { ApiError } from "./api_error.ts";
import { grace } from "./waiting_times.ts";
import { type MachineConfiguration, machineConfigurationSchema } from "./machine_configuration_schema.ts";
import { pathsOf } from "./machine_paths.ts";
import { createApp, createRoute, json, jsonBody, problems, vmAnswer, vmParams } from "./routes.ts";
import { describeVm, vmSchema } from "./schemas.ts";
import { canBeAllowed } from "./vm_permissions.ts";
import type { Vms } from "./vms.ts";

const list = createRoute({
  method: "get",
  path: "/v1/vms",
  summary: "Lists the VMs",
  responses: { 200: json(z.array(vmSchema), "every VM") },
});

const create = createRoute({
  method: "post",
  path: "/v1/vms",
  summary: "Makes a VM, ready to start",
  description: "Paths are absolute. Without a name it gets one.",
  request: { body: jsonBody(machineConfigurationSchema) },
  responses: { 201: json(vmSchema, "the VM"), ...problems },
});

const inspect = createRoute({
  method: "get",
  path: "/v1/vms/{name}",
  summary: "Tells all of a VM",
  request: { params: vmParams },
  responses: vmAnswer,
});

const remove = createRoute({
  method: "delete",
  path: "/v1/vms/{name}",
  summary: "Deletes a VM",
  request: {
    params: vmParams,
    query: z.strictObject({ force: z.enum(["true", "false"]).optional().describe("true: stop it first") }),
  },
  responses: { 204: { description: "it is gone" }, ...problems },
});

const changes = {
  start: "Begins a run of a VM that is created or ended",
  pause: "Holds every vcpu",
  resume: "Lets a paused VM run on",
  press: "Presses the power button, which asks the guest to end if it listens",
  reset: "Ends the run if there is one, and begins another",
} as const;

const stop = createRoute({
  method: "post",
  path: "/v1/vms/{name}/stop",
  summary: "Ends the run",
  description:
    "Asks the guest first, by its power button. One that listens has time to end by itself; one that does not, or " +
    "is paused, is stopped at once. A second stop hurries the first if it gives no time.",
  request: {
    params: vmParams,
    query: z.strictObject({
      grace: z.coerce.number().min(0).max(grace.most).optional().describe(
        `seconds that the guest has to end by itself; ${grace.usual} if left out`,
      ),
    }),
  },
  responses: vmAnswer,
});

export function vmRoutes(vms: Vms) {
  const app = createApp();
  app.openapi(list, (c) => c.json(vms.list().map(describeVm), 200));
  app.openapi(create, async (c) => {
    const configuration = c.req.valid("json");
    checkPaths(configuration);
    const vm = await vms.create(configuration);
    c.header("Location", `/v1/vms/${vm.name}`);
    return c.json(describeVm(vm), 201);
  });
  app.openapi(inspect, (c) => c.json(describeVm(vms.get(c.req.valid("param").name)), 200));
  app.openapi(remove, async (c) => {
    await vms.remove(c.req.valid("param").name, c.req.valid("query").force === "true");
    return c.body(null, 204);
  });
  app.openapi(stop, async (c) => {
    const vm = vms.get(c.req.valid("param").name);
    await vm.stop(c.req.valid("query").grace ?? grace.usual);
    return c.json(describeVm(vm), 200);
  });
  for (const [change, summary] of Object.entries(changes)) {
    const route = createRoute({
      method: "post",
      path: `/v1/vms/{name}/${change}`,
      summary,
      request: { params: vmParams },
      responses: vmAnswer,
    });
    app.openapi(route, async (c) => {
      const vm = vms.get(c.req.valid("param").name);
      await vm[change as keyof typeof changes]();
      return c.json(describeVm(vm), 200);
    });
  }
  return app;
}

/** Throws ApiError for a path that a VM's process cannot be given. */
function checkPaths(configuration: MachineConfiguration) {
  for (const [field, path] of pathsOf(configuration)) {
    if (!path.startsWith("/")) {
      throw new ApiError(400, field, `${field}: "${path}" is relative, and the daemon takes absolute paths`);
    }
    if (!canBeAllowed(path)) {
      const why = "a process cannot be given permission for a path with a comma in it";
      throw new ApiError(400, field, `${field}: ${why}; rename "${path}"`);
    }
  }
}
