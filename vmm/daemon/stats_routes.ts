// What VMs have used and counted: one VM's as JSON, everyone's as metrics.

import { z } from "zod";
import { ApiError } from "./api_error.ts";
import { metricsText } from "./metrics.ts";
import { createApp, createRoute, json, problems, vmParams } from "./routes.ts";
import type { Vms } from "./vms.ts";

const count = z.number().min(0);

const statsSchema = z.object({
  cpuSeconds: z.object({ user: count, system: count }).describe("processor time of the VM's process"),
  guestSeconds: count.describe("of it, time in the guest, of all vcpus"),
  residentBytes: count.describe("memory of the VM's process, the guest's as far as it was touched"),
  instructions: count.nullable().describe("that the guest executed; null on KVM, which does not count them"),
  counts: z.object({
    exits: z.array(z.record(z.string(), count)).describe("by vcpu, then by KVM_EXIT_*"),
    mmio: z.record(z.string(), count).describe("accesses, by device"),
    virtio: z.record(z.string(), z.array(count)).describe("how often each queue was served, by device"),
  }),
}).meta({ id: "Stats" });

const stats = createRoute({
  method: "get",
  path: "/v1/vms/{name}/stats",
  summary: "Tells what a VM's run has used and counted; its last run, if it has ended",
  request: { params: vmParams },
  responses: { 200: json(statsSchema, "the statistics"), ...problems },
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "All VMs' statistics, for Prometheus",
  responses: {
    200: { description: "text exposition format 0.0.4", content: { "text/plain": { schema: z.string() } } },
  },
});

const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export function statsRoutes(vms: Vms) {
  const app = createApp();
  app.openapi(stats, async (c) => {
    const vm = vms.get(c.req.valid("param").name);
    const found = await vm.stats();
    if (found) return c.json(found as z.infer<typeof statsSchema>, 200);
    throw new ApiError(
      409,
      "state",
      `the VM "${vm.name}" is ${vm.state}, and no run of it has told anything`,
    );
  });
  app.openapi(
    metrics,
    async (c) => c.text(await metricsText(vms.list()), 200, { "Content-Type": metricsType }),
  );
  return app;
}
