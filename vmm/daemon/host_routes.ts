// What can be asked without a VM: what a host offers, and what a negotiation would come to. Both are answered by
// the commands that answer them on a command line, each in a process that lives no longer than the question.

import { z } from "zod";
import { askCommand } from "./command_process.ts";
import { hostReportSchema } from "../lab/host_report_schema.ts";
import { ApiError } from "./api_error.ts";
import { createApp, createRoute, json, jsonBody, problems } from "./routes.ts";
import { featuresSchema } from "./machine_configuration_schema.ts";

/** What the interpreter pretends to be: by name only, since a file would be read with the daemon's rights. */
const hostQuery = {
  backend: z.enum(["auto", "kvm", "interpreter"]).optional(),
  host: z.string().regex(/^[a-z0-9-]{1,64}$/, "a host that velum hosts lists").optional(),
};

const report = createRoute({
  method: "get",
  path: "/v1/host",
  summary: "Tells what a host offers its guests",
  request: { query: z.strictObject(hostQuery) },
  responses: { 200: json(hostReportSchema, "as velum probe --json prints it"), 400: problems[400] },
});

const negotiation = createRoute({
  method: "post",
  path: "/v1/negotiations",
  summary:
    "Plans a vcpu's features, performs the plan on a vcpu that is gone afterwards, and tells each step",
  request: { body: jsonBody(z.strictObject({ ...hostQuery, features: featuresSchema.optional() })) },
  responses: {
    200: json(
      z.looseObject({}),
      "as velum negotiate --json prints it; `refusals` in place of `plan` where refused",
    ),
    400: problems[400],
  },
});

export function hostRoutes() {
  const app = createApp();
  app.openapi(report, async (c) => {
    const { status, output, sentence } = await askCommand([
      "probe",
      "--json",
      ...hostOptions(c.req.valid("query")),
    ]);
    if (status !== 0) throw new ApiError(400, "backend", sentence);
    return c.json(JSON.parse(output), 200);
  });
  app.openapi(negotiation, async (c) => {
    const { features = {}, ...host } = c.req.valid("json");
    const wanted = Object.entries(features).map(([name, value]) => `--${name}=${value}`);
    const { output, sentence } = await askCommand(["negotiate", "--json", ...wanted, ...hostOptions(host)]);
    // Refused features are an answer; only a host that cannot be asked leaves none.
    if (output === "") throw new ApiError(400, "backend", sentence);
    return c.json(JSON.parse(output), 200);
  });
  return app;
}

const hostOptions = ({ backend, host }: { backend?: string | undefined; host?: string | undefined }) => [
  ...backend === undefined ? [] : [`--backend=${backend}`],
  ...host === undefined ? [] : [`--host=${host}`],
];
