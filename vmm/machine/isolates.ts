// What the control side and a machine's Workers say to each other.

import type { BackendShare } from "./backend_share.ts";
import type { Drive } from "./drive.ts";
import type { Ending } from "./ending.ts";
import type { BankJob } from "./flash_banks.ts";
import type { TranscriptTarget } from "./transcript_output.ts";

/** What any of a machine's isolates needs to take part in it. */
export interface CommonJob {
  readonly backend: BackendShare;
  readonly vm: number;
  readonly runPageSize: number;
  readonly vcpus: number;
  readonly control: SharedArrayBuffer;
  readonly transcript: TranscriptTarget | undefined;
}

export interface DeviceJob {
  readonly memory: { readonly address: bigint; readonly size: number };
  readonly flash: readonly BankJob[];
  readonly drives: readonly Drive[];
  readonly input: SharedArrayBuffer;
  readonly output: SharedArrayBuffer;
  /** Which events to print on stderr. */
  readonly trace: readonly TraceEvent[];
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

/** `misuse`: what the guest may not do; `mmio`: every access that comes to the monitor. */
export const traceEvents = ["misuse", "mmio"] as const;
export type TraceEvent = (typeof traceEvents)[number];

export type FromIsolate =
  | { kind: "ending"; ending: Ending }
  | { kind: "alarm" }
  | { kind: "output" }
  /** The isolate's work is over. */
  | { kind: "done" }
  /** Our own mistake, or a KvmError nobody expected. */
  | { kind: "crashed"; message: string; stack: string | undefined };
