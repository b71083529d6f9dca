// What the control side and a machine's Workers say to each other.

import type { BackendShare } from "./backend_share.ts";
import type { DeviceNames } from "./counters.ts";
import type { Drive } from "./drive.ts";
import type { Ending } from "./ending.ts";
import type { BankJob } from "./flash_banks.ts";
import type { TraceJob } from "./trace_output.ts";
import type { TranscriptTarget } from "./transcript_output.ts";

/** What any of a machine's isolates needs to take part in it. */
export interface CommonJob {
  readonly backend: BackendShare;
  readonly vm: number;
  readonly runPageSize: number;
  readonly vcpus: number;
  readonly control: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly transcript: TranscriptTarget | undefined;
  /** See RunContext. */
  readonly stopAtExit: number | undefined;
  readonly trace: TraceJob | undefined;
}

export interface DeviceJob {
  readonly memory: { readonly address: bigint; readonly size: number };
  readonly flash: readonly BankJob[];
  readonly drives: readonly Drive[];
  readonly input: SharedArrayBuffer;
  readonly output: SharedArrayBuffer;
}

export interface VcpuJob extends CommonJob {
  readonly vcpu: number;
  readonly index: number;
  /** See RunContext. */
  readonly canAbort: boolean;
  /** The devices, where they live in this vcpu's isolate. */
  readonly devices: DeviceJob | undefined;
}

/** Of the isolate that has all vcpus and the devices. */
export interface TurnsJob extends CommonJob {
  /** By their indexes. */
  readonly vcpuFds: readonly number[];
  readonly canAbort: boolean;
  readonly devices: DeviceJob;
}

export interface DeviceIsolateJob extends CommonJob {
  readonly devices: DeviceJob;
}

/** Of a vcpu, in words. */
export interface LastExits {
  readonly vcpu: number;
  readonly lines: readonly string[];
}

export type FromIsolate =
  | { kind: "ending"; ending: Ending }
  | { kind: "alarm" }
  | { kind: "output" }
  /** The devices are there. */
  | { kind: "devices"; names: DeviceNames }
  /** The isolate's work is over; vcpus' has their last exits, in words. */
  | { kind: "done"; exits: readonly LastExits[] }
  /** Our own mistake, or a KvmError nobody expected. */
  | { kind: "crashed"; message: string; stack: string | undefined };

/** Whether a choice of backend may come to KVM: on other processors it has no arm64 guests. */
export const mayBeKvm = (choice = "auto") => choice !== "interpreter" && Deno.build.arch === "aarch64";

/** The isolate that runs all vcpus of a machine; undefined where each has its own. */
export function soleIsolate(cpus: number, isDeterministic: boolean): string | undefined {
  if (isDeterministic) return "./turns_worker.ts";
  return cpus === 1 ? "./vcpu_worker.ts" : undefined;
}

let ahead: { readonly script: string; readonly backend: string; readonly worker: Worker } | undefined;

/** Starts a Worker before anybody needs it: loading what it runs takes longer than all the rest of a guest's start. */
export function openIsolateAhead(script: string, backend: string) {
  ahead = { script, backend, worker: start(script, backend) };
}

/**
 * A Worker, which is to be told its job.
 * @param backend what it loads while it waits, if it is to run vcpus
 */
export function openIsolate(script: string, backend = ""): Worker {
  if (ahead?.script !== script || ahead.backend !== backend) return start(script, backend);
  const { worker } = ahead;
  ahead = undefined;
  return worker;
}

const start = (script: string, backend: string): Worker =>
  new Worker(new URL(script, import.meta.url), { type: "module", name: backend });
