// velum regs: boots a guest, stops it at a point, and shows every register of its vcpus; or compares two such dumps.

import { breakpointAt } from "../kvm/debug_registers.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { registerByName } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { exitReasons } from "../kvm/run_page.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { dumpRegisters, type Lane, lanes, type VcpuDump } from "../lab/register_dump.ts";
import { parseRegisterValue } from "../lab/register_value.ts";
import type { Ending } from "../machine/ending.ts";
import { Machine } from "../machine/machine.ts";
import { backendOptions, hostOptions } from "./common_options.ts";
import { backendOf, transcriptOf } from "./backend_request.ts";
import { guestOptions } from "./guest_options.ts";
import { guestRequestOf, seedOf } from "./guest_request.ts";
import type { Command, Given } from "./options.ts";
import { parseSeconds } from "./quantities.ts";
import { compareDumps } from "./regs_diff.ts";
import { formatTable } from "./table.ts";
import { watchForSignals } from "./signals.ts";

export const regs: Command = {
  operands: "[GUEST [ARGUMENT]...] | diff A.json B.json",
  options: {
    at: {
      value: "POINT",
      help:
        "entry (before the first instruction), a virtual ADDRESS, exit (the guest's end), or exit=mmio and such",
    },
    vcpu: { value: "INDEX", help: "only this vcpu's registers; and what --set is of (0)" },
    set: { value: "NAME=VALUE", repeats: true, help: "give a register a value before the guest runs" },
    lanes: { value: "b|h|s|d", help: "how vectors are shown: in bytes, halfwords, words or doublewords (d)" },
    json: { help: "print JSON, which regs diff takes" },
    timeout: {
      value: "SECONDS",
      help: "stop the guest after so long, and show where it is; exit status 124",
    },
    ...guestOptions,
    ...hostOptions,
    ...backendOptions,
  },
  notes: [
    "What the guest prints goes to stderr. Exit status: 0; 1 where the guest ended before it came to the point,",
    "or the dumps differ; 2 for a request that cannot be met; 124 on timeout; 130 when stopped.",
  ],
  run: showRegisters,
};

/** Where the guest is to stop. */
type Point =
  | { readonly kind: "entry" }
  | { readonly kind: "address"; readonly address: bigint }
  | { readonly kind: "end" }
  | { readonly kind: "exit"; readonly reason: number };

async function showRegisters(given: Given): Promise<number> {
  const [first, ...files] = given.operands;
  if (first === "diff") return await compareDumps(files, given.has("json"));
  const point = parsePoint(given.one("at") ?? "entry");
  const lane = parseLane(given.one("lanes") ?? "d");
  const seconds = given.has("timeout") ? parseSeconds("timeout", given.one("timeout")!) : undefined;
  const settings = given.all("set").map(parseSetting);
  const guest = await guestRequestOf(given);
  const chosen = given.has("vcpu") ? parseIndex(given.one("vcpu")!, guest.cpus) : undefined;
  const transcript = transcriptOf(given);
  const machine = await Machine.create({
    ...guest,
    transcript,
    backend: backendOf(given, transcript, seedOf(given)),
    stopAtExit: stopOf(point),
  });
  try {
    const { vcpus } = machine.virtual;
    settings.forEach(([name, value]) => setRegister(vcpus[chosen ?? 0]!, name, value));
    const stood = await runTo(machine, point, seconds);
    const shown = vcpus.filter(({ index }) => chosen === undefined || index === chosen);
    const dumps = shown.map((vcpu) => dumpRegisters(vcpu, lane));
    if (given.has("json")) print(JSON.stringify(toJson(machine, stood.at, dumps), null, 2));
    else dumps.forEach((dump) => printDump(stood.at, dump));
    return stood.status;
  } finally {
    machine.close();
  }
}

const print = (text: string) => console.log(text);

function parsePoint(text: string): Point {
  if (text === "entry") return { kind: "entry" };
  if (text === "exit") return { kind: "end" };
  const exit = /^exit=(.*)$/.exec(text)?.[1];
  if (exit !== undefined) return { kind: "exit", reason: parseExit(exit) };
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return { kind: "address", address: BigInt(text) };
  throw new RequestError(
    "at",
    `"${text}" is no point to stop at; it is entry, exit, exit=mmio and such, or an address as 0x40080000`,
  );
}

/** `mmio`, `KVM_EXIT_MMIO`. */
function parseExit(text: string): number {
  const upper = text.toUpperCase();
  const name = [upper, `KVM_EXIT_${upper}`].find((one) => Object.hasOwn(exitReasons, one));
  if (name !== undefined) return exitReasons[name as keyof typeof exitReasons];
  const names = Object.keys(exitReasons).map((one) => one.replace("KVM_EXIT_", "").toLowerCase());
  throw new RequestError("at", `there is no exit "${text}"; the exits are ${names.join(", ")}`);
}

