// A VM: what its vcpus have in common.

import type { FeatureName } from "../kvm/features.ts";
import type { Capability } from "../kvm/capabilities.ts";
import { errno } from "../kvm/errno.ts";
import type { Gic as GicVersion } from "../kvm/host_offer.ts";
import type { Arena } from "./arena.ts";
import type { Clock } from "./clock.ts";
import type { Descriptors } from "./descriptors.ts";
import { Eventfds, injectGsi } from "./eventfds.ts";
import { Gic } from "./gic/gic.ts";
import { GuestTime, guestTimeBytes } from "./guest_time.ts";
import type { HostProfile } from "./host_profile.ts";
import { mostVcpus } from "./host_capabilities.ts";
import { MemorySlots } from "./memory_slots.ts";
import { Firmware } from "./registers/firmware_registers.ts";
import { Attention } from "./attention.ts";
import { irqInputBytes, IrqInputs } from "./irq_inputs.ts";
import type { VmShare } from "./machine_share.ts";
import { Power, powerStateBytes } from "./power.ts";
import { Published, publishedState } from "./published.ts";
import { IdRegisters } from "./registers/id_registers.ts";
import { CounterOffsets } from "./registers/timer_registers.ts";
import { Turns } from "./turns.ts";
import { VirtualCpu } from "./virtual_cpu.ts";
import { setSlot, type VmNow, vmNow } from "./vm_now.ts";
import { shareOf } from "./vm_share.ts";

/** With whatever interrupt controller. */
const mostVcpusOfAll = 512;

export class VirtualMachine {
  readonly number: number;
  readonly vcpus = new Map<number, VirtualCpu>();
  readonly #memory: MemorySlots;
  readonly eventfds: Eventfds;
  readonly firmware = new Firmware(() => this.changed());
  readonly counters: CounterOffsets;
  /** Capabilities that were off until asked for. */
  readonly enabled = new Set<Capability>();
  /** INTIDs of the virtual and physical timers, and of their kin of a hypervisor in the guest. */
  readonly timerInterrupts = [27, 30, 28, 26];
  /** Which vcpus are on. */
  readonly powerState = new SharedArrayBuffer(powerStateBytes(mostVcpusOfAll));
  readonly power = new Power(this.powerState);
  readonly inputState = new SharedArrayBuffer(irqInputBytes(mostVcpusOfAll));
  readonly inputs = new IrqInputs(this.inputState);
  readonly guestTime = new SharedArrayBuffer(guestTimeBytes);
  /** Of the vcpus that run on this thread. */
  readonly turns: Turns | undefined;
  gic: Gic | undefined;
  /** What its vcpus' threads go by; none before any is about to run. */
  #published: Published<VmNow> | undefined;
  /** Whether any vcpu was ever run. */
  hasRun = false;
  /** As KVM gives a VM up whose interrupt controller could not be put where its guest is to find it. */
  isDead = false;
  #features: ReadonlySet<FeatureName> | undefined;
  #idRegisters: IdRegisters | undefined;

  constructor(
    readonly profile: HostProfile,
    readonly ipaBits: number,
    readonly arena: Arena,
    descriptors: Descriptors,
    clock: Clock,
    /** Makes its guest's time that of its instructions. */
    readonly seed?: number,
  ) {
    this.number = descriptors.numberVm();
    this.#memory = new MemorySlots(ipaBits, arena);
    this.eventfds = new Eventfds(descriptors, this);
    this.turns = seed === undefined ? undefined : new Turns(new GuestTime(this.guestTime), seed);
    this.counters = new CounterOffsets(this.turns?.time.clock ?? clock);
  }

  /** To be called when anything of VmNow has changed: when it returns, no vcpu goes by what was. */
  changed() {
    this.#published?.update(({ slots }) => ({ ...vmNow(this), slots }));
    this.#waitForVcpus();
  }

