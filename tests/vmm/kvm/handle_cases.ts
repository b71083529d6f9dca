// Handles of every kind on a scripted backend, and how a case about one of their methods is tested.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { errno } from "../../../vmm/kvm/errno.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { KvmError } from "../../../vmm/kvm/kvm_error.ts";
import {
  answersWith,
  type Call,
  type IoctlName,
  type Script,
  scriptedBackend,
  words32,
} from "./scripted_backend.ts";

export const [system, vmFd, vcpuFd, gicFd] = [3, 4, 5, 6];

export const fitHost: Script = {
  KVM_GET_API_VERSION: 12,
  KVM_CHECK_EXTENSION: 1,
  KVM_CREATE_VM: vmFd,
  KVM_GET_VCPU_MMAP_SIZE: 8192,
  KVM_CREATE_VCPU: vcpuFd,
  KVM_CREATE_DEVICE: answersWith(words32(gicFd), 4),
};

/** One handle of each kind; what was asked until they were there is forgotten. */
export function handles(script: Script = {}) {
  const answers: Script = { ...fitHost };
  const scripted = scriptedBackend(answers);
  const kvm = Kvm.open(scripted.backend);
  const vm = kvm.createVm();
  const vcpu = vm.createVcpu(2);
  const gic = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  scripted.calls.length = 0;
  Object.assign(answers, script);
  return { ...scripted, kvm, vm, vcpu, gic };
}

export interface Case {
  readonly act: (on: ReturnType<typeof handles>) => unknown;
  readonly calls: readonly Call[];
  /** What `act` gives back; handles are not compared. */
  readonly gives?: unknown;
  readonly script?: Script;
}

/** Two tests a case: what it passes and gives, and that an error of its first ioctl comes out as a KvmError. */
export function testCases(cases: Readonly<Record<string, Case>>): void {
  for (const [name, { act, calls, gives, script }] of Object.entries(cases)) {
    Deno.test(name, () => {
      const on = handles(script);
      assertEquals(act(on), gives);
      assertEquals(on.calls, [...calls]);
    });

    const [first] = calls;
    Deno.test(`${name}; an error of ${first?.ioctl} is a KvmError`, () => {
      const ioctl = first?.ioctl as IoctlName;
      const error = assertThrows(() => act(handles({ ...script, [ioctl]: -errno.EPERM })), KvmError);
      assertEquals([error.ioctl, error.code, error.errno], [ioctl, 1, "EPERM"]);
      assertMatch(error.message, /^KVM_\w+ answered EPERM while [a-z]+ing [^.]+: [^.]+\.$/);
    });
  }
}
