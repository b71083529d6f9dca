// A vcpu's run state, its pending exceptions and its debugger's settings (KVM document, "4.38
// KVM_GET_MP_STATE", "4.31 KVM_GET_VCPU_EVENTS", "4.87 KVM_SET_GUEST_DEBUG").

import { errno } from "../kvm/errno.ts";
import { debugControl, mpStates, type VcpuEvents } from "../kvm/vcpu.ts";
import type { Power } from "./power.ts";
import { kvm_guest_debug } from "../kvm/structs.ts";

export type GuestDebug = ReturnType<typeof kvm_guest_debug.unpack>;

const knownStates: readonly number[] = Object.values(mpStates);
const knownControl = Object.values(debugControl).reduce((mask, flag) => mask | flag, 0);
/** ESR_ELx.ISS, and its bit that says the rest is the implementation's own (Arm DDI 0487, "ESR_EL1"). */
const ISS = 0x1ff_ffffn, IDS = 1n << 24n;

export class VcpuState {
  /** KVM_GUESTDBG_*. */
  readonly #debugControl: Uint32Array;
  /** The syndrome of a pending SError. */
  #serror: bigint | undefined;
  /** Whether the vcpu is to take an external data abort when it next runs. */
  hasPendingAbort = false;

  /**
   * @param hasRas whether an SError can be given a syndrome
   * @param vcpu by whose number `power` has it
   * @param guestDebug its debugger's settings, a `kvm_guest_debug` that all threads share
   */
  constructor(
    readonly hasRas: boolean,
    readonly power: Power,
    readonly vcpu: number,
    readonly guestDebug: SharedArrayBuffer,
  ) {
    this.#debugControl = new Uint32Array(guestDebug, kvm_guest_debug.offsets.control, 1);
  }

  /** What a monitor that debugs the guest asked for, if one does. */
  get debug(): GuestDebug | undefined {
    if (!(this.#debugControl[0]! & debugControl.KVM_GUESTDBG_ENABLE)) return undefined;
    return kvm_guest_debug.unpack(new Uint8Array(this.guestDebug));
  }

  /** The guest turns vcpus on and off itself. */
  get mpState(): number {
    if (this.power.isSuspended(this.vcpu)) return mpStates.KVM_MP_STATE_SUSPENDED;
    return this.power.isOn(this.vcpu) ? mpStates.KVM_MP_STATE_RUNNABLE : mpStates.KVM_MP_STATE_STOPPED;
  }

  setMpState(state: number): number {
    if (!knownStates.includes(state)) return -errno.EINVAL;
    if (state === mpStates.KVM_MP_STATE_SUSPENDED) this.power.suspend(this.vcpu);
    else this.power.set(this.vcpu, state !== mpStates.KVM_MP_STATE_STOPPED);
    return 0;
  }

  events(): Partial<VcpuEvents> {
    return {
      exception: {
        serror_pending: this.#serror === undefined ? 0 : 1,
        serror_has_esr: this.hasRas ? 1 : 0,
        ext_dabt_pending: 0,
        pad: [0, 0, 0, 0, 0],
        serror_esr: this.hasRas ? this.#serror ?? 0n : 0n,
      },
    };
  }

  setEvents({ exception, reserved }: VcpuEvents): number {
    if ([...exception.pad, ...reserved].some((field) => field !== 0)) return -errno.EINVAL;
    if (exception.serror_pending) {
      const hasSyndrome = exception.serror_has_esr !== 0;
      if (hasSyndrome && (!this.hasRas || exception.serror_esr & ~ISS)) return -errno.EINVAL;
      this.#serror = hasSyndrome ? exception.serror_esr : IDS;
    }
    if (exception.ext_dabt_pending) this.hasPendingAbort = true;
    return 0;
  }

  setDebug(debug: GuestDebug): number {
    if (debug.control & ~knownControl) return -errno.EINVAL;
    kvm_guest_debug.write(new DataView(this.guestDebug), 0, debug);
    return 0;
  }
}
