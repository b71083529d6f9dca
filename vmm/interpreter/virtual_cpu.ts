// A vcpu: its life from KVM_ARM_VCPU_INIT over KVM_ARM_VCPU_FINALIZE to the first KVM_RUN (KVM document,
// "4.82 KVM_ARM_VCPU_INIT", "4.119 KVM_ARM_VCPU_FINALIZE", "4.10 KVM_RUN").

import { errno } from "../kvm/errno.ts";
import { type FeatureName, features } from "../kvm/features.ts";
import { kvm_guest_debug } from "../kvm/structs.ts";
import { mpStates } from "../kvm/vcpu.ts";
import { hasAArch32User, hasRas } from "./host_profile.ts";
import { cpuBytes, cpuWord } from "./a64/cpu_layout.ts";
import { CpuState } from "./a64/cpu_state.ts";
import { CacheSizes } from "./registers/cache_sizes.ts";
import { CoreRegisters } from "./registers/core_registers.ts";
import { FirmwareRegisters } from "./registers/firmware_registers.ts";
import type { Registers } from "./registers/register_access.ts";
import { SveRegisters } from "./registers/sve_registers.ts";
import { SystemRegisterFile } from "./registers/system_register_file.ts";
import { TimerRegisters } from "./registers/timer_registers.ts";
import { VcpuAttributes } from "./vcpu_attributes.ts";
import { askedFeatures } from "./vcpu_features.ts";
import { VcpuState } from "./vcpu_state.ts";
import { poolBytes, type VcpuShare } from "./machine_share.ts";
import type { Processor } from "./processor.ts";
import { engineRoom } from "./engine_room.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

/** Bytes of a vcpu's shared memory: KVM_GET_VCPU_MMAP_SIZE. */
export const runPageSize = 8192;

export class VirtualCpu {
  readonly attributes = new VcpuAttributes(this);
  readonly state: VcpuState;
  /** Byte offset of its state in the arena. */
  readonly base: number;
  readonly cpu: CpuState;
  readonly runPage = new SharedArrayBuffer(runPageSize);
  #features: ReadonlySet<FeatureName> | undefined;
  #registers: Registers | undefined;
  #sve: SveRegisters | undefined;
  readonly #timers: TimerRegisters;
  readonly #caches: CacheSizes;
  readonly #guestDebug = new SharedArrayBuffer(kvm_guest_debug.size);
  hasRun = false;
  #pool: number | undefined;
  #processor: Processor | undefined;

  constructor(readonly vm: VirtualMachine, readonly index: number) {
    this.base = vm.arena.allocate(cpuBytes);
    this.cpu = new CpuState(vm.arena.memory.buffer, this.base);
    this.state = new VcpuState(hasRas(vm.profile), vm.power, index, this.#guestDebug);
    this.state.setMpState(mpStates.KVM_MP_STATE_RUNNABLE);
    this.#timers = new TimerRegisters(vm.counters, index);
    this.#caches = new CacheSizes(vm.profile.idRegisters.CTR_EL0 ?? 0n);
  }

  /** MPIDR_EL1's Aff2 to Aff0: vcpus are numbered by sixteens, as a GICv3's SGIs reach that many at once. */
  get affinity(): number {
    return this.index & 0xf | (this.index >> 4 & 0xff) << 8 | (this.index >> 12 & 0xff) << 16;
  }

  /** None before it was initialised. */
  get features(): ReadonlySet<FeatureName> | undefined {
    return this.#features;
  }

  init(target: number, words: readonly number[]): number {
    const asked = askedFeatures(this.vm.profile, target, words);
    if (typeof asked === "number") return asked;
    if (!this.vm.agreeOn(asked.names)) return -errno.EINVAL;
    this.#features = asked.names;
    this.#reset(asked.names);
    this.changed();
    this.state.setMpState(mpStates[asked.isPoweredOff ? "KVM_MP_STATE_STOPPED" : "KVM_MP_STATE_RUNNABLE"]);
    return 0;
  }

  #reset(names: ReadonlySet<FeatureName>) {
    const { vm } = this;
    const hasSve = names.has("KVM_ARM_VCPU_SVE");
    this.#sve ??= new SveRegisters(this.cpu, hasSve ? vm.profile.vectorLengths : []);
    this.#sve.reset();
    this.#timers.reset();
    this.#registers = {
      core: new CoreRegisters(this.cpu, {
        hasSve,
        isAArch32: names.has("KVM_ARM_VCPU_EL1_32BIT"),
        hasAArch32User: hasAArch32User(vm.profile),
      }),
      sve: this.#sve,
      firmware: new FirmwareRegisters(vm.firmware, names.has("KVM_ARM_VCPU_PSCI_0_2"), () => vm.hasRun),
      timers: this.#timers,
      system: new SystemRegisterFile(
        this.cpu,
        { profile: vm.profile, affinity: this.affinity },
        names,
        vm.idRegisters(),
        () => vm.hasRun,
      ),
      caches: this.#caches,
    };
  }

  /** To be told of whatever sets registers, so that KVM_RUN looks at them again. */
  changed() {
    this.cpu.setU32(cpuWord.changes, this.cpu.u32(cpuWord.changes) + 1 >>> 0);
  }

  /** Hands over the registers, if the vcpu is initialised. */
  withRegisters(access: (registers: Registers) => number): number {
    return this.#registers ? access(this.#registers) : -errno.ENOEXEC;
  }

  /** The same, if it also needs no finalizing. */
  withFinalRegisters(access: (registers: Registers) => number): number {
    return this.withRegisters((registers) => this.#sve!.needsFinalizing ? -errno.EPERM : access(registers));
  }

  finalize(feature: number): number {
    this.changed();
    return feature === features.KVM_ARM_VCPU_SVE.bit ? this.#sve!.finalize() : -errno.EINVAL;
  }

  run(): number {
    return this.withFinalRegisters(() => {
      const refusal = this.hasRun ? 0 : this.#prepareFirstRun();
      if (refusal) return refusal;
      return this.#processorHere().run();
    });
  }

  /** The vcpu on this thread. */
  #processorHere(): Processor {
    const { vm } = this;
    return this.#processor ??= engineRoom().createProcessor(vm.share(), this.share(), this.state, vm.turns);
  }

  /** What another thread needs to run it. */
  share(): VcpuShare {
    this.#pool ??= this.vm.arena.allocate(poolBytes);
    const { index, base, runPage } = this;
    return {
      index,
      base,
      runPage,
      pool: this.#pool,
      timerSlot: this.#timers.slot,
      guestDebug: this.#guestDebug,
      stolenTime: this.attributes.stolenTime,
      cacheSizes: this.#caches.shared,
      performanceInterrupt: this.attributes.pmuInterrupt,
    };
  }

  /** In bits; the longest first are the host's until they are negotiated. */
  get vectorLengths(): readonly number[] {
    return this.#sve?.lengths ?? [];
  }

  /** Gives back what it has of the arena. */
  release() {
    this.vm.arena.free(this.base);
    if (this.#pool !== undefined) this.vm.arena.free(this.#pool);
  }

  #prepareFirstRun(): number {
    const refusal = this.vm.checkReady() || this.attributes.checkPmu();
    if (refusal) return refusal;
    this.hasRun = true;
    this.vm.hasRun = true;
    return 0;
  }
}
