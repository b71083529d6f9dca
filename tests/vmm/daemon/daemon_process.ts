// A daemon as a process of its own, for tests, and curl as its client.

import { fromFileUrl, join } from "@std/path";

const main = fromFileUrl(new URL("../../../main.ts", import.meta.url));

export interface Daemon {
  readonly folder: string;
  readonly socket: string;
  readonly process: Deno.ChildProcess;
  /** curl's stdout. */
  curl(path: string, ...args: string[]): Promise<string>;
  /** Resolves when a VM's console has said `text`. */
  consoleUntil(name: string, text: string): Promise<void>;
  /** A Velum command that is its client. */
  velum(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }>;
  /** Asks it to leave; its exit status. */
  leave(signal?: Deno.Signal): Promise<number>;
}

/** What the README gives `velum serve`. */
const given = (folder: string) => [
  "--v8-flags=--max-semi-space-size=1",
  "--allow-read",
  `--allow-write=${folder}`,
  `--allow-net=unix:${join(folder, "socket")}`,
  `--allow-run=${Deno.execPath()}`,
];

export const serveArguments = (folder: string, ...more: string[]) => [
  ...["run", "--quiet", "--no-prompt", ...given(folder), main, "serve"],
  ...["--socket", join(folder, "socket"), "--state", join(folder, "state"), ...more],
];

/** Resolves when it serves. */
export async function startDaemon(folder: string, ...more: string[]): Promise<Daemon> {
  const socket = join(folder, "socket");
  const command = new Deno.Command(Deno.execPath(), {
    args: serveArguments(folder, ...more),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const process = command.spawn();
  await drainAfterLine(process.stderr);
  return {
    folder,
    socket,
    process,
    curl: async (path, ...args) =>
      (await output("curl", [
        "--silent",
        "--show-error",
        "--unix-socket",
        socket,
        ...args,
        `http://velum${path}`,
      ]))
        .stdout,
    async consoleUntil(name, text) {
      const url = `http://velum/v1/vms/${name}/console?follow=true`;
      const args = ["--silent", "--no-buffer", "--unix-socket", socket, url];
      await using follower = new Deno.Command("curl", { args, stdout: "piped" }).spawn();
      let said = "";
      for await (const piece of follower.stdout.pipeThrough(new TextDecoderStream())) {
        said += piece;
        if (said.includes(text)) return;
      }
      throw new Error(`it ended, and said ${JSON.stringify(said)}`);
    },
    velum: (...args) =>
      output(Deno.execPath(), ["run", "--quiet", "--allow-all", main, ...args, "--socket", socket]),
    async leave(signal = "SIGTERM") {
      process.kill(signal);
      return (await process.status).code;
    },
  };
}

/** Reads the line that says it serves, and goes on reading, so that the daemon is never kept waiting. */
async function drainAfterLine(stderr: ReadableStream<Uint8Array>) {
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("serving on")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the daemon left: ${text}`);
    text += decoder.decode(value);
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
}

async function output(program: string, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { status: code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs `body` with a folder that is gone afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "velum-daemon-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