function stopOf(point: Point): number | undefined {
  if (point.kind === "address") return exitReasons.KVM_EXIT_DEBUG;
  return point.kind === "exit" ? point.reason : undefined;
}

function parseLane(text: string): Lane {
  if (Object.hasOwn(lanes, text)) return text as Lane;
  throw new RequestError("lanes", `"${text}" is no width of lanes; it is b, h, s or d`);
}

function parseIndex(text: string, cpus: number): number {
  const index = /^\d+$/.test(text) ? Number(text) : NaN;
  if (index < cpus) return index;
  throw new RequestError("vcpu", `there is no vcpu ${text}: the machine has vcpu 0 to ${cpus - 1}`);
}

function parseSetting(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new RequestError("set", `"${text}" gives no register a value; write NAME=VALUE, as X0=0x10`);
}

function setRegister(vcpu: Vcpu, name: string, text: string) {
  const id = registerByName(name) ?? registerByName(name.toUpperCase());
  if (id === undefined) {
    throw new RequestError("set", `there is no register "${name}"; velum regs lists those a vcpu has`);
  }
  const value = parseRegisterValue("set", id, text);
  try {
    vcpu.setRegisterBytes(id, value);
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    throw new RequestError("set", `${name} cannot be ${text} (${error.errno}): ${error.meaning}`);
  }
}

/** Where the guest came to stand. */
interface Stood {
  readonly at: string;
  readonly status: number;
}

async function runTo(machine: Machine, point: Point, seconds: number | undefined): Promise<Stood> {
  if (point.kind === "entry") return { at: "entry", status: 0 };
  if (point.kind === "address") {
    machine.virtual.vcpus.forEach((vcpu) => vcpu.setGuestDebug(breakpointAt(point.address)));
  }
  const signals = watchForSignals(() => machine.stop());
  const timer = seconds === undefined
    ? undefined
    : setTimeout(() => machine.end({ kind: "timeout", seconds }), 1000 * seconds);
  try {
    machine.start();
    const [ending] = await Promise.all([machine.ended, passOutput(machine)]);
    return stoodAt(point, ending, signals.status());
  } finally {
    clearTimeout(timer);
    signals.remove();
  }
}

/** The guest's console is not what was asked for. */
async function passOutput(machine: Machine) {
  for await (const bytes of machine.output()) {
    for (let done = 0; done < bytes.length;) done += await Deno.stderr.write(bytes.subarray(done));
  }
}

function stoodAt(point: Point, ending: Ending, signalStatus: number | undefined): Stood {
  const tell = (sentence: string) => console.error(`velum: ${sentence}`);
  const isEnd = point.kind === "end";
  switch (ending.kind) {
    case "timeout":
      tell(`the guest still ran after ${ending.seconds} seconds and was stopped`);
      return { at: `where it was after ${ending.seconds} seconds`, status: 124 };
    case "stopped":
      if (ending.at) return { at: formatPlace(point, ending.at), status: 0 };
      return { at: "where it was when it was stopped", status: signalStatus ?? 130 };
    case "exit":
    case "shutdown":
    case "reset":
      if (!isEnd) tell("the guest ended before it came to the point");
      return { at: `its end (${nameOf(ending)})`, status: isEnd ? 0 : 1 };
    case "panic":
    case "failed":
      tell(ending.kind === "panic" ? ending.reason : `vcpu ${ending.vcpu} cannot go on: ${ending.reason}`);
      return { at: `its end (${ending.kind})`, status: isEnd ? 0 : 1 };
  }
}

type Place = NonNullable<(Ending & { kind: "stopped" })["at"]>;

const formatPlace = (point: Point, { exit, vcpu }: Place) =>
  point.kind === "address"
    ? `address 0x${point.address.toString(16)}, which vcpu ${vcpu} came to`
    : `the first ${exit.reason}, of vcpu ${vcpu}`;

const nameOf = (ending: Ending) => ending.kind === "exit" ? `exit status ${ending.status}` : ending.kind;

const toJson = (machine: Machine, at: string, vcpus: readonly VcpuDump[]) => ({
  schema: "velum/registers/1",
  backend: machine.virtual.vm.backend.name,
  at,
  vcpus,
});

/** A value wider than this has its own lanes beside it. */
const widest = 18;

function printDump(at: string, { vcpu, registers }: VcpuDump) {
  print(`vcpu ${vcpu}, at ${at}`);
  print(
    formatTable(registers.map(({ name, value, says }) => [
      `  ${name}`,
      value.length > widest ? `${value.slice(0, widest - 1)}…` : value,
      says,
    ])).replaceAll(/ +$/gm, ""),
  );
}
