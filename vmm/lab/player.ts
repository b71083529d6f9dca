// Makes the calls of a transcript again on a backend: descriptors and memory are the backend's own, and stand for
// those of the transcript.

import type { Backend, HostMemory } from "../kvm/backend.ts";
import { errno } from "../kvm/errno.ts";
import type { Bytes } from "../kvm/handle.ts";
import type { Ioctl } from "../kvm/ioctl.ts";
import * as calls from "../kvm/ioctls.ts";
import { RequestError } from "../kvm/request_error.ts";
import { descriptorMade, fromHex } from "../kvm/replayable_call.ts";
import { RunPage } from "../kvm/run_page.ts";
import * as layout from "../kvm/structs.ts";
import type { RunLimit } from "../machine/run_limit.ts";
import { withKernelRoom, withoutPointer } from "./kernel_room.ts";
import { ioctlNamed } from "./ioctl_names.ts";
import type { TranscriptLine } from "./transcript_schema.ts";

type Call = TranscriptLine["call"];

const pageMask = 0xfffn;

/** Calls that name a descriptor which no call of the contract makes. */
const needEventfd: readonly Ioctl[] = [calls.KVM_IRQFD, calls.KVM_IOEVENTFD];

interface Slot {
  readonly vm: number;
  readonly number: number;
  readonly size: number;
  readonly isKept: boolean;
}

export class Player {
  readonly #fds = new Map<number, number>();
  readonly #owners = new Map<number, number>();
  readonly #pages = new Map<number, RunPage>();
  readonly #blocks = new Map<string, HostMemory>();
  readonly #slots: Slot[] = [];
  #pageSize = 4096;

  /** @param limit for guests that run on; asked for at the first KVM_RUN */
  constructor(readonly backend: Backend, readonly limit: () => RunLimit) {}

  /**
   * Makes the call, unless that cannot be done: the sentence says why. Throws RequestError for a line that cannot
   * follow those before it.
   */
  play(line: TranscriptLine): string | undefined {
    const ioctl = ioctlNamed(line.ioctl);
    if (needEventfd.includes(ioctl)) return "eventfds are the monitor's own, and a transcript has none";
    if (ioctl === calls.KVM_RUN && this.#lacksMemory(line.call.fd)) return lacksMemory;
    const fd = this.#descriptorOf(line, ioctl);
    if (fd === undefined) return "the call that made its handle was refused here";
    const argument = this.#argumentOf(ioctl, line.call);
    const pointee = this.#pointeeOf(ioctl, line.call);
    const page = ioctl === calls.KVM_RUN ? this.#prepareRun(fd, line.call) : undefined;
    const make = () => this.backend.ioctl(fd, ioctl, argument, pointee);
    const answer = page ? this.limit().during(make) : make();
    if (page) page.immediateExit = false;
    this.#learn(ioctl, line.call, argument, answer);
    return undefined;
  }

  #descriptorOf({ handle, call }: TranscriptLine, ioctl: Ioctl): number | undefined {
    if (this.#fds.has(call.fd)) {
      const fd = this.#fds.get(call.fd)!;
      return fd < 0 ? undefined : fd;
    }
    if (ioctl.on !== "system" && handle !== "system") {
      throw new RequestError(
        "transcript",
        `the call is made on descriptor ${call.fd}, which no line before it made`,
      );
    }
    const fd = this.backend.openSystem();
    this.#fds.set(call.fd, fd);
    return fd;
  }

