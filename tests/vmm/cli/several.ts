// Several commands in one process, for the test bed, where starting one takes longer than most commands do.

import { main } from "../../../vmm/cli/main.ts";

export interface Said {
  readonly status: number;
  readonly stdout: string;
}

/** What `runInBed` takes to run these commands; it prints a `Said` for each, as JSON. */
export const several = (commands: readonly (readonly string[])[]): string[] => [
  "/bin/deno",
  "run",
  "-A",
  new URL(import.meta.url).pathname,
  ...commands.flatMap((command) => [...command, separator]),
];

const separator = "//";

if (import.meta.main) {
  const print = console.log;
  const all: Said[] = [];
  for (let rest = Deno.args; rest.length;) {
    const end = rest.indexOf(separator);
    const lines: string[] = [];
    console.log = (line: string) => void lines.push(line);
    const status = await main(rest.slice(0, end));
    all.push({ status, stdout: lines.map((line) => line + "\n").join("") });
    rest = rest.slice(end + 1);
  }
  print(JSON.stringify(all));
  Deno.exit(0);
}
