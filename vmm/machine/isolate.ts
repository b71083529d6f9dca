// What the Workers of a machine have in common: joining it, having its devices, reporting back.

import { GuestMemory } from "../../guest/memory.ts";
import type { Backend } from "../kvm/backend.ts";
import type { Trace } from "../kvm/trace.ts";
import { Vm } from "../kvm/vm.ts";
import { backendFromShare, loadAhead, type Running } from "./backend_share.ts";
import { ramBase } from "./board.ts";
import { ByteRing } from "./byte_ring.ts";
import { ControlBlock } from "./control_block.ts";
import { Counters } from "./counters.ts";
import { createDevices, type Devices, type DeviceSurroundings } from "./device_host.ts";
import type { Ending } from "./ending.ts";
import type { CommonJob, DeviceJob, FromIsolate, LastExits } from "./isolates.ts";
import { lineWriter } from "./line_writer.ts";
import type { MmioTarget } from "./mmio.ts";
import { traceTo } from "./trace_output.ts";
import { withTranscript } from "./transcript_output.ts";

const silenceNotice =
  "velum: the guest listens for console input, and under --deterministic goes on only when " +
  "there is some, or its end, as with </dev/null";

declare const self: {
  readonly name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: FromIsolate): void;
};

export interface Joined {
  readonly backend: Backend;
  readonly vm: Vm;
  readonly control: ControlBlock;
  readonly counters: Counters;
  readonly trace: Trace | undefined;
}

/**
 * @param known descriptors and their names, for the transcript
 * @param vcpus how this isolate runs vcpus, if it does
 */
export async function join(
  job: CommonJob,
  known: readonly (readonly [number, string])[],
  vcpus?: Omit<Running, "trace">,
): Promise<Joined> {
  const trace = job.trace && traceTo(job.trace);
  const shared = await backendFromShare(job.backend, vcpus && { ...vcpus, trace });
  const backend = withTranscript(shared, job.transcript, [
    [job.vm, "VM"],
    ...known,
  ]);
  return {
    backend,
    vm: new Vm(backend, job.vm, "VM", job.runPageSize),
    control: new ControlBlock(job.vcpus, job.control),
    counters: new Counters(job.vcpus, job.counters),
    trace,
  };
}

/** What devices have of the host, or of the guest's own time. */
export type Sources = Pick<DeviceSurroundings, "now" | "wakeAt" | "fillRandom">;

/** The host's clock, by which the control side wakes this isolate, and the host's random numbers. */
const hostSources = ({ control }: Joined): Sources => ({
  now: Date.now,
  wakeAt: (time) => control.askForAlarm(time) && self.postMessage({ kind: "alarm" }),
  fillRandom: (into) => void crypto.getRandomValues(into),
});

/** Builds the devices in this isolate. */
export function haveDevices(
  joined: Joined,
  job: DeviceJob,
  sources = hostSources(joined),
): Devices & { target: MmioTarget } {
  const { backend, vm, control, counters, trace } = joined;
  const memory = backend.memoryAt(job.memory.address, job.memory.size);
  const devices = createDevices({
    vm,
    backend,
    control,
    counters,
    memory: new GuestMemory(memory, ramBase),
    flash: job.flash,
    drives: job.drives,
    input: new ByteRing(job.input),
    output: new ByteRing(job.output),
    onEnding: (ending) => self.postMessage({ kind: "ending", ending }),
    onOutput: () => self.postMessage({ kind: "output" }),
    onSilence: () => lineWriter()(silenceNotice),
    ...sources,
    onMisuse: trace?.has("misuse") ? (line) => trace.tell("misuse", line, { misuse: line }) : () => {},
  });
  self.postMessage({ kind: "devices", names: devices.names });
  return { ...devices, target: settling(devices) };
}

/** The bus, with what a write leaves to be done, done right after it. */
function settling({ bus, settle }: Devices): MmioTarget {
  return {
    read: bus.read,
    write(address, width, value) {
      bus.write(address, width, value);
      settle();
    },
  };
}

export interface Done {
  readonly ending?: Ending | undefined;
  readonly exits?: readonly LastExits[];
}

/** Makes this Worker do its job once it is told it, and report how that ended. */
export function serveJob<Job>(body: (job: Job) => Promise<Done>) {
  // What fails to load fails again, and is told of, when the job needs it.
  loadAhead(self.name).catch(() => {});
  self.onmessage = async ({ data }) => {
    try {
      const { ending, exits = [] } = await body(data as Job);
      if (ending) self.postMessage({ kind: "ending", ending });
      self.postMessage({ kind: "done", exits });
    } catch (error) {
      const { message, stack } = error as Error;
      self.postMessage({ kind: "crashed", message, stack });
    }
  };
}
