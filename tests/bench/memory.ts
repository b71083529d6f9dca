// Runs in the test bed: the memory a monitor has resident beyond its guest's RAM, while the guest spins.
// Argument: the compiled mmio_loop.c.

import { BenchProcess, startVelum } from "./bench_process.ts";
import { type Resident, resident, residentBeyond } from "./resident.ts";
import { report, type Row } from "./row.ts";
import { imageOf, memoryMiB, writeDeviceTree } from "./tiny_machine.ts";

const [loopInC = ""] = Deno.args;
const deviceTree = "/tmp/spin.dtb";

/** What `count` makes of a process's mappings once it has begun to write; then ends the process. */
async function measure(process: BenchProcess, count: (smaps: string) => Resident): Promise<Resident> {
  await using running = process;
  await running.firstOutput();
  return count(await Deno.readTextFile(`/proc/${running.pid}/smaps`));
}

const beyondRam = (smaps: string) => residentBeyond(smaps, 1024 * memoryMiB);
const velum = (cpus: number) =>
  measure(startVelum("run", "spin", "--cpus", `${cpus}`, "--memory", `${memoryMiB}M`), beyondRam);

await writeDeviceTree(deviceTree, "spin");
const one = await velum(1);
const two = await velum(2);
const idle = new BenchProcess(Deno.execPath(), ["eval", "console.log(); setInterval(() => {}, 1e6)"]);
const deno = await measure(idle, resident);
const c = await measure(new BenchProcess(loopInC, [imageOf("spin"), deviceTree, `${memoryMiB}`]), beyondRam);

const row = (what: string, kib: number): Row => ({ what, value: kib / 1024, unit: "MiB" });
const besideC = { what: "C", value: c.all / 1024 };
report([
  { ...row("memory beyond guest RAM, 1 vcpu", one.all), beside: besideC, ratio: one.all / c.all },
  row("  of it anonymous, not mapped files", one.anonymous),
  { ...row("memory beyond guest RAM, 2 vcpus", two.all), beside: besideC, ratio: two.all / c.all },
  row("an idle Deno's memory", deno.all),
]);
