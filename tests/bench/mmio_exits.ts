// Runs in the test bed: what an MMIO exit costs in Velum, beside a loop in C that runs the very same guest.
// Argument: the compiled mmio_loop.c.
//
// Both run the guest `mmio` without end, in turns: while one runs, the other is stopped. The kernel counts the
// exits (its "KVM statistics": mmio_exit_user of the VM), so neither monitor is asked how fast it is.

import { BenchProcess, startVelum } from "./bench_process.ts";
import { pairedRow, report } from "./row.ts";
import { imageOf, memoryMiB, writeDeviceTree } from "./tiny_machine.ts";

const rounds = 75;
/** Rounds before those, until Deno has compiled the loop for good. */
const warmUpRounds = 15;
const settlingMilliseconds = 50;
const turnMilliseconds = 250;

const statistics = "/sys/kernel/debug/kvm";
const deviceTree = "/tmp/mmio.dtb";
const [loopInC = ""] = Deno.args;

/** The kernel's file with the number of MMIO exits of the one VM that a process has. */
function exitCounter({ pid }: BenchProcess): string {
  for (const { name } of Deno.readDirSync(statistics)) {
    if (name.startsWith(`${pid}-`)) return `${statistics}/${name}/mmio_exit_user`;
  }
  throw new Error(`${statistics} knows no VM of process ${pid}`);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets a stopped monitor have its turn; returns the microseconds that each of its exits took. */
async function turn(monitor: BenchProcess): Promise<number> {
  const counter = exitCounter(monitor);
  const look = () => ({ exits: Number(Deno.readTextFileSync(counter)), at: performance.now() });
  monitor.kill("SIGCONT");
  await sleep(settlingMilliseconds);
  const before = look();
  await sleep(turnMilliseconds);
  const after = look();
  monitor.kill("SIGSTOP");
  return 1000 * (after.at - before.at) / (after.exits - before.exits);
}

async function started(monitor: BenchProcess): Promise<BenchProcess> {
  await monitor.firstOutput();
  monitor.kill("SIGSTOP");
  return monitor;
}

await writeDeviceTree(deviceTree, "mmio");
const c = await started(new BenchProcess(loopInC, [imageOf("mmio"), deviceTree, `${memoryMiB}`]));
const velum = await started(startVelum("run", "mmio", "--memory", `${memoryMiB}M`));
const measured: { velum: number; c: number }[] = [];
for (let round = 0; round < warmUpRounds + rounds; round++) {
  const times = { c: await turn(c), velum: await turn(velum) };
  if (round >= warmUpRounds) measured.push(times);
}
await velum[Symbol.asyncDispose]();
await c[Symbol.asyncDispose]();
report([pairedRow({
  what: "an MMIO exit",
  unit: "us",
  values: measured.map(({ velum }) => velum),
  beside: { what: "C", values: measured.map(({ c }) => c) },
  atMost: 1.15,
})]);
