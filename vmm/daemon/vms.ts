// Every VM of a daemon, by name.

import { formatSize } from "../../guest/ram.ts";
import { ApiError } from "./api_error.ts";
import { EventLog } from "./event_log.ts";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";
import { memorySizeOf } from "./machine_options.ts";
import type { StateFolder } from "./state_folder.ts";
import { isPanic, Vm, type VmRecord } from "./vm.ts";
import type { VmProcesses } from "./vm_processes.ts";

export interface Limits {
  /** VMs, whatever their state. */
  readonly vms: number;
  /** Bytes of one VM's RAM. */
  readonly memory: number;
}

/** Milliseconds that all VMs have to end in when the daemon leaves, after the time their guests were given. */
const patience = 8000;

export class Vms {
  readonly events = new EventLog();
  readonly #vms = new Map<string, Vm>();
  #isClosing = false;

  constructor(
    readonly limits: Limits,
    readonly state: StateFolder | undefined,
    readonly processes: VmProcesses,
  ) {
    for (const record of state?.load() ?? []) this.#add(record);
  }

  list(): Vm[] {
    return [...this.#vms.values()];
  }

  /** Throws ApiError. */
  get(name: string): Vm {
    const vm = this.#vms.get(name);
    if (vm) return vm;
    throw new ApiError(404, "name", `there is no VM "${name}"`);
  }

  /** Makes a VM that is ready to start. Throws ApiError; leaves nothing behind then. */
  async create(configuration: MachineConfiguration): Promise<Vm> {
    this.#checkLimits(configuration);
    const name = configuration.name ?? this.#freeName(configuration);
    if (this.#vms.has(name)) throw new ApiError(409, "name", `there is a VM "${name}" already`);
    const vm = this.#add({
      name,
      configuration,
      created: new Date().toISOString(),
      state: "created",
      runs: 0,
      started: null,
      ended: null,
      ending: null,
    });
    try {
      await vm.prepare();
      this.state?.save(vm.record);
    } catch (error) {
      this.#vms.delete(name);
      await vm.remove();
      throw error;
    }
    this.events.add(name, "state", { state: "created" });
    return vm;
  }

  #add(record: VmRecord): Vm {
    const vm = new Vm(record, this.processes, (vm, record) => this.#tell(vm, record));
    this.#vms.set(record.name, vm);
    return vm;
  }

  #tell(vm: Vm, record: VmRecord) {
    const { state, runs, ending } = record;
    if (isPanic(ending)) this.events.add(vm.name, "panic", { reason: ending.reason });
    const hasStopped = state === "paused" || state === "ended";
    if (hasStopped && vm.lastStats) this.events.add(vm.name, "exits", { exits: vm.lastStats.counts.exits });
    this.events.add(vm.name, "state", { state, run: runs, ...ending && { ending } });
    try {
      this.state?.save(record);
    } catch (error) {
      // The VM goes on: what is lost is that a later daemon would know of this.
      console.error(`velum: ${(error as Error).message}`);
    }
  }

  #checkLimits(configuration: MachineConfiguration) {
    if (this.#isClosing) throw new ApiError(503, "daemon", "the daemon is about to leave");
    const { vms, memory } = this.limits;
    if (this.#vms.size >= vms) {
      throw new ApiError(
        409,
        "name",
        `there are ${this.#vms.size} VMs, and this daemon has at most ${vms}; delete one`,
      );
    }
    const wanted = memorySizeOf(configuration);
    if (wanted > memory) {
      const most = `this daemon gives a VM at most ${formatSize(memory)}`;
      throw new ApiError(400, "memory", `${formatSize(wanted)} of memory are too much: ${most}`);
    }
  }

  #freeName({ guest, kernel, firmware }: MachineConfiguration): string {
    const stem = kernel ? "kernel" : firmware ? "firmware" : guest ?? "hello";
    const safe = /^[a-z0-9]{1,32}$/.test(stem) ? stem : "vm";
    for (let n = 1;; n++) {
      if (!this.#vms.has(`${safe}-${n}`)) return `${safe}-${n}`;
    }
  }

  /** Throws ApiError for one that runs, unless it may be stopped. */
  async remove(name: string, mayStop: boolean) {
    const vm = this.get(name);
    if (!mayStop && vm.isBusy) {
      throw new ApiError(
        409,
        "state",
        `the VM "${name}" is ${vm.state}; stop it first, or force its deletion`,
      );
    }
    await vm.remove();
    if (!this.#vms.delete(name)) return;
    this.state?.remove(name);
    this.events.add(name, "deleted", {});
  }

  /**
   * Ends every run and process; no VM can be created after.
   * @param graceSeconds that guests which listen have to end by themselves
   */
  async close(graceSeconds = 0) {
    this.#isClosing = true;
    const late = setTimeout(() => this.list().forEach((vm) => vm.kill()), 1000 * graceSeconds + patience);
    const closing = this.list().map(async (vm) => {
      if (vm.isBusy) await vm.stop(graceSeconds).catch(() => {});
      await vm.remove();
    });
    await Promise.all([...closing, this.processes.close()]);
    clearTimeout(late);
    this.events.bell.ring();
  }

  /** Guests that are given time to end have no more of it. */
  hurry() {
    this.list().forEach((vm) => vm.hurry());
  }
}
