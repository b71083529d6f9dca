// A Velum command as a process of its own, for a question that the daemon's own process has no permissions for.

import { fromFileUrl } from "@std/path";

const root = fromFileUrl(new URL("../../", import.meta.url));

export interface CommandAnswer {
  readonly status: number;
  readonly output: string;
  /** Its last line on stderr, without the program's name. */
  readonly sentence: string;
}

export async function askCommand(args: readonly string[]): Promise<CommandAnswer> {
  const own = ["vmm", "devices", "guest"].map((part) => root + part).join(",");
  const permissions = [`--allow-read=${own}`, ...Deno.build.arch === "aarch64" ? ["--allow-ffi"] : []];
  const deno = ["run", "--quiet", "--no-prompt", "--cached-only", ...permissions, `${root}main.ts`, ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: deno, stdin: "null" })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  const sentence = text(stderr).split("\n").at(-1)!.replace(/^velum: /, "");
  return { status: code, output: text(stdout), sentence };
}
