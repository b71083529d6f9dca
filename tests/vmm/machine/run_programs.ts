// Runs every tiny guest's cases, one machine after another in one process; in the test bed, as JSON on stdout.
// Arguments: the number of vcpus, GIC version, lengths (comma-separated or none), pointer authentication, and
// optionally the programs to run, comma-separated.

import {
  type Backend,
  chooseBackend,
  everythingAuto,
  findProgram,
  Machine,
  programFile,
} from "../../../mod.ts";
import {
  caseName,
  type MachineUnderTest,
  type ProgramCase,
  programCases,
} from "../../guest/program_expectations.ts";

export interface ProgramRun {
  readonly name: string;
  readonly ending: number | "panic" | "stopped";
  readonly console: string;
}

/** What the bed's machines are like. */
export function machineUnderTest(
  host: { cpus: number; gic: 2 | 3; lengths: readonly number[]; ptrauth: boolean },
): MachineUnderTest {
  return { ...host, unbacked: "zero", unbackedPair: "abort", pvpanic: true };
}

export async function runCase(
  backend: Backend,
  it: ProgramCase,
  machineIs: MachineUnderTest,
): Promise<ProgramRun> {
  const machine = await Machine.create({
    backend,
    cpus: machineIs.cpus,
    memorySize: 64 * 2 ** 20,
    features: everythingAuto,
    kernel: Deno.readFileSync(programFile(findProgram(it.program)!)),
    commandLine: it.bootargs ?? "",
  });
  const { ending: expected, lines } = it.outcome(machineIs);
  const decoder = new TextDecoder();
  let console = "";
  machine.start();
  if (it.stdin) void machine.type(new TextEncoder().encode(it.stdin));
  for await (const bytes of machine.output()) {
    console += decoder.decode(bytes, { stream: true });
    if (it.isPressed && console === lines[0] + "\n") machine.pressPowerButton();
    const hasSaidAll = console.split("\n").length > lines.length;
    if (expected === "never" && hasSaidAll) machine.stop();
  }
  const ending = await machine.ended;
  machine.close();
  return { name: caseName(it), ending: endingOf(ending), console };
}

function endingOf(ending: Awaited<Machine["ended"]>): ProgramRun["ending"] {
  if (ending.kind === "exit") return ending.status;
  if (ending.kind === "panic" || ending.kind === "stopped") return ending.kind;
  throw new Error(`a tiny guest ended by ${JSON.stringify(ending)}`);
}

if (import.meta.main) {
  const [cpus, gic, lengths, ptrauth, only] = Deno.args as [string, "2" | "3", string, string, string?];
  const machineIs = machineUnderTest({
    cpus: Number(cpus),
    gic: Number(gic) as 2 | 3,
    lengths: lengths === "none" ? [] : lengths.split(",").map(Number),
    ptrauth: ptrauth === "true",
  });
  const runs: ProgramRun[] = [];
  for (const it of programCases) {
    if (!only || only.split(",").includes(it.program)) {
      runs.push(await runCase(chooseBackend("kvm"), it, machineIs));
    }
  }
  console.log(JSON.stringify(runs));
  Deno.exit(0);
}
