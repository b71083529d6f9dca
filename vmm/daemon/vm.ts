// One VM as the daemon has it: its configuration, the process that runs it, and what is left of its runs.

import type { Ending } from "../machine/ending.ts";
import { ApiError } from "./api_error.ts";
import { ByteLog } from "./byte_log.ts";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import { type Departure, VmDeath, VmLink, VmRefusal } from "./vm_link.ts";
import type { Answers, Asks, RunEnding, VmStats } from "./vm_messages.ts";
import type { VmProcesses } from "./vm_processes.ts";

/**
 * created: ready to start; running; paused; ended: its process is gone, and a start is a new run.
 */
export type VmState = "created" | "running" | "paused" | "ended";

/** How the last run ended; `died`: the VM's process, or the daemon, before the guest. */
export type VmEnding =
  | RunEnding
  | { kind: "died"; reason: string; exitStatus?: number; signal?: string; stderr?: readonly string[] };

/** What of a VM outlives the daemon. */
export interface VmRecord {
  readonly name: string;
  readonly configuration: MachineConfiguration;
  readonly created: string;
  readonly state: VmState;
  readonly runs: number;
  readonly started: string | null;
  readonly ended: string | null;
  readonly ending: VmEnding | null;
}

const defaults = { consoleBytes: 256 * 1024, transcriptBytes: 1 << 20 };
/** Milliseconds that a process has to end after its guest was stopped. */
const patience = 5000;

export class Vm {
  readonly name: string;
  readonly configuration: MachineConfiguration;
  readonly console: ByteLog;
  readonly transcript = new ByteLog(defaults.transcriptBytes);
  /** Of a guest that could not go on: its last exits and exceptions, and its registers, as text. */
  report: string | undefined;
  /** What a run had used when it was last paused, or at its end; undefined where none told. */
  lastStats: VmStats | undefined;
  /** What it runs on; undefined before its first process said so. */
  backend: string | undefined;
  #record: VmRecord;
  #link: VmLink | undefined;
  /** Resolves when the departure of the present process has been recorded. */
  #departed = Promise.resolve();
  #queue: Promise<unknown> = Promise.resolve();
  /** The stop that is under way, and what makes it wait for its guest no longer. */
  #stopping: { done: Promise<void>; hurry: () => void } | undefined;

  /** @param onChange told after each change of the record */
  constructor(
    record: VmRecord,
    readonly processes: VmProcesses,
    readonly onChange: (vm: Vm, record: VmRecord) => void,
  ) {
    this.name = record.name;
    this.configuration = record.configuration;
    this.console = new ByteLog(record.configuration.limits?.consoleBytes ?? defaults.consoleBytes);
    this.#record = record;
  }

  get record(): VmRecord {
    return this.#record;
  }

  get state(): VmState {
    return this.#record.state;
  }

  /** Whether a run of it has begun and not ended. */
  get isBusy(): boolean {
    return this.state === "running" || this.state === "paused";
  }

  get pid(): number | undefined {
    return this.#link?.pid;
  }

  /** One change at a time, in the order asked for. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(change, change);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #change(change: Partial<VmRecord>) {
    this.#record = { ...this.#record, ...change };
    this.onChange(this, this.#record);
    this.console.bell.ring();
  }

  /** Starts a process and has it build the machine. Throws ApiError; no process is left then. */
  prepare(): Promise<void> {
    return this.#inTurn(() => this.#prepare());
  }

