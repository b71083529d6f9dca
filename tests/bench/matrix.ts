// Runs on this machine: how long velum matrix takes over hundreds of combinations in the interpreter, from the
// command's start to its end.

import { fromFileUrl } from "@std/path";
import { denoRun } from "./bench_process.ts";
import { median, report, type Row } from "./row.ts";

const rounds = 5;
const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
const hosts = ["pow2-512", "max"];

/** What the command printed, and the seconds it took. */
async function run(...args: string[]): Promise<{ stdout: string; seconds: number }> {
  const started = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...denoRun, main, ...args],
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`velum ${args.join(" ")} failed: ${decoder.decode(stderr)}`);
  return { stdout: decoder.decode(stdout), seconds: (performance.now() - started) / 1000 };
}

async function rowOf(host: string): Promise<Row> {
  const { stdout } = await run("matrix", "--json", host);
  const said = JSON.parse(stdout) as { hosts: { combinations: unknown[] }[] };
  const whole: number[] = [], start: number[] = [];
  for (let round = 0; round < rounds; round++) {
    whole.push((await run("matrix", host)).seconds);
    start.push((await run("hosts")).seconds);
  }
  return {
    what: `velum matrix ${host}, ${said.hosts[0]!.combinations.length} combinations`,
    value: median(whole),
    unit: "s",
    beside: { what: "velum hosts", value: median(start) },
    ratio: median(whole.map((seconds, round) => seconds / start[round]!)),
    target: { of: "value", atMost: 2 },
  };
}

const rows: Row[] = [];
for (const host of hosts) rows.push(await rowOf(host));
report(rows);
