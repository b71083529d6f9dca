// Runs on this machine: what the daemon and its guests take in the interpreter, and how soon it answers while guests
// run. Guests that only spin count as idle: their console is silent.

import { Client } from "../../vmm/daemon/client.ts";
import { startDaemon } from "../vmm/daemon/daemon_process.ts";
import { belongingsOf, liveAndDie, startIdle } from "../vmm/daemon/load.ts";
import { resident } from "./resident.ts";
import { median, report, type Row } from "./row.ts";

const lives = 200, atOnce = 20, requests = 200;
/** MiB, in all or what no other process has. */
const residentOf = (pid: number, of: "all" | "own" = "all") =>
  resident(Deno.readTextFileSync(`/proc/${pid}/smaps`))[of] / 1024;

/** The value that 99 of 100 are below. */
const percentile99 = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(0.99 * values.length)]!;

const row = (what: string, value: number, unit: Row["unit"], atMost?: number): Row => ({
  what: `daemon: ${what}`,
  value,
  unit,
  ...(atMost !== undefined && { target: { of: "value", atMost } }),
});

/** Throws where a descriptor or a process is left. */
async function liveOneAfterTheOther(client: Client, pid: number): Promise<Row[]> {
  await liveAndDie(client, "first");
  const idle = residentOf(pid), before = belongingsOf(pid);
  const starts: number[] = [];
  for (let n = 0; n < lives; n++) starts.push(await liveAndDie(client, `guest-${n}`));
  const after = belongingsOf(pid);
  if (after.descriptors > before.descriptors || after.children > 0) {
    throw new Error(
      `${lives} guests left ${JSON.stringify(after)}, where there was ${JSON.stringify(before)}`,
    );
  }
  return [
    row("memory after its first guest", idle, "MiB", 80),
    row("create to the guest's first output", median(starts), "ms", 150),
    row(`memory that ${lives} guests left behind`, residentOf(pid) - idle, "MiB"),
  ];
}

async function liveAtOnce(client: Client): Promise<Row[]> {
  const names = Array.from({ length: atOnce }, (_, n) => `spin-${n}`);
  for (const name of names) await startIdle(client, name);
  const times: number[] = [];
  for (let n = 0; n < requests; n++) {
    const before = performance.now();
    await client.vm(names[n % atOnce]!);
    times.push(performance.now() - before);
  }
  const vms = await client.vms();
  return [
    row(
      `memory that each of ${atOnce} tiny guests takes, its RAM included`,
      median(vms.map(({ pid }) => residentOf(pid!, "own"))),
      "MiB",
      60,
    ),
    row(`a request while ${atOnce} guests spin, p50`, median(times), "ms"),
    row(`a request while ${atOnce} guests spin, p99`, percentile99(times), "ms"),
  ];
}

const folder = await Deno.makeTempDir({ prefix: "velum-bench-" });
// Of a checkout that never ran, Deno compiles the modules first, in memory that it does not give back.
await (await startDaemon(folder)).leave();
const daemon = await startDaemon(folder);
const client = new Client(daemon.socket);
const rows = [...await liveOneAfterTheOther(client, daemon.process.pid), ...await liveAtOnce(client)];
client[Symbol.dispose]();
await daemon.leave();
await Deno.remove(folder, { recursive: true });
report(rows);
