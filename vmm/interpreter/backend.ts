// The interpreter backend: the contract's calls are answered in process, as Linux 6.12's KVM would on a
// pretended host. It does everything up to the first instruction of a guest; executing them is to come.

import type { Backend } from "../kvm/backend.ts";
import { errno } from "../kvm/errno.ts";
import { type Clock, hostClock } from "./clock.ts";
import { Descriptors } from "./descriptors.ts";
import { newEventfd } from "./eventfds.ts";
import { HostMemories } from "./host_memory.ts";
import type { HostProfile } from "./host_profile.ts";
import { systemHandle } from "./system_calls.ts";

export interface InterpreterBackend extends Backend {
  readonly name: "interpreter";
  /** A descriptor that KVM_IRQFD and KVM_IOEVENTFD take. */
  eventfd(): number;
}

/** Descriptors and memory are its own; two of them know nothing of each other. */
export function interpreterBackend(profile: HostProfile, clock: Clock = hostClock): InterpreterBackend {
  const descriptors = new Descriptors();
  const memories = new HostMemories();
  return {
    name: "interpreter",
    openSystem: () => descriptors.open(systemHandle(profile, descriptors, clock)),
    ioctl(fd, ioctl, argument, pointee) {
      const handle = descriptors.at(fd);
      if (!handle) return -errno.EBADF;
      const handler = handle.calls.get(ioctl.number);
      return handler ? handler(argument, pointee) : -handle.unknownCall;
    },
    close: (fd) => descriptors.close(fd),
    mapRunPage(fd) {
      const page = descriptors.at(fd)?.runPage;
      if (!page) throw new RangeError(`descriptor ${fd} is no vcpu's`);
      return page;
    },
    unmapRunPage() {},
    allocate: (size) => memories.allocate(size),
    memoryAt: (address) => memories.at(address),
    free: ({ address }) => memories.free(address),
    // KVM_RUN returns at once, so that no thread has to be woken from it.
    currentThread: () => 0,
    interruptThread() {},
    eventfd: () => descriptors.open(newEventfd()),
  };
}
