// A vcpu on the thread that runs it: KVM_RUN in process (KVM document, "4.10 KVM_RUN").

import { errno } from "../kvm/errno.ts";
import { exitReasons } from "../kvm/run_page.ts";
import { CodePages } from "./a64/code_pages.ts";
import { type AccessSize, Cpu } from "./a64/cpu.ts";
import { cpuBytes, cpuWord } from "./a64/cpu_layout.ts";
import { notLoaded } from "./a64/decoder.ts";
import { debugChanged, runsStepwise } from "./a64/debug_unit.ts";
import { breakpointOffset, Engine, type EngineHost } from "./a64/engine.ts";
import { enterException, enterInterrupt, isMasked } from "./a64/exceptions.ts";
import { contextChanged } from "./a64/execution_context.ts";
import type { GuestException } from "./a64/guest_exception.ts";
import { codePage } from "./a64/mmu_fetch.ts";
import { faultStatus } from "./a64/translation_table_walk.ts";
import { virtualMemory } from "./a64/mmu_access.ts";
import { countPerformance, performanceChanged } from "./a64/performance_unit.ts";
import { PhysicalMemory } from "./a64/physical_memory.ts";
import { flushTlb } from "./a64/tlb.ts";
import { Attention, requests } from "./attention.ts";
import { clockSince } from "./clock.ts";
import { Debugger } from "./debugger.ts";
import { GuestTime } from "./guest_time.ts";
import { EventfdMemory } from "./eventfd_memory.ts";
import { injectGsi } from "./eventfds.ts";
import { ExitPage } from "./exit_page.ts";
import { GicModel } from "./gic/gic_model.ts";
import { GicV2Model } from "./gic/v2_model.ts";
import { firstSpi, signals } from "./gic/gic_state.ts";
import type { HypercallHost } from "./hypercall.ts";
import { hypercallHost } from "./hypercall_host.ts";
import { instructionSet } from "./instruction_set.ts";
import { IrqInputs } from "./irq_inputs.ts";
import { poolBytes, type VcpuShare, type VmShare } from "./machine_share.ts";
import { Power } from "./power.ts";
import { Published } from "./published.ts";
import { processorSurroundings } from "./processor_surroundings.ts";
import { type FillRandom, hostRandom, seededRandom } from "./seeded_random.ts";
import { Timers } from "./timers.ts";
import type { Turns } from "./turns.ts";
import { leaving, VcpuExits } from "./vcpu_exits.ts";
import type { VcpuState } from "./vcpu_state.ts";
import { VcpuWait } from "./vcpu_wait.ts";
import { regionsOf, type SlotNow, type VmNow } from "./vm_now.ts";
import type { MakeWatch, Watch } from "./watch.ts";

/** Instructions between two looks at what else there is to do: some tens of microseconds. */
const slice = 50_000;

/** ESR_EL1.IL. */
const IL = 1n << 25n;

export class Processor {
  readonly cpu: Cpu;
  readonly #engine: Engine;
  readonly #debugger: Debugger;
  readonly #watch: Watch | undefined;
  readonly #attention: Attention;
  readonly #page: ExitPage;
  readonly #gic: GicModel | GicV2Model | undefined;
  readonly #timers: Timers;
  readonly #power: Power;
  readonly #inputs: IrqInputs;
  readonly #published: Published<VmNow>;
  /** What can change while the vcpu runs, and the version of it that this is. */
  #now: VmNow;
  #version = 0;
  /** `cpuWord.changes` as of the last KVM_RUN. */
  #changes: number | undefined;
  readonly #eventfds: EventfdMemory;
  #hypercalls: HypercallHost;
  /** The state as KVM_ARM_VCPU_INIT left it, for when the vcpu is turned on anew. */
  readonly #initial: Uint8Array;
  readonly #exits: VcpuExits;
  readonly #wait: VcpuWait;
  /** `executed` of what was added to the guest's time. */
  #added = 0;
  readonly #time: GuestTime;
  readonly #fillRandom: FillRandom;
  readonly #notAdded = () => this.#engine.retired - this.#added;

