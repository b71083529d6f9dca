// What the daemon and a VM's process say to each other.

import type { MachineCounts } from "../machine/counters.ts";
import type { Ending } from "../machine/ending.ts";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";

/** What a VM's process can be asked to do, and with what; each is answered once. */
export interface Asks {
  /** First of all, and once. */
  create: { configuration: MachineConfiguration };
  start: Nothing;
  pause: Nothing;
  resume: Nothing;
  /** Presses the power button. */
  press: Nothing;
  /** Answered at once; `ended` follows. */
  stop: Nothing;
  stats: Nothing;
  registers: { vcpu: number; names: string[] | undefined };
  /** Console input, in base64. */
  type: { input: string };
}

type Nothing = Record<never, never>;

export type Request = { [A in keyof Asks]: { id: number; ask: A } & Asks[A] }[keyof Asks];

export interface Answers {
  create: { backend: string };
  start: null;
  pause: null;
  resume: null;
  /** Whether it interrupts the guest. */
  press: { isWatched: boolean };
  stop: null;
  stats: VmStats;
  registers: Record<string, string>;
  /** How many bytes there was room for. */
  type: { accepted: number };
}

/** What a VM's process has used; all of it counts up, but for the memory. */
export interface VmStats {
  readonly cpuSeconds: { readonly user: number; readonly system: number };
  /** Of it, what the guest has had on all of its vcpus. */
  readonly guestSeconds: number;
  /** Bytes that the process has in memory, the guest's RAM among them as far as it was touched. */
  readonly residentBytes: number;
  /** Instructions that the guest executed, where the backend counts them. */
  readonly instructions: number | null;
  readonly counts: MachineCounts;
}

/** How a VM's run came to its end. */
export type RunEnding =
  | Ending
  | { kind: "limit"; limit: "cpuSeconds" | "wallSeconds"; value: number };

export type FromVm =
  | { re: number; ok: unknown }
  | { re: number; error: { field: string; message: string } }
  /** The last message: every byte of the console went before. */
  | { ended: RunEnding; stats: VmStats; report?: string };