  /** As it is now: another thread may have changed it. */
  get memory(): MemorySlots {
    if (this.#published) this.#memory.adopt(this.#published.read().value.slots);
    return this.#memory;
  }

  /** KVM_SET_USER_MEMORY_REGION. */
  setMemory(region: Parameters<MemorySlots["set"]>[0]): number {
    if (this.#published) return setSlot(this.#published, this.#memory, region, this.#attention);
    const before = this.#memory.all;
    const answer = this.#memory.set(region);
    for (const log of this.#memory.logsGone(before)) this.arena.free(log);
    return answer;
  }

  /** KVM_GET_DIRTY_LOG. */
  takeLog(...asked: Parameters<MemorySlots["takeLog"]>): number {
    const answer = this.memory.takeLog(...asked);
    if (answer === 0) this.#published?.announce();
    this.#waitForVcpus();
    return answer;
  }

  #waitForVcpus() {
    this.#published?.waitFor(this.vcpus.values(), this.#attention);
  }

  get #attention(): Attention {
    return new Attention(this.arena.memory.buffer);
  }

  /** Where what can change is published. */
  get news(): SharedArrayBuffer {
    if (!this.#published) {
      const published = new Published<VmNow>(publishedState());
      published.publish(vmNow(this));
      this.#published = published;
    }
    return this.#published.state;
  }

  /** What another thread needs to take part. */
  share(): VmShare {
    return shareOf(this);
  }

  /** What an eventfd does that is tied to this interrupt. */
  injectGsi(gsi: number) {
    const { gic } = this;
    if (gic) injectGsi({ setLine: (intid, isUp) => void gic.setLine(undefined, intid, isUp) }, gsi);
  }

  /** Gives back what it has of the arena. */
  release() {
    this.eventfds.release();
    this.memory.release();
  }

  /** Of every vcpu, once one is initialised. */
  get features(): ReadonlySet<FeatureName> | undefined {
    return this.#features;
  }

  createVcpu(index: number): VirtualCpu | number {
    const most = mostVcpus(this.gic ? [this.gic.version] : this.profile.gics);
    if (this.vcpus.size >= most) return -errno.EINVAL;
    if (this.gic?.isInitialised) return -errno.EBUSY;
    if (index < 0 || index >= most) return -errno.EINVAL;
    if (this.vcpus.has(index)) return -errno.EEXIST;
    const vcpu = new VirtualCpu(this, index);
    this.vcpus.set(index, vcpu);
    this.changed();
    return vcpu;
  }

  createGic(version: GicVersion): Gic | number {
    if ([...this.vcpus.values()].some(({ hasRun }) => hasRun)) return -errno.EBUSY;
    if (this.gic) return -errno.EEXIST;
    if (this.vcpus.size > mostVcpus([version])) return -errno.E2BIG;
    return this.gic = new Gic(this, version);
  }

  /** Whether these are the features of every vcpu; those of the first one initialised are. */
  agreeOn(names: ReadonlySet<FeatureName>): boolean {
    if (!this.#features) {
      this.#features = names;
      this.changed();
    }
    return this.#features.size === names.size && this.#features.isSubsetOf(names);
  }

  /** The same for every vcpu, once the features are known. */
  idRegisters(): IdRegisters {
    const has = (name: FeatureName) => this.#features?.has(name) ?? false;
    return this.#idRegisters ??= new IdRegisters(this.profile, {
      sve: has("KVM_ARM_VCPU_SVE"),
      ptrauth: has("KVM_ARM_VCPU_PTRAUTH_ADDRESS"),
      pmu: has("KVM_ARM_VCPU_PMU_V3"),
    });
  }

  /** What a first KVM_RUN needs beside its vcpu: 0, or minus the error number. */
  checkReady(): number {
    const refusal = this.gic?.checkReady() ?? 0;
    if (refusal) {
      this.isDead = true;
      return refusal;
    }
    const [virtual, physical] = this.timerInterrupts;
    return this.gic && virtual === physical ? -errno.EINVAL : 0;
  }
}
