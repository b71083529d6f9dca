// The interpreter backend: the contract's calls are answered in process, as Linux 6.12's KVM would on a
// pretended host. Guests run on threads that share their VM.

import type { Backend } from "../kvm/backend.ts";
import { errno } from "../kvm/errno.ts";
import type { TakenException } from "../kvm/syndrome.ts";
import { exceptionHistory } from "./a64/exception_history.ts";
import { Arena } from "./arena.ts";
import { type Clock, hostClock } from "./clock.ts";
import { Descriptors } from "./descriptors.ts";
import { EventfdMemory, EventfdPlaces } from "./eventfd_memory.ts";
import { type Eventfd, newEventfd } from "./eventfds.ts";
import { openEngineRoom } from "./engine_room.ts";
import { GuestTime } from "./guest_time.ts";
import type { HostProfile } from "./host_profile.ts";
import { Threads } from "./threads.ts";
import { type InterpreterShare, shareDescriptors } from "./backend_share.ts";
import { systemHandle } from "./system_calls.ts";

export interface InterpreterBackend extends Backend {
  readonly name: "interpreter";
  /** A descriptor that KVM_IRQFD and KVM_IOEVENTFD take: its counter is 0. */
  eventfd(): number;
  /** Adds to an eventfd's counter, or makes the interrupt pending that it is tied to. */
  writeEventfd(fd: number, count: bigint): void;
  /** An eventfd's counter, which is 0 from then on. Never waits. */
  readEventfd(fd: number): bigint;
  /** Where guests are to run the same each time: what their random numbers follow from. */
  readonly seed: number | undefined;
  /** How many instructions the vcpus of the VM behind this descriptor have run, and the guest's time. */
  guestTime(vm: number): GuestTime;
  /** The last exceptions that a vcpu took, the oldest first. It must not be running. */
  exceptionsOf(vcpu: number): readonly TakenException[];
  /** To be awaited before a guest runs. */
  prepare(): Promise<void>;
  /** By which another isolate can interrupt the threads of this backend. */
  threadMemory(): WebAssembly.Memory;
  /** What another thread needs to have this backend's machines. */
  share(): InterpreterShare;
}

/**
 * Descriptors and memory are its own; two of them know nothing of each other.
 * @param seed makes guests run the same each time: their time follows their instructions, not the clock
 */
export function interpreterBackend(
  profile: HostProfile,
  seed?: number,
  clock: Clock = hostClock,
): InterpreterBackend {
  const descriptors = new Descriptors();
  const arena = new Arena();
  const places = new EventfdPlaces(arena);
  const eventfdAt = (fd: number): Eventfd => {
    const eventfd = descriptors.at(fd)?.eventfd;
    if (!eventfd) throw new RangeError(`descriptor ${fd} is no eventfd`);
    return eventfd;
  };
  const eventfds = () => new EventfdMemory(arena.memory.buffer);
  const inject = (number: number, gsi: number) => {
    const vm = descriptors.vm(number);
    vm?.injectGsi(gsi);
    return vm !== undefined;
  };
  let threads: Threads | undefined;
  const threadsHere = () => threads ??= new Threads(arena.memory.buffer);
  return {
    name: "interpreter",
    seed,
    guestTime: (vm) => new GuestTime(descriptors.at(vm)!.vm!.guestTime),
    openSystem: () => descriptors.open(systemHandle(profile, arena, descriptors, clock, threadsHere, seed)),
    ioctl(fd, ioctl, argument, pointee) {
      const handle = descriptors.at(fd);
      if (!handle) return -errno.EBADF;
      if (handle.isDead?.()) return -errno.EIO;
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
    allocate(size) {
      const offset = arena.allocate(size);
      return { address: BigInt(offset), bytes: arena.bytesAt(offset) };
    },
    memoryAt: (address) => arena.bytesAt(Number(address)),
    free: ({ address }) => arena.free(Number(address)),
    currentThread: () => threadsHere().current,
    interruptThread: (thread) => new Threads(arena.memory.buffer).interrupt(thread),
    secondsInGuest: (vm) => new GuestTime(descriptors.at(vm)!.vm!.guestTime).secondsSpent,
    exceptionsOf(fd) {
      const vcpu = descriptors.at(fd)?.vcpu;
      return vcpu ? exceptionHistory(vcpu.cpu) : [];
    },
    threadMemory: () => arena.memory,
    prepare: async () => void await openEngineRoom(),
    share: () => shareDescriptors(descriptors),
    eventfd: () => descriptors.open(newEventfd(places)),
    writeEventfd: (fd, count) => eventfds().signal(eventfdAt(fd).at, inject, count),
    readEventfd: (fd) => eventfds().take(eventfdAt(fd).at),
  };
}
