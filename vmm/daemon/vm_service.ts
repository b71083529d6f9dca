// The process of one VM. It is told what to do on stdin and answers on stdout, in frames; stderr has what a person
// would read. When the daemon goes away, its stdin ends, and so does the VM.

import { GuestImageError } from "../../guest/guest_error.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { registerByName, registerNamed } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { chooseBackend } from "../machine/backends.ts";
import { deathReport } from "../machine/death_report.ts";
import { Machine } from "../machine/machine.ts";
import { shownRegisters } from "../machine/register_report.ts";
import { withTranscript } from "../machine/transcript_output.ts";
import { decodeMessage, encodeFrame, encodeMessage, frameKind, readFrames } from "./frames.ts";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import { machineOptionsOf } from "./machine_options.ts";
import { processorSeconds, watchLimits } from "./vm_limits.ts";
import type { Answers, FromVm, Request, RunEnding, VmStats } from "./vm_messages.ts";

const output = Deno.stdout.writable.getWriter();
const send = (message: FromVm) => output.write(encodeMessage(message));

let machine: Machine | undefined;
let limits: MachineConfiguration["limits"];

function theMachine(): Machine {
  if (!machine) throw new Error("nothing was created");
  return machine;
}

async function create(configuration: MachineConfiguration): Promise<Answers["create"]> {
  const target = configuration.transcript ? { format: "json" as const } : undefined;
  const tell = (sentence: string) => console.error(`velum: ${sentence}`);
  const { backend: choice = "auto", host, deterministic = false, seed = 0 } = configuration;
  const chosen = chooseBackend(choice, host, tell, deterministic ? seed : undefined);
  const backend = withTranscript(chosen, target);
  machine = await Machine.create(machineOptionsOf(configuration, backend, target));
  limits = configuration.limits;
  return { backend: backend.name };
}

function start(): null {
  const running = theMachine();
  running.start();
  attend(running).catch(die);
  return null;
}

/** Passes on what the guest says until it ends, then how it ended, and leaves. */
async function attend(running: Machine) {
  let limit: RunEnding | undefined;
  const unwatch = watchLimits(limits ?? {}, (reached) => {
    limit = reached;
    running.stop();
  });
  for await (const bytes of running.output()) await output.write(encodeFrame(frameKind.console, bytes));
  const ending = await running.ended;
  unwatch();
  const cannotGoOn = ending.kind === "panic" || ending.kind === "failed";
  const report = cannotGoOn ? deathReport(running) : undefined;
  const how = ending.kind === "stopped" && limit || ending;
  await send({ ended: how, stats: await stats(running), ...report && { report } });
  Deno.exit(0);
}

function registers(vcpu: number, names: readonly string[] | undefined): Answers["registers"] {
  const { vcpus } = theMachine().virtual;
  const chosen = vcpus[vcpu];
  if (!chosen) {
    throw new RequestError("vcpu", `there is no vcpu ${vcpu}; the VM has 0 to ${vcpus.length - 1}`);
  }
  const unknown = names?.find((name) => registerByName(name) === undefined);
  if (unknown !== undefined) throw new RequestError("names", `there is no register "${unknown}"`);
  const value = (name: string) => "0x" + chosen.getRegister(registerNamed(name)).toString(16);
  return Object.fromEntries((names ?? shownRegisters).map((name) => [name, value(name)]));
}

const stats = async ({ counts, statistics, secondsInGuest }: Machine): Promise<VmStats> => ({
  cpuSeconds: await processorSeconds(),
  guestSeconds: secondsInGuest,
  residentBytes: Deno.memoryUsage().rss,
  instructions: statistics?.instructions ?? null,
  counts,
});

async function answer(request: Request): Promise<Answers[keyof Answers]> {
  switch (request.ask) {
    case "create":
      return await create(request.configuration);
    case "start":
      return start();
    case "pause":
      await theMachine().pause();
      return null;
    case "resume":
      theMachine().resume();
      return null;
    case "press":
      return { isWatched: theMachine().pressPowerButton() };
    case "stop":
      theMachine().stop();
      return null;
    case "stats":
      return await stats(theMachine());
    case "registers":
      return registers(request.vcpu, request.names);
    case "type":
      return { accepted: theMachine().offer(Uint8Array.fromBase64(request.input)) };
  }
}

function fieldOf(error: unknown): string {
  if (error instanceof RequestError) return error.field;
  return error instanceof GuestImageError ? "kernel" : "vm";
}

/** Of a mistake of our own. The guest's threads, which may be waiting for one another, keep the process no longer. */
function die(error: Error) {
  console.error(error.stack);
  Deno.exit(70);
}

async function serve(request: Request) {
  try {
    await send({ re: request.id, ok: await answer(request) });
  } catch (error) {
    const isExpected = [RequestError, GuestImageError, KvmError].some((kind) => error instanceof kind);
    if (!isExpected) return die(error as Error);
    await send({ re: request.id, error: { field: fieldOf(error), message: (error as Error).message } });
  }
}

// A terminal's Ctrl-C goes to the daemon's whole process group; what becomes of its VMs is the daemon's to say.
for (const signal of ["SIGINT", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
Deno.addSignalListener("SIGTERM", () => machine ? machine.stop() : Deno.exit(0));
for await (const frame of readFrames(Deno.stdin.readable)) await serve(decodeMessage(frame) as Request);
Deno.exit(0);
