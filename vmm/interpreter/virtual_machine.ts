// A VM: what its vcpus have in common.

import type { FeatureName } from "../kvm/features.ts";
import type { Capability } from "../kvm/capabilities.ts";
import { errno } from "../kvm/errno.ts";
import type { Gic as GicVersion } from "../kvm/host_offer.ts";
import type { Arena } from "./arena.ts";
import type { Clock } from "./clock.ts";
import type { Descriptors } from "./descriptors.ts";
import { Eventfds } from "./eventfds.ts";
import { Gic } from "./gic/gic.ts";
import type { HostProfile } from "./host_profile.ts";
import { mostVcpus } from "./host_capabilities.ts";
import { MemorySlots } from "./memory_slots.ts";
import { Firmware } from "./registers/firmware_registers.ts";
import { Attention, requests } from "./attention.ts";
import type { VmShare } from "./machine_share.ts";
import { Power, powerStateBytes } from "./power.ts";
import { IdRegisters } from "./registers/id_registers.ts";
import { CounterOffsets } from "./registers/timer_registers.ts";
import { VirtualCpu } from "./virtual_cpu.ts";
import { shareOf } from "./vm_share.ts";

/** With whatever interrupt controller. */
const mostVcpusOfAll = 512;

export class VirtualMachine {
  readonly vcpus = new Map<number, VirtualCpu>();
  readonly memory: MemorySlots;
  readonly eventfds: Eventfds;
  readonly firmware = new Firmware();
  readonly counters: CounterOffsets;
  /** Capabilities that were off until asked for. */
  readonly enabled = new Set<Capability>();
  /** INTIDs of the virtual and physical timers, and of their kin of a hypervisor in the guest. */
  readonly timerInterrupts = [27, 30, 28, 26];
  /** Which vcpus are on. */
  readonly powerState = new SharedArrayBuffer(powerStateBytes(mostVcpusOfAll));
  readonly power = new Power(this.powerState);
  gic: Gic | undefined;
  #share: VmShare | undefined;
  /** Whether any vcpu was ever run. */
  hasRun = false;
  #features: ReadonlySet<FeatureName> | undefined;
  #idRegisters: IdRegisters | undefined;

  constructor(
    readonly profile: HostProfile,
    readonly ipaBits: number,
    readonly arena: Arena,
    descriptors: Descriptors,
    clock: Clock,
  ) {
    this.memory = new MemorySlots(ipaBits);
    this.eventfds = new Eventfds(descriptors);
    this.counters = new CounterOffsets(clock);
  }

  /** Passes on the answer of a call that changed what its vcpus' threads know of the VM. */
  changed(answer: number): number {
    this.#share = undefined;
    const attention = new Attention(this.arena.memory.buffer);
    for (const { base } of this.vcpus.values()) attention.ask(base, requests.forgetTranslations);
    return answer;
  }

  /** What another thread needs to take part; the same object as long as nothing of it changed. */
  share(): VmShare {
    return this.#share ??= shareOf(this);
  }

  createVcpu(index: number): VirtualCpu | number {
    const most = mostVcpus(this.gic ? [this.gic.version] : this.profile.gics);
    if (this.vcpus.size >= most) return -errno.EINVAL;
    if (this.gic?.isInitialised) return -errno.EBUSY;
    if (index < 0 || index >= most) return -errno.EINVAL;
    if (this.vcpus.has(index)) return -errno.EEXIST;
    const vcpu = new VirtualCpu(this, index);
    this.vcpus.set(index, vcpu);
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
    this.#features ??= names;
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
    if (refusal) return refusal;
    const [virtual, physical] = this.timerInterrupts;
    return this.gic && virtual === physical ? -errno.EINVAL : 0;
  }
}
