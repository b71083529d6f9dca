// What the API's routes have in common.

import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ApiError } from "./api_error.ts";
import { formatPath } from "../lab/json_input.ts";
import { vmNameSchema } from "./machine_configuration_schema.ts";
import { problemSchema, vmSchema } from "./schemas.ts";

export { createRoute };

/** An app whose requests that do not validate become ApiErrors. */
export const createApp = () =>
  new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue, ...more] = result.error.issues;
      const field = formatPath(issue!.path) || (result.target === "json" ? "body" : result.target);
      const rest = more.length ? `, and ${more.length} more` : "";
      throw new ApiError(400, field, `${field}: ${lowerFirst(issue!.message)}${rest}`);
    },
  });

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** A body that must be there. */
export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  required: true as const,
  content: { "application/json": { schema } },
});

const problem = (description: string) => json(problemSchema, description);

export const problems = {
  400: problem("the request is wrong; the error says what"),
  404: problem("there is no such VM"),
  409: problem("not in the VM's present state, or a limit is reached"),
};

export const vmAnswer = { 200: json(vmSchema, "the VM"), ...problems };

export const vmParams = z.object({ name: vmNameSchema });

/** Of the routes that browsers reach without being able to send a header. */
export const accessToken = {
  access_token: z.string().max(1024).optional().describe(
    "over TCP: the daemon's token, in place of the header",
  ),
};