  async #prepare() {
    const link = new VmLink(this.processes.take(this.configuration), {
      onConsole: (bytes) => this.console.append(bytes),
      onTranscript: (line) => this.transcript.append(new TextEncoder().encode(line + "\n")),
    });
    this.#link = link;
    this.#departed = link.gone.then((departure) => this.#depart(departure));
    try {
      this.backend = (await link.ask("create", { configuration: this.configuration })).backend;
    } catch (error) {
      link.kill();
      await this.#departed;
      throw asApiError(error, "the VM's process died before it was built");
    }
  }

  #depart({ ended, exitStatus, signal, stderr }: Departure) {
    this.#link = undefined;
    this.report = ended?.report;
    this.lastStats = ended?.stats;
    if (!this.isBusy) return;
    const reason = signal
      ? `its process was ended by ${signal}`
      : `its process left with exit status ${exitStatus}`;
    const died = { kind: "died", reason, exitStatus, ...signal && { signal }, stderr } as const;
    this.#change({ state: "ended", ended: new Date().toISOString(), ending: ended?.ending ?? died });
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#require("created", "ended");
      await this.#start();
    });
  }

  async #start() {
    if (!this.#link) await this.#prepare();
    const started = new Date().toISOString();
    this.#change({ state: "running", runs: this.#record.runs + 1, started, ended: null, ending: null });
    await this.#ask("start", {});
  }

  pause(): Promise<void> {
    return this.#inTurn(async () => {
      this.#require("running");
      await this.#ask("pause", {});
      this.lastStats = await this.#ask("stats", {});
      if (this.state === "running") this.#change({ state: "paused" });
    });
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      this.#require("paused");
      await this.#ask("resume", {});
      if (this.state === "paused") this.#change({ state: "running" });
    });
  }

  /**
   * Asks the guest to end and gives it so many seconds for that, if it listens; then ends the run. A stop that is
   * under way is waited for. Resolves when the run has ended and its process is gone.
   */
  stop(graceSeconds: number): Promise<void> {
    if (graceSeconds === 0) this.hurry();
    if (this.#stopping) return this.#stopping.done;
    const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
    const done = this.#inTurn(async () => {
      this.#require("running", "paused");
      if (graceSeconds > 0 && this.state === "running") await this.#awaitEnd(graceSeconds, hurried);
      if (this.isBusy) await this.#stop();
    }).finally(() => this.#stopping = undefined);
    this.#stopping = { done, hurry };
    return done;
  }

  /** A stop that is under way waits for its guest no longer. */
  hurry() {
    this.#stopping?.hurry();
  }

  /** Presses the power button. Resolves when the run has ended, or nothing is to be hoped for. */
  async #awaitEnd(seconds: number, hurried: Promise<void>) {
    const { isWatched } = await this.#ask("press", {}).catch(() => ({ isWatched: false }));
    if (!isWatched) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 1000 * seconds));
    await Promise.race([this.#departed, hurried, late]);
    clearTimeout(timer);
  }

  /** Presses the power button; what comes of it is the guest's to say. */
  async press(): Promise<void> {
    await this.query("press", {}, "running");
  }

  async #stop() {
    const link = this.#link;
    if (!link) return;
    const late = setTimeout(() => link.kill(), patience);
    await this.#ask("stop", {}).catch(() => {});
    await this.#departed;
    clearTimeout(late);
  }

  /** Ends the present run, if there is one, and begins another. */
  reset(): Promise<void> {
    this.hurry();
    return this.#inTurn(async () => {
      if (this.isBusy) await this.#stop();
      await this.#start();
    });
  }

  /** Ends whatever there is of it. */
  remove(): Promise<void> {
    this.hurry();
    return this.#inTurn(async () => {
      if (this.isBusy) await this.#stop();
      else this.kill();
      await this.#departed;
    });
  }

  /** What the present run has used, or the last one had; undefined where neither can tell. */
  async stats(): Promise<VmStats | undefined> {
    if (!this.#link) return this.lastStats;
    return await this.#link.ask("stats", {}).catch(() => this.lastStats);
  }

  /** Ends its process at once. */
  kill() {
    this.#link?.kill();
  }

  /** Asks the running process; throws ApiError where there is none. */
  async query<A extends keyof Asks>(ask: A, what: Asks[A], ...states: VmState[]): Promise<Answers[A]> {
    this.#require(...states);
    return await this.#ask(ask, what);
  }

  async #ask<A extends keyof Asks>(ask: A, what: Asks[A]): Promise<Answers[A]> {
    if (!this.#link) throw this.#wrongState();
    try {
      return await this.#link.ask(ask, what);
    } catch (error) {
      if (error instanceof VmDeath) await this.#departed;
      throw asApiError(error, "the VM's process ended meanwhile");
    }
  }

  #require(...states: VmState[]) {
    if (!states.includes(this.state)) throw this.#wrongState(states);
  }

  #wrongState(states: readonly VmState[] = ["running"]): ApiError {
    return new ApiError(
      409,
      "state",
      `the VM "${this.name}" is ${this.state}; this needs one that is ${states.join(" or ")}`,
    );
  }
}

function asApiError(error: unknown, death: string): unknown {
  if (error instanceof VmRefusal) return new ApiError(400, error.field, error.message);
  if (!(error instanceof VmDeath)) return error;
  return new ApiError(409, "state", error.message ? `${death} (${error.message})` : death);
}

/** Whether the guest itself reports that it is broken. */
export const isPanic = (ending: VmEnding | null): ending is Ending & { kind: "panic" } =>
  ending?.kind === "panic";
