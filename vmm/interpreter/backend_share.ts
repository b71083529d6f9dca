// The interpreter in another thread of a machine: the few calls that vcpus and devices make there, on the same
// descriptors, answered on what the VM shares.

import type { Backend } from "../kvm/backend.ts";
import { errno } from "../kvm/errno.ts";
import * as calls from "../kvm/ioctls.ts";
import * as layout from "../kvm/structs.ts";
import { Attention } from "./attention.ts";
import { callTable, onAnswer, onNothing, onStruct } from "./calls.ts";
import type { Descriptors, Handle } from "./descriptors.ts";
import { GicCore } from "./gic/gic_core.ts";
import { GuestTime } from "./guest_time.ts";
import { hasRas } from "./host_profile.ts";
import { setSharedLine } from "./irq_line.ts";
import type { VmShare } from "./machine_share.ts";
import { MemorySlots } from "./memory_slots.ts";
import { Power } from "./power.ts";
import { Published } from "./published.ts";
import type { Processor } from "./processor.ts";
import { engineRoom } from "./engine_room.ts";
import { Threads } from "./threads.ts";
import { Turns } from "./turns.ts";
import { setSlot, type VmNow } from "./vm_now.ts";
import { VcpuState } from "./vcpu_state.ts";

export interface InterpreterShare {
  readonly name: "interpreter";
  readonly vms: readonly (readonly [fd: number, vm: VmShare])[];
  readonly vcpus: readonly (readonly [fd: number, vm: number, index: number])[];
}

/** What goes to the other thread. */
export function shareDescriptors(descriptors: Descriptors): InterpreterShare {
  const handles = [...descriptors.all()];
  const fds = new Map(handles.map(([fd, { vm }]) => [vm, fd]));
  return {
    name: "interpreter",
    vms: handles.flatMap(([fd, { vm }]) => vm ? [[fd, vm.share()] as const] : []),
    vcpus: handles.flatMap(([fd, { vcpu }]) => {
      const vm = vcpu && fds.get(vcpu.vm);
      return vm === undefined ? [] : [[fd, vm, vcpu!.index] as const];
    }),
  };
}

/** As the first thread's backend, but that nothing is opened, allocated or configured here. */
export interface PartInInterpreter extends Backend {
  readonly name: "interpreter";
  /** Of its VM's vcpus, which must all run on this thread then; undefined where each has its own. */
  readonly turns: Turns | undefined;
  /** Whether a KVM_RUN of this thread was interrupted because `loadAll` is to be awaited before the next. */
  wantsMore(): boolean;
  loadAll(): Promise<void>;
}

export function interpreterFromShare(share: InterpreterShare): PartInInterpreter {
  const handles = new Map<number, Handle>();
  const [first] = share.vms;
  if (!first) throw new RangeError("there is no VM to take part in");
  const { memory, seed, guestTime } = first[1];
  const turns = seed === undefined ? undefined : new Turns(new GuestTime(guestTime), seed);
  const threads = new Threads(memory.buffer);
  const vms = new Map(share.vms);
  for (const [fd, vm] of vms) handles.set(fd, vmHandle(vm));
  for (const [fd, vm, index] of share.vcpus) handles.set(fd, vcpuHandle(vms.get(vm)!, index, threads, turns));
  const notHere = () => {
    throw new RangeError("only a machine's first thread can do this");
  };
  return {
    name: "interpreter",
    turns,
    wantsMore: () => engineRoom().wantsMore(),
    loadAll: () => engineRoom().loadAll(),
    openSystem: notHere,
    ioctl(fd, ioctl, argument, pointee) {
      const handle = handles.get(fd);
      if (!handle) return -errno.EBADF;
      const handler = handle.calls.get(ioctl.number);
      return handler ? handler(argument, pointee) : -handle.unknownCall;
    },
    close: notHere,
    mapRunPage: (fd) => handles.get(fd)!.runPage!,
    unmapRunPage() {},
    allocate: notHere,
    memoryAt: (address, size) => new Uint8Array(memory.buffer, Number(address), size),
    free: notHere,
    currentThread: () => threads.current,
    interruptThread: (thread) => threads.interrupt(thread),
    secondsInGuest: (fd) => new GuestTime(vms.get(fd)!.guestTime).secondsSpent,
  };
}

function vmHandle(vm: VmShare): Handle {
  const published = new Published<VmNow>(vm.news);
  const memory = new MemorySlots(vm.ipaBits);
  const attention = new Attention(vm.memory.buffer);
  const call = (index: number) => {
    const vcpu = vm.vcpus.find((one) => one.index === index);
    if (vcpu) attention.call(vcpu.base);
  };
  const gic = vm.gic && new GicCore(vm.gic.words, vm.gic.vcpus, vm.gic.interrupts, call);
  return {
    kind: "vm",
    unknownCall: errno.EINVAL,
    calls: callTable([
      [
        calls.KVM_SET_USER_MEMORY_REGION,
        onStruct(layout.kvm_userspace_memory_region, (to) => setSlot(published, memory, to, attention)),
      ],
      [calls.KVM_IRQ_LINE, onStruct(layout.kvm_irq_level, (line) => setSharedLine(gic, line))],
    ]),
  };
}

function vcpuHandle(vm: VmShare, index: number, threads: Threads, turns: Turns | undefined): Handle {
  const vcpu = vm.vcpus.find((one) => one.index === index)!;
  const state = new VcpuState(hasRas(vm.profile), new Power(vm.power), index, vcpu.guestDebug);
  // Who takes turns is known from the start: a vcpu that has not run yet is turned on by another.
  let processor: Processor | undefined = turns && engineRoom().createProcessor(vm, vcpu, state, turns);
  return {
    kind: "vcpu",
    unknownCall: errno.EINVAL,
    runPage: vcpu.runPage,
    calls: callTable([
      [
        calls.KVM_RUN,
        onNothing(() => {
          const here = processor ??= engineRoom().createProcessor(vm, vcpu, state);
          return threads.running(vcpu.base, () => here.run());
        }),
      ],
      [calls.KVM_GET_VCPU_EVENTS, onAnswer(layout.kvm_vcpu_events, () => state.events())],
      [calls.KVM_SET_VCPU_EVENTS, onStruct(layout.kvm_vcpu_events, (events) => state.setEvents(events))],
      [calls.KVM_SET_GUEST_DEBUG, onStruct(layout.kvm_guest_debug, (debug) => state.setDebug(debug))],
    ]),
  };
}
