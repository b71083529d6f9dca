// The calls that a vcpu's descriptor takes.

import { errno } from "../kvm/errno.ts";
import { finalizeArgument } from "../kvm/features.ts";
import * as calls from "../kvm/ioctls.ts";
import * as layout from "../kvm/structs.ts";
import { attributeCalls } from "./attributes.ts";
import { callTable, onAnswer, onNothing, onStruct } from "./calls.ts";
import type { Handle, Handler } from "./descriptors.ts";
import { listRegisters, readRegister, writeRegister } from "./registers/register_access.ts";
import type { Threads } from "./threads.ts";
import type { VirtualCpu } from "./virtual_cpu.ts";

/** @param threads those of the backend, of which the caller's is one */
export function vcpuHandle(vcpu: VirtualCpu, threads: () => Threads): Handle {
  const { state } = vcpu;
  return {
    kind: "vcpu",
    unknownCall: errno.EINVAL,
    runPage: vcpu.runPage,
    vcpu,
    isDead: () => vcpu.vm.isDead,
    release: () => vcpu.release(),
    calls: callTable([
      [
        calls.KVM_ARM_VCPU_INIT,
        onStruct(layout.kvm_vcpu_init, (init) => vcpu.init(init.target, init.features)),
      ],
      [
        calls.KVM_ARM_VCPU_FINALIZE,
        initialised(vcpu, onStruct(finalizeArgument, (asked) => vcpu.finalize(asked.feature))),
      ],
      [
        calls.KVM_GET_ONE_REG,
        onStruct(
          layout.kvm_one_reg,
          (one, _, room) => vcpu.withRegisters((all) => readRegister(all, one, room)),
        ),
      ],
      [
        calls.KVM_SET_ONE_REG,
        onStruct(
          layout.kvm_one_reg,
          (one, _, value) => {
            vcpu.changed();
            return vcpu.withRegisters((all) => writeRegister(all, one, value));
          },
        ),
      ],
      [
        calls.KVM_GET_REG_LIST,
        onStruct(
          layout.kvm_reg_list,
          (_, list) => vcpu.withFinalRegisters((all) => listRegisters(all, list)),
        ),
      ],
      [calls.KVM_RUN, onNothing(() => threads().running(vcpu.base, () => vcpu.run()))],
      [calls.KVM_GET_MP_STATE, onAnswer(layout.kvm_mp_state, () => ({ mp_state: state.mpState }))],
      [calls.KVM_SET_MP_STATE, onStruct(layout.kvm_mp_state, ({ mp_state }) => state.setMpState(mp_state))],
      [calls.KVM_GET_VCPU_EVENTS, onAnswer(layout.kvm_vcpu_events, () => state.events())],
      [calls.KVM_SET_VCPU_EVENTS, onStruct(layout.kvm_vcpu_events, (events) => state.setEvents(events))],
      [calls.KVM_SET_GUEST_DEBUG, onStruct(layout.kvm_guest_debug, (debug) => state.setDebug(debug))],
      ...attributeCalls(vcpu.attributes),
    ]),
  };
}

/** A call that an uninitialised vcpu refuses before it looks at the argument. */
const initialised = (vcpu: VirtualCpu, handler: Handler): Handler => (argument, pointee) =>
  vcpu.withRegisters(() => handler(argument, pointee));
