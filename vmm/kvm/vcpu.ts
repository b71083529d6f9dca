// A vcpu's handle: one typed method per ioctl. Each throws KvmError when the backend answers with an error.

import type { Backend } from "./backend.ts";
import { errno } from "./errno.ts";
import { type FeatureName, features, featureWords, finalizeArgument } from "./features.ts";
import type { Bytes } from "./handle.ts";
import * as calls from "./ioctls.ts";
import { WithAttributes } from "./kvm_device.ts";
import { KvmError } from "./kvm_error.ts";
import { type RegisterId, registerIdOf, registerName, registerSize } from "./register_id.ts";
import { RunPage } from "./run_page.ts";
import * as layout from "./structs.ts";

/** linux/kvm.h, KVM_GUESTDBG_*: what KVM_SET_GUEST_DEBUG can turn on. */
export const debugControl = {
  KVM_GUESTDBG_ENABLE: 1 << 0,
  KVM_GUESTDBG_SINGLESTEP: 1 << 1,
  KVM_GUESTDBG_USE_SW_BP: 1 << 16,
  KVM_GUESTDBG_USE_HW: 1 << 17,
};

/** linux/kvm.h, KVM_MP_STATE_*: those arm64 has. */
export const mpStates = { KVM_MP_STATE_RUNNABLE: 0, KVM_MP_STATE_STOPPED: 5, KVM_MP_STATE_SUSPENDED: 10 };

export class Vcpu extends WithAttributes {
  constructor(backend: Backend, fd: number, readonly index: number, readonly runPageSize: number) {
    super(backend, fd, `vcpu ${index}`);
  }

  init(target: number, names: readonly FeatureName[]) {
    const argument = layout.kvm_vcpu_init.pack({ target, features: featureWords(names) });
    const asked = names.length ? names.join(", ") : "no features";
    this.call(calls.KVM_ARM_VCPU_INIT, argument, `initialising ${this.label} with ${asked}`);
  }

  finalize(feature: FeatureName) {
    const argument = finalizeArgument.pack({ feature: features[feature].bit });
    this.call(calls.KVM_ARM_VCPU_FINALIZE, argument, `finalizing ${feature} of ${this.label}`);
  }

  /** The register's bytes, little-endian. */
  getRegisterBytes(id: RegisterId): Bytes {
    const value = new Uint8Array(new ArrayBuffer(registerSize(id)));
    const argument = layout.kvm_one_reg.pack({ id });
    this.call(calls.KVM_GET_ONE_REG, argument, `reading ${registerName(id)} of ${this.label}`, value);
    return value;
  }

  setRegisterBytes(id: RegisterId, value: Bytes) {
    const argument = layout.kvm_one_reg.pack({ id });
    this.call(calls.KVM_SET_ONE_REG, argument, `writing ${registerName(id)} of ${this.label}`, value);
  }

  /** A register as one unsigned integer of its own size. */
  getRegister(id: RegisterId): bigint {
    return this.getRegisterBytes(id).reduceRight((value, byte) => value << 8n | BigInt(byte), 0n);
  }

  setRegister(id: RegisterId, value: bigint) {
    const bytes = new Uint8Array(new ArrayBuffer(registerSize(id)));
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = Number(value >> BigInt(8 * index) & 0xffn);
    }
    this.setRegisterBytes(id, bytes);
  }

  registerList(): RegisterId[] {
    const context = `listing the registers of ${this.label}`;
    const head = layout.kvm_reg_list.pack({ n: 0n });
    const answer = this.backend.ioctl(this.fd, calls.KVM_GET_REG_LIST, head);
    if (answer !== -errno.E2BIG) throw new KvmError(calls.KVM_GET_REG_LIST, -answer, context);
    const count = Number(layout.kvm_reg_list.unpack(head).n);
    const list = new Uint8Array(new ArrayBuffer(head.length + 8 * count));
    list.set(head);
    this.call(calls.KVM_GET_REG_LIST, list, context);
    return Array.from(new BigUint64Array(list.buffer, head.length, count), registerIdOf);
  }

  /** One of `mpStates`. */
  getMpState(): number {
    const answer = layout.kvm_mp_state.pack({});
    this.call(calls.KVM_GET_MP_STATE, answer, `reading the run state of ${this.label}`);
    return layout.kvm_mp_state.unpack(answer).mp_state;
  }

  setMpState(state: number) {
    this.call(
      calls.KVM_SET_MP_STATE,
      layout.kvm_mp_state.pack({ mp_state: state }),
      `setting the run state of ${this.label}`,
    );
  }

  getEvents(): VcpuEvents {
    const answer = layout.kvm_vcpu_events.pack({});
    this.call(calls.KVM_GET_VCPU_EVENTS, answer, `reading the pending exceptions of ${this.label}`);
    return layout.kvm_vcpu_events.unpack(answer);
  }

  setEvents(events: VcpuEvents) {
    this.call(
      calls.KVM_SET_VCPU_EVENTS,
      layout.kvm_vcpu_events.pack(events),
      `setting pending exceptions of ${this.label}`,
    );
  }

  setGuestDebug(debug: Parameters<typeof layout.kvm_guest_debug.pack>[0]) {
    this.call(
      calls.KVM_SET_GUEST_DEBUG,
      layout.kvm_guest_debug.pack(debug),
      `setting up debugging of ${this.label}`,
    );
  }

  mapRunPage(): RunPage {
    return new RunPage(this.backend.mapRunPage(this.fd, this.runPageSize));
  }

  /**
   * Runs the guest until an exit. 0 says that the page holds one, EINTR that a signal or `immediateExit` came
   * first; anything else is a KvmError.
   */
  run(): 0 | typeof errno.EINTR {
    const answer = this.backend.ioctl(this.fd, calls.KVM_RUN, 0);
    if (answer === 0) return 0;
    if (answer === -errno.EINTR) return errno.EINTR;
    throw new KvmError(calls.KVM_RUN, -answer, `running ${this.label}`);
  }
}

export type VcpuEvents = ReturnType<typeof layout.kvm_vcpu_events.unpack>;
