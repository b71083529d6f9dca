// Runs in the test bed: how long the CLI takes from its start to the guest's first output, and where that goes.
// The output is the guest's own first byte, a few exits after the first KVM_RUN.

import { fromFileUrl } from "@std/path";
import { median, report, type Row } from "./row.ts";
import type { StartPhases } from "./start_phases.ts";
import { denoRun, startVelum } from "./bench_process.ts";

const rounds = 3;
const phasesScript = fromFileUrl(new URL("./start_phases.ts", import.meta.url));

async function wholeStart(): Promise<number> {
  await using velum = startVelum("run", "spin");
  return await velum.firstOutput();
}

async function denoAlone(): Promise<number> {
  const started = performance.now();
  await new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).output();
  return (performance.now() - started) / 1000;
}

async function phases(): Promise<StartPhases> {
  const args = [...denoRun, phasesScript, `${Date.now()}`];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

await wholeStart(); // the first start compiles what the later ones find compiled
await phases();
const measured: { whole: number; alone: number; phases: StartPhases }[] = [];
for (let n = 0; n < rounds; n++) {
  measured.push({ whole: await wholeStart(), alone: await denoAlone(), phases: await phases() });
}
const phase = (what: string, name: keyof StartPhases): Row => ({
  what: `  ${what}`,
  value: median(measured.map(({ phases }) => phases[name])),
  unit: "s",
});
report([
  {
    what: "the CLI's start to the guest's first output",
    value: median(measured.map(({ whole }) => whole)),
    unit: "s",
    beside: { what: "deno eval 0", value: median(measured.map(({ alone }) => alone)) },
    ratio: median(measured.map(({ whole, alone }) => whole / alone)),
  },
  phase("of it Deno's own start", "deno"),
  phase("loading Velum's modules", "modules"),
  phase("KVM's calls, loading the guest", "machine"),
  phase("the vcpu's Worker, KVM_RUN to the first output", "worker"),
]);
