// Runs in the test bed: machines that are steered while they run, one after another in one process. Prints what
// was seen as JSON; the test beside it says what should have been.

import {
  chooseBackend,
  everythingAuto,
  findProgram,
  Machine,
  programFile,
  registerByName,
} from "../../../mod.ts";
import { MiB } from "../../../guest/ram.ts";
import { mpStates } from "../../../vmm/kvm/vcpu.ts";
import { HERE, set, store, WFI } from "../../conformance/guest_code.ts";

export interface Steered {
  readonly pausing: readonly Pausing[];
  readonly stopping: readonly Stopping[];
  /** How many timers of the control isolate, one after another, went off while the guest spun. */
  readonly ticks: number;
  /** What a guest that spins and one that sleeps had of a while on a vcpu. */
  readonly guestTime: {
    readonly passed: number;
    readonly spinning: readonly number[];
    readonly waiting: readonly number[];
  };
  readonly unread: { readonly grownMiB: number; readonly ending: string };
  readonly leaks: Readonly<Record<"created" | "started", Leak>>;
  readonly refusedRun: { readonly kind: string; readonly reason?: string };
  readonly afterClose: string;
  readonly deviceTreeInMemory: boolean;
}

type Look = readonly (readonly [pc: string, x0: string])[];

export interface Pausing {
  readonly vcpus: number;
  /** Each vcpu's PC and X0, read twice in one pause, and after some more running. */
  readonly first: Look;
  readonly second: Look;
  readonly later: Look;
}

export interface Stopping {
  readonly what: string;
  readonly kind: string;
}

export interface Leak {
  readonly descriptors: number;
  readonly kvmMappings: number;
  /** Of address space, beyond what there was after the first machine. */
  readonly grownMiB: number;
}

/** X0 += 1, for ever. */
const counting = [0x9100_0400, 0x17ff_ffff];
/** To the UART's DR, for ever. */
const printing = [
  ...set(0, 0x0900_0000n),
  ...set(1, 0x41n),
  store(4, 1, 0),
  0x17ff_ffff,
];
const waiting = [WFI, 0x17ff_ffff];
const spinning = [HERE];

export const guestBase = 0x4008_0000n;
/** Of address space for the machines that might leak: one of them left behind would stand out. */
export const largeMemoryMiB = 2048;

const entryState = { PC: guestBase, X0: 0n };

const code = (words: readonly number[]) => new Uint8Array(Uint32Array.from(words).buffer);
const program = (name: string) => Deno.readFileSync(programFile(findProgram(name)!));
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

function create(kernel: Uint8Array, cpus = 1, memoryMiB = 64): Promise<Machine> {
  return Machine.create({
    backend: chooseBackend("kvm"),
    cpus,
    memorySize: memoryMiB * MiB,
    features: everythingAuto,
    kernel,
    commandLine: "",
  });
}

async function finish(machine: Machine): Promise<string> {
  machine.stop();
  const { kind } = await machine.ended;
  machine.close();
  return kind;
}

const register = (name: string) => registerByName(name)!;

function startEveryVcpu({ virtual }: Machine) {
  for (const vcpu of virtual.vcpus) {
    for (const [name, value] of Object.entries(entryState)) vcpu.setRegister(register(name), value);
    vcpu.setMpState(mpStates.KVM_MP_STATE_RUNNABLE);
  }
}

function look({ virtual }: Machine): [string, string][] {
  return virtual.vcpus.map((vcpu) => {
    const read = (name: string) => "0x" + vcpu.getRegister(register(name)).toString(16);
    return [read("PC"), read("X0")];
  });
}

/** Lets the machine run until each vcpu's X0 is another than before, or has had time enough; returns it paused. */
async function pausedAfterRunning(machine: Machine, before: [string, string][]) {
  let now = before;
  const standsStill = () => now.some(([, x0], n) => x0 === before[n]![1]);
  for (let tries = 0; tries < 200 && standsStill(); tries++) {
    machine.resume();
    await soon();
    await machine.pause();
    now = look(machine);
  }
  return now;
}

async function pausing(vcpus: number): Promise<Pausing> {
  const machine = await create(code(counting), vcpus);
  startEveryVcpu(machine);
  machine.start();
  const first = await pausedAfterRunning(machine, machine.virtual.vcpus.map(() => ["", "0x0"]));
  await soon();
  const second = look(machine);
  const later = await pausedAfterRunning(machine, second);
  await finish(machine);
  return { vcpus, first, second, later };
}

/** @param seen resolves once the guest is where it is to be stopped */
async function stopping(what: string, machine: Machine, seen: Promise<unknown>): Promise<Stopping> {
  await seen;
  return { what, kind: await finish(machine) };
}

/** Resolves when every vcpu has got as far as KVM_RUN, and is back in it. */
async function running(machine: Machine) {
  await machine.pause();
  machine.resume();
  await soon();
}

async function heard(machine: Machine, text: string) {
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of machine.output()) {
    said += decoder.decode(bytes);
    if (said.includes(text)) return;
  }
  throw new Error(`the guest ended without saying "${text}"`);
}

