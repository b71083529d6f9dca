// A running machine: its threads, its console, and the means to steer it. The isolate that has it never waits
// for a guest, so it can always pause it, stop it, or look at its registers.

import type { Backend } from "../kvm/backend.ts";
import type { FeatureRequest } from "../kvm/feature_request.ts";
import type { RunPage } from "../kvm/run_page.ts";
import type { TakenException } from "../kvm/syndrome.ts";
import {
  exceptionsOf,
  type GuestStatistics,
  guestStatistics,
  isDeterministic,
  prepareToShare,
  shareBackend,
} from "./backend_share.ts";
import { occupiedSlots } from "./board.ts";
import { ByteRing } from "./byte_ring.ts";
import { ControlBlock, lifecycle } from "./control_block.ts";
import { Counters, type DeviceNames, type MachineCounts } from "./counters.ts";
import { checkDrives, type Drive } from "./drive.ts";
import type { Ending } from "./ending.ts";
import { checkFirmware, filesOf } from "./flash_banks.ts";
import {
  type CommonJob,
  type DeviceIsolateJob,
  type DeviceJob,
  type FromIsolate,
  openIsolate,
  soleIsolate,
  type TurnsJob,
  type VcpuJob,
} from "./isolates.ts";
import { type Guest, type Loaded, loadGuest } from "./load.ts";
import { checkTrace, type TraceJob, traceJob, type TraceRequest } from "./trace_output.ts";
import type { TranscriptTarget } from "./transcript_output.ts";
import { createVirtualMachine, type VirtualMachine } from "./virtual_machine.ts";

export type MachineOptions = Guest & {
  /** Already with a transcript, if one is wanted. */
  readonly backend: Backend;
  readonly cpus: number;
  /** Bytes. */
  readonly memorySize: number;
  readonly features: FeatureRequest;
  readonly drives?: readonly Drive[];
  /** For the isolates of the vcpus and devices. */
  readonly transcript?: TranscriptTarget | undefined;
  readonly trace?: TraceRequest | undefined;
  /** One of `exitReasons`: the first such exit of any vcpu ends the machine. */
  readonly stopAtExit?: number | undefined;
};

const consoleRoom = 1 << 16;
const longestTimer = 2 ** 31 - 1;

