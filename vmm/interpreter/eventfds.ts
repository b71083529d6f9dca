// Which eventfds a VM's interrupts and guest writes are tied to (KVM document, "4.75 KVM_IRQFD" and
// "4.59 KVM_IOEVENTFD"). An eventfd of the interpreter is a handle of its own descriptor table.

import { errno } from "../kvm/errno.ts";
import { kvm_ioeventfd, kvm_irqfd } from "../kvm/structs.ts";
import type { Descriptors, Handle } from "./descriptors.ts";
import { EventfdMemory, type EventfdPlaces } from "./eventfd_memory.ts";
import type { VirtualMachine } from "./virtual_machine.ts";
import type { IoeventfdNow } from "./vm_now.ts";

/** linux/kvm.h, KVM_IRQFD_FLAG_* and KVM_IOEVENTFD_FLAG_*, as bits. */
const irqfdFlags = { DEASSIGN: 1, RESAMPLE: 2 };
const ioeventfdFlags = { DATAMATCH: 1, PIO: 2, DEASSIGN: 4 };

const lengths = [0, 1, 2, 4, 8];
const addressMask = (1n << 64n) - 1n;
/** Guest-physical addresses end here at the latest. */
const mostAddress = 1n << 52n;
const firstSpi = 32;

type Irqfd = ReturnType<typeof kvm_irqfd.unpack>;
type Ioeventfd = ReturnType<typeof kvm_ioeventfd.unpack>;

/** An eventfd, as long as it is open or tied to an address. */
export class Eventfd {
  #users = 1;

  /** @param at byte offset in the arena */
  constructor(readonly places: EventfdPlaces, readonly at = places.take()) {}

  use() {
    this.#users++;
  }

  release() {
    if (--this.#users === 0) this.places.giveBack(this.at);
  }
}

interface TiedInterrupt {
  readonly eventfd: Eventfd;
  readonly gsi: number;
}

interface TiedAddress {
  readonly eventfd: Eventfd;
  readonly addr: bigint;
  /** Bytes; 0 for any. */
  readonly len: number;
  readonly isPio: boolean;
  /** The value a write must have; `undefined` for any. */
  readonly match: bigint | undefined;
}

export function newEventfd(places: EventfdPlaces): Handle {
  const eventfd = new Eventfd(places);
  return {
    kind: "eventfd",
    calls: new Map(),
    unknownCall: errno.ENOTTY,
    eventfd,
    release() {
      // What is tied to an interrupt is so no more; a guest's writes still go to it.
      new EventfdMemory(places.arena.memory.buffer).tie(eventfd.at, 0, 0);
      eventfd.release();
    },
  };
}

/** Makes an interrupt pending where it is an edge; of a level, which falls at once, nothing is left. */
export function injectGsi(gic: { setLine(intid: number, isUp: boolean): void }, gsi: number) {
  gic.setLine(gsi + firstSpi, true);
  gic.setLine(gsi + firstSpi, false);
}

export class Eventfds {
  #interrupts: TiedInterrupt[] = [];
  #addresses: TiedAddress[] = [];

  constructor(readonly descriptors: Descriptors, readonly vm: VirtualMachine) {}

  get #memory() {
    return new EventfdMemory(this.vm.arena.memory.buffer);
  }

  /** Unties all, as its VM goes. */
  release() {
    const memory = this.#memory;
    for (const { eventfd } of this.#interrupts) {
      if (memory.tiedTo(eventfd.at) === this.vm.number) memory.tie(eventfd.at, 0, 0);
    }
    for (const { eventfd } of this.#addresses) eventfd.release();
  }

  /** As the vcpus' threads look for them: those of addresses a guest can reach. */
  get ioeventfds(): IoeventfdNow[] {
    const reachable = this.#addresses.filter(({ addr, isPio }) => !isPio && addr < mostAddress);
    return reachable.map(({ eventfd, addr, len, match }) => ({
      addr: Number(addr),
      len,
      match: match?.toString(),
      eventfd: eventfd.at,
    }));
  }

  /** @param isReady whether the VM has an interrupt controller that is initialised */
  irqfd({ fd, gsi, flags }: Irqfd, isReady: boolean): number {
    if (flags & ~(irqfdFlags.DEASSIGN | irqfdFlags.RESAMPLE)) return -errno.EINVAL;
    const isAssign = !(flags & irqfdFlags.DEASSIGN);
    if (isAssign && !isReady) return -errno.EAGAIN;
    const eventfd = this.#eventfdAt(fd);
    if (typeof eventfd === "number") return eventfd;
    if (!isAssign) {
      return this.#untieInterrupt(eventfd, gsi);
    }
    if (this.#memory.tiedTo(eventfd.at) !== 0) return -errno.EBUSY;
    this.#interrupts.push({ eventfd, gsi });
    this.#memory.tie(eventfd.at, this.vm.number, gsi);
    // What was signalled before counts.
    if (this.#memory.take(eventfd.at)) this.vm.injectGsi(gsi);
    return 0;
  }

  #untieInterrupt(eventfd: Eventfd, gsi: number): number {
    const index = this.#interrupts.findIndex((tied) => tied.eventfd === eventfd && tied.gsi === gsi);
    if (index < 0) return 0;
    this.#interrupts.splice(index, 1);
    this.#memory.tie(eventfd.at, 0, 0);
    return 0;
  }

  ioeventfd(asked: Ioeventfd): number {
    const { DATAMATCH, PIO, DEASSIGN } = ioeventfdFlags;
    const isMatching = (asked.flags & DATAMATCH) !== 0;
    const isDeassign = (asked.flags & DEASSIGN) !== 0;
    if (!isDeassign) {
      if (!lengths.includes(asked.len) || asked.addr + BigInt(asked.len) > addressMask) return -errno.EINVAL;
      if (asked.flags & ~(DATAMATCH | PIO | DEASSIGN) || asked.len === 0 && isMatching) return -errno.EINVAL;
    }
    const eventfd = this.#eventfdAt(asked.fd);
    if (typeof eventfd === "number") return eventfd;
    const tie: TiedAddress = {
      eventfd,
      addr: asked.addr,
      len: asked.len,
      isPio: (asked.flags & PIO) !== 0,
      match: isMatching ? asked.datamatch : undefined,
    };
    return isDeassign ? this.#untie(tie) : this.#tie(tie);
  }

  #tie(tie: TiedAddress): number {
    if (this.#addresses.some((other) => collide(tie, other))) return -errno.EEXIST;
    tie.eventfd.use();
    this.#addresses.push(tie);
    return 0;
  }

  #untie(tie: TiedAddress): number {
    const keys = Object.keys(tie) as (keyof TiedAddress)[];
    const index = this.#addresses.findIndex((other) => keys.every((key) => tie[key] === other[key]));
    if (index < 0) return -errno.ENOENT;
    this.#addresses.splice(index, 1);
    tie.eventfd.release();
    return 0;
  }

  #eventfdAt(fd: number): Eventfd | number {
    const handle = this.descriptors.at(fd);
    if (!handle) return -errno.EBADF;
    return handle.eventfd ?? -errno.EINVAL;
  }
}

/** Whether one write could mean both. */
function collide(a: TiedAddress, b: TiedAddress): boolean {
  if (a.isPio !== b.isPio || a.addr !== b.addr) return false;
  if (a.len === 0 || b.len === 0) return true;
  return a.len === b.len && (a.match === undefined || b.match === undefined || a.match === b.match);
}
