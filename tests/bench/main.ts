// The benchmarks: every script runs in one boot of the test bed, and what they measured is printed as a table.

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { type BedCommand, requireBed, runInBed } from "../kvm-host/bed.ts";
import { BedError, UsageError } from "../kvm-host/errors.ts";
import { busyboxInitramfs, debianKernel } from "../kvm-host/guest_system.ts";
import { type ArchiveEntry, file } from "../kvm-host/newc.ts";
import { denoRun } from "./bench_process.ts";
import type { Row } from "./row.ts";
import { formatTable } from "./table.ts";
import { compileYardstick } from "./yardstick.ts";

/** Where the bed has what the scripts are given. */
const inBed = { loopInC: "/bench/mmio_loop", kernel: "/bench/kernel", initramfs: "/bench/initramfs" };

/** What the initramfs says when it has control. */
const marker = "this is userspace";

/** By the name of their script, in the order of the table: the arguments, and seconds that are surely enough. */
const benchmarks: Readonly<Record<string, { args: readonly string[]; timeoutSeconds: number }>> = {
  mmio_exits: { args: [inBed.loopInC], timeoutSeconds: 600 },
  cli_start: { args: [], timeoutSeconds: 300 },
  debian: { args: [inBed.kernel, inBed.initramfs, marker], timeoutSeconds: 180 },
  memory: { args: [inBed.loopInC], timeoutSeconds: 180 },
  stop: { args: [], timeoutSeconds: 180 },
};
/** Scripts that run on this machine: what they compare is not KVM. */
const local = ["interpreter", "matrix", "sve_loops", "daemon"];
const names = [...Object.keys(benchmarks), ...local];

const help =
  `Measures Velum in the test bed: KVM on an emulated host, so ratios mean more than times. The interpreter and the
daemon are measured on this machine.

usage: deno task bench [--json] [BENCHMARK...]

  BENCHMARK...  ${names.join(", ")}; all of them unless given
  --json        print the rows as JSON
  --help        this text
`;

const about =
  "Measured in the test bed, where QEMU emulates the host: ratios mean something, times little.\n" +
  `Measured on this machine: ${local.join(", ")}.\n`;

interface Request {
  readonly json: boolean;
  readonly help: boolean;
  readonly chosen: readonly string[];
}

function parse(args: readonly string[]): Request {
  const flags = parseArgs(args, {
    boolean: ["json", "help"],
    unknown: (argument, name) => {
      if (name !== undefined) {
        throw new UsageError(`There is no option ${argument}; the options are --json and --help.`);
      }
    },
  });
  const chosen = flags._.map(String);
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no benchmark "${unknown}"; the benchmarks are ${names.join(", ")}.`);
  }
  const wanted = chosen.length ? names.filter((name) => chosen.includes(name)) : names;
  return { json: flags["json"] === true, help: flags["help"] === true, chosen: wanted };
}

function commandOf(name: string): BedCommand {
  const { args, timeoutSeconds } = benchmarks[name]!;
  const script = fromFileUrl(new URL(`./${name}.ts`, import.meta.url));
  return { argv: ["/bin/deno", ...denoRun, script, ...args], timeoutSeconds };
}

async function filesFor(): Promise<ArchiveEntry[]> {
  return [
    file(inBed.loopInC, await compileYardstick(), 0o755),
    file(inBed.kernel, await Deno.readFile(await debianKernel())),
    file(inBed.initramfs, await busyboxInitramfs(`echo ${marker}`)),
  ];
}

async function measureInBed(chosen: readonly string[]): Promise<Row[]> {
  if (chosen.length === 0) return [];
  if (!await requireBed()) Deno.exit(1);
  const results = await runInBed("max", chosen.map(commandOf), await filesFor());
  return results.flatMap(({ status, stdout, stderr }, index) =>
    rowsOf(chosen[index]!, status, stdout, stderr)
  );
}

async function measureHere(name: string): Promise<Row[]> {
  const script = fromFileUrl(new URL(`./${name}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", script],
  }).output();
  const decoder = new TextDecoder();
  return rowsOf(name, code, decoder.decode(stdout), decoder.decode(stderr));
}

function rowsOf(name: string, status: number, stdout: string, stderr: string): Row[] {
  if (status === 0) return JSON.parse(stdout);
  throw new BedError(`The benchmark ${name} ended with status ${status}:\n${stderr.trim()}`);
}

async function measure(chosen: readonly string[]): Promise<Row[]> {
  if (Deno.stderr.isTerminal()) console.error(`measuring ${chosen.join(", ")}; this takes minutes ...`);
  const rows = await measureInBed(chosen.filter((name) => !local.includes(name)));
  for (const name of chosen.filter((name) => local.includes(name))) rows.push(...await measureHere(name));
  return rows;
}

async function main(args: readonly string[]): Promise<void> {
  const { json, help: helpAsked, chosen } = parse(args);
  if (helpAsked) return console.log(help.trimEnd());
  const rows = await measure(chosen);
  console.log(json ? JSON.stringify(rows, null, 2) : `${about}\n${formatTable(rows)}`);
}

try {
  await main(Deno.args);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BedError)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