  /**
   * @param turns where the vcpus of the VM take turns on one thread
   * @param watch makes what is to see all that the vcpu does, around the memory that it is given
   */
  constructor(
    readonly vm: VmShare,
    readonly vcpu: VcpuShare,
    readonly state: VcpuState,
    readonly turns?: Turns,
    watch?: MakeWatch,
  ) {
    const { buffer } = vm.memory;
    this.#attention = new Attention(buffer);
    this.#page = new ExitPage(vcpu.runPage);
    this.#power = new Power(vm.power);
    this.#time = turns?.time ?? new GuestTime(vm.guestTime);
    turns?.add(this);
    this.#timers = new Timers(vm.timers, turns ? turns.time.clock : clockSince(vm.timeOrigin));
    this.#inputs = new IrqInputs(vm.inputs);
    this.#fillRandom = vm.seed === undefined ? hostRandom : seededRandom(vm.seed, 1 + vcpu.index);
    this.#gic = vm.gic && this.#makeGic();
    this.#published = new Published(vm.news);
    this.#now = this.#published.read().value;
    this.#eventfds = new EventfdMemory(buffer);
    this.#hypercalls = this.#hypercallsNow();
    this.#exits = new VcpuExits({
      vm,
      page: this.#page,
      cpu: () => this.cpu,
      word: () => this.#engine.word,
      givesNisv: () => this.#now.givesNisv,
    });
    this.#wait = new VcpuWait({
      attention: this.#attention,
      timers: this.#timers,
      time: this.#time,
      base: vcpu.base,
      timerSlot: vcpu.timerSlot,
      takesTurns: turns !== undefined,
    });
    const code = new CodePages(buffer, vcpu.pool, poolBytes, vcpu.base);
    const surroundings = processorSurroundings({
      vm,
      vcpu,
      attention: this.#attention,
      gic: this.#gic,
      timers: this.#timers,
      signal: () => this.#signal(),
      hypercalls: () => this.#hypercalls,
      vcpus: () => this.#now.vcpus,
      signalsEventfd: (address, bytes, value) => this.#signalsEventfd(address, bytes, value),
      fillRandom: this.#fillRandom,
      wait: (ticks, isForEvent) => this.#wait.begin(ticks, isForEvent),
      timersChanged: turns ? () => this.#engine.shorten(this.#timers.nextDeadline(vcpu.timerSlot)) : () => {},
      exits: {
        device: (address, bytes, value) => this.#exits.forDevice(address, bytes, value),
        event: (event) => this.#exits.forEvent(event),
        cannotGoOn: (cpu) => this.#exits.forGood(cpu),
      },
      code: () => code,
      retired: () => this.#engine.retired,
    });
    const memory = new PhysicalMemory(buffer, []);
    const watching = this.#watch = watch?.(virtualMemory);
    this.cpu = new Cpu(
      memory,
      vcpu.base,
      vm.profile,
      watching?.memory ?? virtualMemory,
      watching?.surroundings(surroundings) ?? surroundings,
    );
    this.#initial = memory.bytes.slice(vcpu.base, vcpu.base + cpuBytes);
    const host: EngineHost = {
      codePage,
      enter: (cpu, exception) => this.#takeException(cpu, exception),
    };
    this.#engine = new Engine(
      this.cpu,
      code,
      watching?.host(host) ?? host,
      instructionSet(vm.profile, vm.module),
      vm.memory,
    );
    this.#debugger = new Debugger(this.cpu, this.#engine, (exception) => this.#exits.forDebugger(exception));
    watching?.attach(this.#engine);
  }

  get index(): number {
    return this.vcpu.index;
  }

  #makeGic(): GicModel | GicV2Model {
    const { words, vcpus, interrupts, version } = this.vm.gic!;
    const Model = version === "v2" ? GicV2Model : GicModel;
    return new Model(words, vcpus, interrupts, (vcpu) => this.#callVcpu(vcpu));
  }

  #callVcpu(index: number) {
    const vcpu = this.#now.vcpus.find((one) => one.index === index);
    if (vcpu && index !== this.vcpu.index) this.#attention.call(vcpu.base);
  }

  /**
   * KVM_RUN: 0 with an exit in the page, or minus an error number. It is interrupted before an instruction that is not
   * loaded.
   */
  run(): number {
    // Whoever changes something meanwhile finds this vcpu here, and waits for it to look.
    this.#published.say(this.vcpu.index, this.#version || this.#published.version);
    try {
      return this.#run();
    } finally {
      this.#published.say(this.vcpu.index, 0);
    }
  }

  #run(): number {
    this.#learnNews();
    this.#exits.answer = undefined;
    this.#learnChanges();
    this.#untilLeft(() => {
      if (this.#exits.finishAccess()) this.#debugger.ran();
    });
    this.#takeInjected();
    const answer = this.#runUntilAnswer();
    countPerformance(this.cpu);
    return answer;
  }

  /** Takes over what the monitor has set since the last KVM_RUN; most set nothing. */
  #learnChanges() {
    const { cpu } = this;
    const changes = cpu.u32(cpuWord.changes);
    const isChanged = changes !== this.#changes;
    this.#changes = changes;
    if (isChanged) {
      flushTlb(cpu);
      contextChanged(cpu);
    }
    const { debug } = this.state;
    if (isChanged || debug || cpu.debug.monitor) this.#debugger.begin(debug);
    // What passed outside is not counted.
    if (isChanged || cpu.performance.isOn) performanceChanged(cpu);
  }

  #runUntilAnswer(): number {
    while (this.#exits.answer === undefined) {
      if (this.#isInterrupted() || this.#isTurnOver()) return this.#interrupted();
      if (this.#isOff()) {
        this.#attention.sleep(this.vcpu.base, Infinity);
      } else if (this.#power.isSuspended(this.vcpu.index)) {
        this.#awaitWakeup();
      } else {
        this.#runTimed();
      }
    }
    return this.#exits.answer;
  }

  #isInterrupted(): boolean {
    const asked = this.#attention.isCalled(this.vcpu.base) ? this.#attention.take(this.vcpu.base) : 0;
    if (asked & requests.forgetTranslations) flushTlb(this.cpu);
    if (asked & requests.forgetCode) this.#engine.code.forgetAll();
    this.#learnNews();
    return (asked & requests.kick) !== 0 || this.#page.isToReturn;
  }

  #interrupted(): number {
    this.#page.reason = exitReasons.KVM_EXIT_INTR;
    return -errno.EINTR;
  }

  #isTurnOver(): boolean {
    const { turns } = this;
    if (!turns) return false;
    turns.time.follow(this.#notAdded);
    return turns.next() !== this.vcpu.index;
  }

  canGoOn(): boolean {
    const { index } = this.vcpu;
    if (!this.#power.isOn(index)) return false;
    if (!this.#wait.isWaiting) return true;
    this.#driveTimers();
    return this.#wait.look(this.#signal() !== 0, this.cpu.u32(cpuWord.event) !== 0);
  }

  wakesAt(): number {
    return this.#power.isOn(this.vcpu.index) ? this.#wait.endsAt() : Infinity;
  }

  /** Takes over what was changed since this vcpu last looked; from then on it goes by nothing older. */
  #learnNews() {
    if (this.#version === this.#published.version) return;
    const { value, version } = this.#published.read();
    const isOtherMemory = this.#version === 0 || !haveSameMemory(value.slots, this.#now.slots);
    const { memory } = this.vm;
    this.#now = value;
    this.#version = version;
    this.#hypercalls = this.#hypercallsNow();
    this.cpu.memory.change(regionsOf(value.slots, memory.buffer));
    flushTlb(this.cpu);
    if (isOtherMemory) this.#engine.code.forgetAll();
    this.#published.say(this.vcpu.index, version);
  }

  #hypercallsNow(): HypercallHost {
    return {
      ...hypercallHost(this.vm, this.vcpu, this.#power, this.#timers, this.#fillRandom),
      ...this.#now.firmware,
    };
  }

  /** Of KVM_MP_STATE_SUSPENDED: the vcpu stays so until the monitor says otherwise. */
  #awaitWakeup() {
    this.cpu.surroundings.waitForInterrupt(this.cpu);
    if (this.#signal()) this.#exits.forEvent({ type: "KVM_SYSTEM_EVENT_WAKEUP", data: [] });
  }

  /** Which of `signals` are up: the interrupt controller's, or the monitor's. */
  #signal(): number {
    const { index } = this.vcpu;
    return this.#gic ? this.#gic.signal(index) : this.#inputs.up(index);
  }

  #isOff(): boolean {
    const { index } = this.vcpu;
    const start = this.#power.takeStart(index);
    if (!start) return !this.#power.isOn(index);
    this.#wait.end();
    this.#restoreInitial();
    this.#changes = undefined;
    flushTlb(this.cpu);
    contextChanged(this.cpu);
    debugChanged(this.cpu);
    performanceChanged(this.cpu);
    this.cpu.pc = start.entry;
    this.cpu.writeX(0, start.context);
    return false;
  }

  /** All but what others say to this vcpu. */
  #restoreInitial() {
    const { memory: { bytes }, base } = this.cpu;
    const after = cpuWord.requests + 4;
    bytes.set(this.#initial.subarray(0, cpuWord.attention), base);
    bytes.set(this.#initial.subarray(after), base + after);
  }

  /** What KVM_SET_VCPU_EVENTS left to be taken. */
  #takeInjected() {
    if (!this.state.hasPendingAbort) return;
    this.state.hasPendingAbort = false;
    const { cpu } = this;
    enterException(cpu, cpu.dataAbort(faultStatus.external, false, cpu.deviceAddress));
    if (!this.#exits.hasTrapped) cpu.setSystem("ESR_EL1", cpu.system("ESR_EL1") & ~IL);
  }

  /** Answers whether one was taken. */
  #takeInterrupts(): boolean {
    this.#driveTimers();
    countPerformance(this.cpu);
    const up = this.#signal();
    if (up & signals.FIQ && !isMasked(this.cpu, "fiq")) enterInterrupt(this.cpu, "fiq");
    else if (up & signals.IRQ && !isMasked(this.cpu, "irq")) enterInterrupt(this.cpu, "irq");
    else return false;
    return true;
  }

  #driveTimers() {
    const gic = this.#gic;
    if (!gic) return;
    this.#timers.update(this.vcpu.timerSlot, (_, timer, isUp) => {
      gic.setLine(this.vcpu.index, this.vm.timerInterrupts[timer === "CNTV" ? 0 : 1], isUp);
    });
  }

  #runSlice() {
    const isInterrupted = this.#takeInterrupts();
    if (!runsStepwise(this.cpu)) this.#runEngine(this.turns?.slice() ?? slice);
    else if (isInterrupted) this.#debugger.ran();
    else this.#debugger.step();
  }

  #runTimed() {
    const began = performance.now() - this.#wait.slept;
    this.#untilLeft(() => this.#runSlice());
    const { executed } = this.#engine;
    this.#time.add(executed - this.#added, performance.now() - this.#wait.slept - began);
    this.#added = executed;
  }

  #runEngine(budget: number) {
    if (this.#watch) this.#watch.run(this.#engine, budget);
    else this.#engine.run(budget);
  }

  #untilLeft(work: () => void) {
    try {
      work();
    } catch (thrown) {
      if (thrown === breakpointOffset) this.#untilLeft(() => this.#debugger.stepOver());
      else if (thrown === notLoaded) this.#exits.answer = this.#interrupted();
      else if (thrown !== leaving) throw thrown;
    }
  }

  #takeException(cpu: Cpu, exception: GuestException) {
    if (this.#debugger.isForMonitor(exception)) this.#exits.forDebugger(exception);
    enterException(cpu, exception);
  }

  #signalsEventfd(address: number, bytes: AccessSize, value: bigint): boolean {
    const tie = this.#now.ioeventfds.find(({ addr, len, match }) =>
      addr === address && (len === 0 || len === bytes) &&
      (match === undefined || BigInt(match) === BigInt.asUintN(8 * bytes, value))
    );
    if (!tie) return false;
    this.#eventfds.signal(tie.eventfd, (vm, gsi) => this.#injectGsi(vm, gsi));
    return true;
  }

  /** Another VM's interrupts can be made pending by the monitor's own thread only. */
  #injectGsi(vm: number, gsi: number): boolean {
    const gic = this.#gic, spis = (this.vm.gic?.interrupts ?? 0) - firstSpi;
    if (vm !== this.vm.number) return false;
    if (gic && gsi < spis) injectGsi({ setLine: (intid, isUp) => gic.setLine(0, intid, isUp) }, gsi);
    return true;
  }
}

/** Whether code that was decoded is still what lies there. */
const haveSameMemory = (a: readonly SlotNow[], b: readonly SlotNow[]) =>
  a.length === b.length &&
  a.every(({ base, size, offset }, n) =>
    base === b[n]!.base && size === b[n]!.size && offset === b[n]!.offset
  );
