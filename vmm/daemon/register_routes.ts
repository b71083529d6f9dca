// A paused VM's registers.

import { z } from "zod";
import { createApp, createRoute, json, problems, vmParams } from "./routes.ts";
import type { Vms } from "./vms.ts";

const registers = createRoute({
  method: "get",
  path: "/v1/vms/{name}/registers",
  summary: "Reads registers of a vcpu, while the VM is paused or not yet started",
  request: {
    params: vmParams,
    query: z.strictObject({
      vcpu: z.coerce.number().int().min(0).optional().describe("its index; 0 unless given"),
      names: z.string().max(4096).optional().describe("as PC,X0,SCTLR_EL1; else those that matter most"),
    }),
  },
  responses: {
    200: json(z.record(z.string(), z.string()).describe("hexadecimal values, by name"), "the registers"),
    ...problems,
  },
});

export function registerRoutes(vms: Vms) {
  const app = createApp();
  app.openapi(registers, async (c) => {
    const { vcpu = 0, names } = c.req.valid("query");
    const vm = vms.get(c.req.valid("param").name);
    const wanted = { vcpu, names: names?.split(",") };
    return c.json(await vm.query("registers", wanted, "created", "paused"), 200);
  });
  return app;
}