  #argumentOf(ioctl: Ioctl, { argument, memory }: Call): number | Bytes {
    if (typeof argument === "number") return argument;
    const bytes = withoutPointer(ioctl, fromHex(argument));
    if (ioctl !== calls.KVM_SET_USER_MEMORY_REGION) return bytes;
    const region = layout.kvm_userspace_memory_region.unpack(bytes);
    // Of an address that is none of the monitor's memory, only what is odd about it can be the same here.
    const userspace_addr = memory
      ? this.#block(memory.block, memory.size).address + BigInt(memory.offset)
      : region.userspace_addr & pageMask;
    return layout.kvm_userspace_memory_region.pack({ ...region, userspace_addr });
  }

  #pointeeOf(ioctl: Ioctl, { argument, pointee }: Call): Bytes | undefined {
    if (pointee === undefined || typeof argument === "number") return undefined;
    const bytes = typeof pointee === "string" ? fromHex(pointee) : new Uint8Array(new ArrayBuffer(pointee));
    const largest = Math.max(0, ...this.#slots.map(({ size }) => size));
    return withKernelRoom(ioctl, fromHex(argument), bytes, largest);
  }

  #block(name: string, size: number): HostMemory {
    const known = this.#blocks.get(name);
    if (known && known.bytes.length >= size) return known;
    const made = this.backend.allocate(size);
    this.#blocks.set(name, made);
    return made;
  }

  #lacksMemory(fd: number): boolean {
    const vm = this.#owners.get(fd);
    return this.#slots.some((slot) => slot.vm === vm && !slot.isKept);
  }

  #prepareRun(fd: number, { run }: Call): RunPage {
    const page = this.#pages.get(fd) ?? new RunPage(this.backend.mapRunPage(fd, this.#pageSize));
    this.#pages.set(fd, page);
    for (const { block, offset, bytes } of run?.pages ?? []) {
      const memory = this.#blocks.get(block)?.bytes;
      const piece = fromHex(bytes);
      if (!memory || offset + piece.length > memory.length) {
        throw new RequestError(
          "transcript",
          `the page at ${offset} of ${block} is in no memory of the guest's`,
        );
      }
      memory.set(piece, offset);
    }
    page.immediateExit = run?.immediateExit ?? false;
    if (run?.answered) page.answerMmio(fromHex(run.answered));
    return page;
  }

  #learn(ioctl: Ioctl, call: Call, argument: number | Bytes, answer: number) {
    if (ioctl === calls.KVM_GET_VCPU_MMAP_SIZE && answer > 0) this.#pageSize = answer;
    if (ioctl === calls.KVM_SET_USER_MEMORY_REGION && answer === 0) this.#learnSlot(call, argument as Bytes);
    const made = descriptorMade(ioctl, argument, answer);
    if (call.made === undefined) return void (made !== undefined && this.backend.close(made));
    this.#close(call.made);
    this.#fds.set(call.made, answer < 0 ? answer : made ?? -errno.EBADF);
    if (ioctl === calls.KVM_CREATE_VCPU && made !== undefined) this.#owners.set(call.made, call.fd);
  }

  #learnSlot({ fd, memory }: Call, argument: Bytes) {
    const { slot: number, memory_size } = layout.kvm_userspace_memory_region.unpack(argument);
    const old = this.#slots.findIndex((slot) => slot.vm === fd && slot.number === number);
    if (old >= 0) this.#slots.splice(old, 1);
    if (memory_size) {
      this.#slots.push({ vm: fd, number, size: Number(memory_size), isKept: memory?.isKept ?? false });
    }
  }

  /** A transcript's descriptor that is made anew was closed before. */
  #close(recorded: number) {
    const fd = this.#fds.get(recorded);
    if (fd === undefined || fd < 0) return;
    const page = this.#pages.get(fd);
    if (page) this.backend.unmapRunPage(page.buffer);
    this.#pages.delete(fd);
    this.#slots.splice(0, this.#slots.length, ...this.#slots.filter(({ vm }) => vm !== recorded));
    this.backend.close(fd);
  }

  close() {
    [...this.#fds.keys()].forEach((recorded) => this.#close(recorded));
    this.#blocks.forEach((block) => this.backend.free(block));
  }
}

export const lacksMemory =
  "the guest's memory is larger than what a transcript holds, so what it does from here on cannot be replayed";