export class Machine {
  /** How it ended, once every thread of it has stopped. Rejects if the monitor itself is at fault. */
  readonly ended: Promise<Ending>;
  readonly #control: ControlBlock;
  readonly #counters: Counters;
  readonly #input = ByteRing.ofCapacity(consoleRoom);
  readonly #output = ByteRing.ofCapacity(consoleRoom);
  readonly #pages: RunPage[];
  readonly #workers: Worker[] = [];
  readonly #finished = Promise.withResolvers<Ending>();
  #outputCame = Promise.withResolvers<void>();
  #ending: Ending | undefined;
  #fault: Error | undefined;
  #atWork = 0;
  #deviceNames: DeviceNames | undefined;
  readonly #exits: (readonly string[])[] = [];
  readonly #trace: TraceJob | undefined;
  #alarm: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    readonly virtual: VirtualMachine,
    readonly loaded: Loaded,
    readonly options: MachineOptions,
    readonly isolate: Worker | undefined,
  ) {
    this.#control = new ControlBlock(virtual.vcpus.length);
    this.#counters = new Counters(virtual.vcpus.length);
    this.#pages = virtual.vcpus.map((vcpu) => vcpu.mapRunPage());
    this.ended = this.#finished.promise;
    this.#trace = options.trace && traceJob(options.trace, options.firmware ? undefined : options.kernel);
  }

  /** Throws RequestError, GuestImageError or KvmError; leaves nothing behind then. */
  static async create(options: MachineOptions): Promise<Machine> {
    const drives = options.drives ?? [];
    checkDrives(drives);
    if (options.firmware) {
      checkFirmware(options.firmware);
    }
    if (options.trace) checkTrace(options.trace, options.backend);
    const isolate = await Machine.#begin(options);
    try {
      return await Machine.#createOn(isolate, options);
    } catch (error) {
      isolate?.terminate();
      throw error;
    }
  }

  /**
   * The isolate that runs all vcpus, which loads what it needs while the machine is made; undefined where each has its
   * own: what they share is loaded here.
   */
  static async #begin({ backend, cpus }: MachineOptions): Promise<Worker | undefined> {
    const script = soleIsolate(cpus, isDeterministic(backend));
    if (script !== undefined) return openIsolate(script, backend.name);
    await prepareToShare(backend);
    return undefined;
  }

  static async #createOn(isolate: Worker | undefined, options: MachineOptions): Promise<Machine> {
    const virtual = createVirtualMachine(options.backend, {
      ...options,
      hasFlash: options.firmware !== undefined,
    });
    try {
      const loaded = await loadGuest(virtual, options, occupiedSlots(options.drives?.length ?? 0));
      return new Machine(virtual, loaded, options, isolate);
    } catch (error) {
      virtual.close();
      throw error;
    }
  }

  /** Starts every vcpu's thread; the guest runs from here on. */
  start() {
    if (this.isDeterministic) return this.#startTurns();
    const { vcpus } = this.virtual;
    const hasOneIsolate = vcpus.length === 1;
    const devices = this.#deviceJob();
    vcpus.forEach((vcpu, index) => {
      const job: VcpuJob = {
        ...this.#commonJob(),
        vcpu: vcpu.fd,
        index,
        canAbort: this.virtual.canAbort,
        devices: hasOneIsolate ? devices : undefined,
      };
      this.#employ(this.isolate ?? openIsolate("./vcpu_worker.ts", job.backend.name), job);
    });
    if (!hasOneIsolate) this.#employ(openIsolate("./device_worker.ts"), { ...this.#commonJob(), devices });
  }

  #startTurns() {
    const { vcpus, canAbort } = this.virtual;
    const job: TurnsJob = {
      ...this.#commonJob(),
      vcpuFds: vcpus.map(({ fd }) => fd),
      canAbort,
      devices: this.#deviceJob(),
    };
    this.#employ(this.isolate!, job);
  }

  /** Whether the guest runs the same each time: by its own clock, its vcpus on one thread. */
  get isDeterministic(): boolean {
    return isDeterministic(this.virtual.vm.backend);
  }

  /** Of exits and devices, up to now. */
  get counts(): MachineCounts {
    return this.#counters.read(this.#deviceNames);
  }

  /** Undefined where the backend does not count. */
  get statistics(): GuestStatistics | undefined {
    return guestStatistics(this.virtual.vm.backend, this.virtual.vm.fd);
  }

  /** Processor time that the guest has had, on all of its vcpus. */
  get secondsInGuest(): number {
    return this.virtual.vm.backend.secondsInGuest(this.virtual.vm.fd);
  }

  #commonJob(): CommonJob {
    const { vm, vcpus } = this.virtual;
    return {
      backend: shareBackend(vm.backend),
      vm: vm.fd,
      runPageSize: vm.runPageSize,
      vcpus: vcpus.length,
      control: this.#control.buffer,
      counters: this.#counters.buffer,
      transcript: this.options.transcript,
      stopAtExit: this.options.stopAtExit,
      trace: this.#trace,
    };
  }

  #deviceJob(): DeviceJob {
    const { hostMemory, memory, flash } = this.virtual;
    const { firmware } = this.options;
    const files = firmware ? filesOf(firmware) : [];
    return {
      memory: { address: hostMemory.address, size: memory.size },
      flash: flash.map(({ address }, bank) => ({ address, file: files[bank] })),
      drives: this.options.drives ?? [],
      input: this.#input.buffer,
      output: this.#output.buffer,
    };
  }

  #employ(worker: Worker, job: VcpuJob | DeviceIsolateJob | TurnsJob) {
    worker.onmessage = ({ data }) => this.#hear(data as FromIsolate);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#hear({ kind: "crashed", message: event.message, stack: undefined });
    };
    worker.postMessage(job);
    this.#workers.push(worker);
    this.#atWork++;
  }

  #hear(message: FromIsolate) {
    switch (message.kind) {
      case "ending":
        return this.end(message.ending);
      case "alarm":
        return this.#setAlarm(this.#control.takeAlarm());
      case "output":
        return this.#hearOfOutput();
      case "devices":
        this.#deviceNames = message.names;
        return;
      case "crashed":
        this.#fault ??= Object.assign(new Error(message.message), { stack: message.stack });
        this.stop();
        return this.#leave();
      case "done":
        for (const { vcpu, lines } of message.exits) this.#exits[vcpu] = lines;
        return this.#leave();
    }
  }

  #hearOfOutput() {
    this.#control.hearOfOutput();
    this.#outputCame.resolve();
    this.#outputCame = Promise.withResolvers();
  }

  #setAlarm(time: number) {
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(
      () => this.#wakeDevices(),
      Math.min(Math.max(0, time - Date.now()), longestTimer),
    );
  }

  #leave() {
    if (--this.#atWork > 0) return;
    clearTimeout(this.#alarm);
    this.#workers.forEach((worker) => worker.terminate());
    if (this.#fault) this.#finished.reject(this.#fault);
    else this.#finished.resolve(this.#ending ?? { kind: "stopped" });
  }

  /** Ends the machine for this reason, unless it has ended already. Resolve: `ended`. */
  end(ending: Ending) {
    this.#ending ??= ending;
    this.#control.state = lifecycle.stopped;
    this.#control.ringDoorbell();
    this.#interruptAll();
  }

  stop() {
    this.end({ kind: "stopped" });
  }

  get isStopped(): boolean {
    return this.#control.state === lifecycle.stopped;
  }

  /** Resolves when no vcpu runs; their registers can be read and written then. */
  async pause() {
    if (this.#control.state !== lifecycle.running) return;
    this.#control.state = lifecycle.paused;
    this.#control.ringDoorbell();
    this.#interruptAll();
    await this.#control.whenHeld(this.virtual.vcpus.length);
  }

  resume() {
    if (this.#control.state === lifecycle.paused) this.#control.state = lifecycle.running;
  }

  #interruptAll() {
    this.#pages.forEach((_, vcpu) => this.#interrupt(vcpu));
  }

  #interrupt(vcpu: number) {
    const page = this.#pages[vcpu];
    if (!page) return;
    page.immediateExit = true;
    const thread = this.#control.thread(vcpu);
    if (thread) this.virtual.vm.backend.interruptThread(thread);
  }

  #wakeDevices() {
    // A guest that waits for its input is not interrupted for it: that would be at another moment of each run.
    if (!this.#control.isInputAwaited) this.#interruptDevices();
  }

  #interruptDevices() {
    if (this.virtual.vcpus.length > 1 || this.isDeterministic) this.#control.ringDoorbell();
    if (this.virtual.vcpus.length === 1 || this.isDeterministic) this.#interrupt(0);
  }

  /**
   * Says that the input is a file or a pipe, not a person: a deterministic guest that listens waits until there
   * is some, or `endInput`, so that it comes at the same moment of each run. To be told before `start`.
   */
  awaitInput() {
    this.#control.isInputAwaited = this.isDeterministic;
  }

  /** Says that no input follows. */
  endInput() {
    this.#input.end();
  }

  /** Says that a person types the input, so that Ctrl-C stops a guest that does not read it. */
  set isInteractive(value: boolean) {
    this.#control.isInteractive = value;
  }

  /** Types bytes on the guest's console; resolves when it has room for all of them, or has ended. */
  async type(bytes: Uint8Array) {
    for (const byte of bytes) {
      while (!this.#input.push(byte)) {
        if (this.isStopped) return;
        this.#wakeDevices();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    this.#wakeDevices();
  }

  /** As `type`, but does not wait: returns how many bytes there was room for. */
  offer(bytes: Uint8Array): number {
    let accepted = 0;
    while (accepted < bytes.length && this.#input.push(bytes[accepted]!)) accepted++;
    this.#wakeDevices();
    return accepted;
  }

  /** Gives the guest's console a break condition, which Linux takes for the SysRq key. */
  sendBreak() {
    this.#control.askForBreak();
    this.#wakeDevices();
  }

  /**
   * Presses the machine's power button, and lets it go after a moment. Returns whether that interrupts the guest: most
   * do nothing about a button until their driver of it is there.
   */
  pressPowerButton(): boolean {
    this.#control.askForPress();
    this.#interruptDevices();
    return this.#control.isButtonWatched;
  }

  /** What the guest writes on its console, until it has ended and all is read. */
  async *output(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const ended = this.ended.then(() => true, () => true);
    for (let hasEnded = false;;) {
      // Taken before looking, so that nothing that comes meanwhile is missed.
      const came = this.#outputCame.promise.then(() => false);
      const bytes = new Uint8Array(this.#output.length);
      if (bytes.length) {
        this.#output.take(bytes);
        yield bytes;
      } else if (hasEnded) {
        return;
      } else {
        hasEnded = await Promise.race([came, ended]);
      }
    }
  }

  /** The last exits of a vcpu, in words, the oldest first. The machine must have ended. */
  lastExits(vcpu: number): readonly string[] {
    return this.#exits[vcpu] ?? [];
  }

  /** The last exceptions of a vcpu, the oldest first; none on KVM, which does not see them. */
  lastExceptions(vcpu: number): readonly TakenException[] {
    return exceptionsOf(this.virtual.vm.backend, this.virtual.vcpus[vcpu]!.fd);
  }

  /** Releases everything. The machine must have ended, or never been started; to steer it then has no effect. */
  close() {
    this.isolate?.terminate();
    this.#pages.splice(0).forEach((page) => this.virtual.vm.backend.unmapRunPage(page.buffer));
    this.virtual.close();
  }
}
