// Runs on this machine: what the daemon and its guests take in the interpreter, and how soon it answers while guests
// run. Guests that only spin count as idle: their console is silent.

import { Client } from "../../vmm/daemon/client.ts";
import { startDaemon, withFolder } from "../vmm/daemon/daemon_process.ts";
import { belongingsOf, childrenOf, liveAndDie, startIdle } from "../vmm/daemon/load.ts";
import { resident } from "./resident.ts";
import { median, report, type Row } from "./row.ts";

const restedLives = 20, lives = 200, atOnce = 20, requests = 200;
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

const starts = (what: string, times: readonly number[], atMost?: number) =>
  row(`create to the guest's first output, ${what}`, median(times), "ms", atMost);

/** Milliseconds after which a process is ready for the next guest, whatever the machine. */
const rest = 1500;

async function liveWithRests(client: Client): Promise<Row[]> {
  const times: number[] = [];
  for (let n = 0; n < restedLives; n++) {
    await new Promise((resolve) => setTimeout(resolve, rest));
    times.push(await liveAndDie(client, `rested-${n}`));
  }
  return [starts("a process being ready", times, 150)];
}

/** Throws where a descriptor or a process is left. */
async function liveOneAfterTheOther(client: Client, pid: number): Promise<Row[]> {
  const idle = residentOf(pid), before = belongingsOf(pid);
  const times: number[] = [];
  for (let n = 0; n < lives; n++) times.push(await liveAndDie(client, `guest-${n}`));
  const after = belongingsOf(pid);
  if (after.descriptors > before.descriptors || after.children > before.children) {
    throw new Error(
      `${lives} guests left ${JSON.stringify(after)}, where there was ${JSON.stringify(before)}`,
    );
  }
  return [
    starts("one right after the other", times),
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

/** Of a daemon that keeps no process ready. */
async function liveWithoutStandby(folder: string): Promise<Row[]> {
  const daemon = await startDaemon(folder, "--standby", "0");
  using client = new Client(daemon.socket);
  const times: number[] = [];
  for (let n = 0; n < restedLives; n++) times.push(await liveAndDie(client, `alone-${n}`));
  await daemon.leave();
  return [starts("no process being ready", times)];
}

/** Of what no other process has. */
function standbyMemory(pid: number): Row {
  const [standby] = childrenOf(pid);
  return row("memory of the process that is ready", residentOf(standby!, "own"), "MiB");
}

await withFolder(async (folder) => {
  // Of a checkout that never ran, Deno compiles the modules first, in memory that it does not give back.
  const unready = await liveWithoutStandby(folder);
  const daemon = await startDaemon(folder);
  using client = new Client(daemon.socket);
  const { pid } = daemon.process;
  await liveAndDie(client, "first");
  const idle = row("memory after its first guest", residentOf(pid), "MiB", 80);
  const rested = await liveWithRests(client);
  const rows = [
    idle,
    ...rested,
    ...unready,
    standbyMemory(pid),
    ...await liveOneAfterTheOther(client, pid),
    ...await liveAtOnce(client),
  ];
  await daemon.leave();
  report(rows);
});