async function stoppingAll(): Promise<Stopping[]> {
  const results: Stopping[] = [];
  for (const cpus of [1, 2]) {
    const machine = await create(program("spin"), cpus);
    machine.start();
    results.push(await stopping(`spin on ${cpus}`, machine, heard(machine, "from here on")));
  }
  for (const cpus of [1, 2]) {
    const machine = await create(code(waiting), cpus);
    machine.start();
    results.push(await stopping(`WFI, ${cpus - 1} powered off`, machine, running(machine)));
  }
  const paused = await create(code(spinning), 2);
  paused.start();
  results.push(await stopping("paused", paused, paused.pause()));
  return results;
}

/** KVM's seconds are those of all machines of this process: one of them runs at a time. */
async function guestTime(): Promise<Steered["guestTime"]> {
  const seconds = 0.5;
  const during = async (kernel: Uint8Array) => {
    const machine = await create(kernel);
    machine.start();
    await running(machine);
    const before = machine.secondsInGuest;
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    const after = machine.secondsInGuest;
    await finish(machine);
    return [before, after];
  };
  return { passed: seconds, spinning: await during(code(spinning)), waiting: await during(code(waiting)) };
}

async function ticking(): Promise<number> {
  const machine = await create(code(spinning));
  machine.start();
  await running(machine);
  let ticks = 0;
  for (; ticks < 20 && !machine.isStopped; ticks++) await soon();
  await finish(machine);
  return ticks;
}

const residentMiB = () => Deno.memoryUsage().rss / MiB;

async function unread(): Promise<Steered["unread"]> {
  const machine = await create(code(printing));
  machine.start();
  const output = machine.output();
  await output.next();
  const before = residentMiB();
  for (let n = 0; n < 60; n++) await soon();
  const grownMiB = residentMiB() - before;
  return { grownMiB, ending: await finish(machine) };
}

function footing() {
  const descriptors = [...Deno.readDirSync("/proc/self/fd")].length;
  const maps = Deno.readTextFileSync("/proc/self/maps");
  const kvmMappings = maps.split("\n").filter((line) => line.includes("kvm")).length;
  const size = /VmSize:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))![1];
  return { descriptors, kvmMappings, sizeMiB: Number(size) / 1024 };
}

/** Uses so many machines, of so many vcpus, after a first one; tells what they left behind. */
async function leaving(count: number, cpus: number, use: (machine: Machine) => unknown): Promise<Leak> {
  const once = async () => {
    const machine = await create(code(spinning), cpus, largeMemoryMiB);
    await use(machine);
    machine.close();
  };
  await once();
  const before = footing();
  for (let n = 0; n < count; n++) await once();
  let after = footing();
  // The threads of Workers end a little after the machine.
  for (let tries = 0; tries < 200 && after.descriptors > before.descriptors; tries++) {
    await soon();
    after = footing();
  }
  return {
    descriptors: after.descriptors - before.descriptors,
    kvmMappings: after.kvmMappings,
    grownMiB: after.sizeMiB - before.sizeMiB,
  };
}

/** Takes away the memory below the guest's, so that KVM_RUN itself answers with an error. */
async function refusedRun(): Promise<Steered["refusedRun"]> {
  const machine = await create(code(spinning));
  const { vm } = machine.virtual;
  const nowhere = { slot: 0, guestAddress: 0x4000_0000n, hostAddress: 0x1_0000n };
  vm.setUserMemoryRegion({ ...nowhere, size: 0n });
  vm.setUserMemoryRegion({ ...nowhere, size: BigInt(64 * MiB) });
  machine.start();
  const ending = await machine.ended;
  machine.close();
  return ending;
}

/** What is asked of a closed machine must not touch what is gone. */
async function afterClose(): Promise<string> {
  const machine = await create(code(spinning));
  machine.start();
  await finish(machine);
  machine.stop();
  await machine.pause();
  machine.resume();
  await machine.type(new Uint8Array([1]));
  machine.close();
  return (await machine.ended).kind;
}

async function deviceTreeInMemory(): Promise<boolean> {
  const machine = await create(code(spinning));
  const [[, x0]] = look(machine) as [[string, string]];
  const { deviceTree } = machine.loaded;
  const offset = Number(x0) - 0x4000_0000;
  const there = machine.virtual.hostMemory.bytes.subarray(offset, offset + deviceTree.length);
  const isSame = there.every((byte, at) => byte === deviceTree[at]);
  machine.close();
  return isSame;
}

if (import.meta.main) {
  const steered: Steered = {
    pausing: [await pausing(1), await pausing(2)],
    stopping: await stoppingAll(),
    ticks: await ticking(),
    guestTime: await guestTime(),
    unread: await unread(),
    leaks: {
      created: await leaving(100, 2, () => {}),
      started: await leaving(10, 1, async (machine) => {
        machine.start();
        machine.stop();
        await machine.ended;
      }),
    },
    refusedRun: await refusedRun(),
    afterClose: await afterClose(),
    deviceTreeInMemory: await deviceTreeInMemory(),
  };
  console.log(JSON.stringify(steered));
  Deno.exit(0);
}
