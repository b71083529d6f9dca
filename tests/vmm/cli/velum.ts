// The command line as its users start it.

import { fromFileUrl } from "@std/path";

const program = fromFileUrl(new URL("../../../main.ts", import.meta.url));

/** Runs it with permission to read and write. */
export async function velum(args: readonly string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--cached-only",
      "--allow-read",
      "--allow-write",
      program,
      ...args,
    ],
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
