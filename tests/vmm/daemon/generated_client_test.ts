// A client made from the daemon's OpenAPI document by a generator that knows nothing of Velum: its types hold at compile
// time, and what it does with them works.

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { authorization, token, withTcpServer } from "./tcp_server.ts";

const generator = "npm:openapi-typescript@7.13.0";
const validator = "npm:@seriousme/openapi-schema-validator@2.11.0";
const clientLibrary = "npm:openapi-fetch@0.17.0";

/** Written by hand against the generated types; it prints what it finds. */
const program = `
import createClient from "${clientLibrary}";
import type { paths } from "./api.ts";

const [baseUrl, token] = Deno.args;
const client = createClient<paths>({ baseUrl: baseUrl!, headers: { Authorization: \`Bearer \${token}\` } });
const params = { path: { name: "generated" } };

const body = { name: "generated", guest: "hello", memory: "16M", backend: "interpreter" as const };
const { data: created } = await client.POST("/v1/vms", { body });
await client.POST("/v1/vms/{name}/start", { params });
const { data: events } = await client.GET("/v1/vms/{name}/console", {
  params: { ...params, query: { follow: "true" } },
  parseAs: "text",
});
const { data: ended } = await client.GET("/v1/vms/{name}", { params });
const { error, response } = await client.POST("/v1/vms/{name}/pause", { params });
const { data: removed } = await client.DELETE("/v1/vms/{name}", { params });
console.log(JSON.stringify([
  created?.state, events?.trim(), ended?.ending?.kind, response.status, error?.error.field, removed,
]));
`;

/** The same, with a backend that there is not: the types must not let it through. */
const misspelled = program.replace('"interpreter"', '"interpretre"');

async function deno(folder: string, ...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const done = (result: { code: number; stderr: string }) => assertEquals(result.code, 0, result.stderr);

Deno.test("a client generated from the OpenAPI document compiles, and drives the daemon", () =>
  withTcpServer(async (origin, folder) => {
    const document = await (await fetch(`${origin}/openapi.json`, { headers: authorization })).text();
    await Deno.writeTextFile(join(folder, "openapi.json"), document);
    await Deno.writeTextFile(join(folder, "client.ts"), program);
    await Deno.writeTextFile(join(folder, "misspelled.ts"), misspelled);
    await Deno.writeTextFile(
      join(folder, "validate.ts"),
      `import { Validator } from "${validator}";
      const { valid, errors } = await new Validator().validate(JSON.parse(Deno.readTextFileSync("openapi.json")));
      if (!valid) throw new Error(JSON.stringify(errors));`,
    );
    done(await deno(folder, "run", "--allow-all", "validate.ts"));
    done(await deno(folder, "run", "--allow-all", generator, "openapi.json", "--output", "api.ts"));
    done(await deno(folder, "check", "client.ts"));
    assertEquals((await deno(folder, "check", "misspelled.ts")).code, 1);
    const { stdout } = await deno(folder, "run", "--allow-net", "--allow-env", "client.ts", origin, token);
    assertEquals(JSON.parse(stdout), ["created", "hello from EL1", "exit", 409, "state", null]);
  }));
