// Which eventfds a VM's interrupts and guest writes are tied to (KVM document, "4.75 KVM_IRQFD" and
// "4.59 KVM_IOEVENTFD"). An eventfd of the interpreter is a handle of its own descriptor table.

import { errno } from "../kvm/errno.ts";
import { kvm_ioeventfd, kvm_irqfd } from "../kvm/structs.ts";
import type { Descriptors, Handle } from "./descriptors.ts";

/** linux/kvm.h, KVM_IRQFD_FLAG_* and KVM_IOEVENTFD_FLAG_*, as bits. */
const irqfdFlags = { DEASSIGN: 1, RESAMPLE: 2 };
const ioeventfdFlags = { DATAMATCH: 1, PIO: 2, DEASSIGN: 4 };

const lengths = [0, 1, 2, 4, 8];
const addressMask = (1n << 64n) - 1n;

type Irqfd = ReturnType<typeof kvm_irqfd.unpack>;
type Ioeventfd = ReturnType<typeof kvm_ioeventfd.unpack>;

interface TiedInterrupt {
  readonly eventfd: Handle;
  readonly gsi: number;
}

interface TiedAddress {
  readonly eventfd: Handle;
  readonly addr: bigint;
  /** Bytes; 0 for any. */
  readonly len: number;
  readonly isPio: boolean;
  /** The value a write must have; `undefined` for any. */
  readonly match: bigint | undefined;
}

export function newEventfd(): Handle {
  return { kind: "eventfd", calls: new Map(), unknownCall: errno.ENOTTY };
}

export class Eventfds {
  #interrupts: TiedInterrupt[] = [];
  #addresses: TiedAddress[] = [];

  constructor(readonly descriptors: Descriptors) {}

  /** @param isReady whether the VM has an interrupt controller that is initialised */
  irqfd({ fd, gsi, flags }: Irqfd, isReady: boolean): number {
    if (flags & ~(irqfdFlags.DEASSIGN | irqfdFlags.RESAMPLE)) return -errno.EINVAL;
    const isAssign = !(flags & irqfdFlags.DEASSIGN);
    if (isAssign && !isReady) return -errno.EAGAIN;
    const eventfd = this.#eventfdAt(fd);
    if (typeof eventfd === "number") return eventfd;
    if (!isAssign) {
      this.#interrupts = this.#interrupts.filter((tied) => tied.eventfd !== eventfd || tied.gsi !== gsi);
      return 0;
    }
    if (this.#interrupts.some((tied) => tied.eventfd === eventfd)) return -errno.EBUSY;
    this.#interrupts.push({ eventfd, gsi });
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
    this.#addresses.push(tie);
    return 0;
  }

  #untie(tie: TiedAddress): number {
    const keys = Object.keys(tie) as (keyof TiedAddress)[];
    const index = this.#addresses.findIndex((other) => keys.every((key) => tie[key] === other[key]));
    if (index < 0) return -errno.ENOENT;
    this.#addresses.splice(index, 1);
    return 0;
  }

  #eventfdAt(fd: number): Handle | number {
    const handle = this.descriptors.at(fd);
    if (!handle) return -errno.EBADF;
    return handle.kind === "eventfd" ? handle : -errno.EINVAL;
  }
}

/** Whether one write could mean both. */
function collide(a: TiedAddress, b: TiedAddress): boolean {
  if (a.isPio !== b.isPio || a.addr !== b.addr) return false;
  if (a.len === 0 || b.len === 0) return true;
  return a.len === b.len && (a.match === undefined || b.match === undefined || a.match === b.match);
}
