// The interpreter's own file descriptors: small integers, each for something that takes ioctls.

import type { Eventfd } from "./eventfds.ts";
import type { VirtualCpu } from "./virtual_cpu.ts";
import type { VirtualMachine } from "./virtual_machine.ts";
import type { Bytes } from "./calls.ts";

/** One ioctl of a handle: its result, or minus the error number. */
export type Handler = (argument: number | Bytes, pointee?: Bytes) => number;

/** What a descriptor stands for. */
export interface Handle {
  readonly kind: "system" | "vm" | "vcpu" | "device" | "eventfd";
  /** By ioctl number. */
  readonly calls: ReadonlyMap<number, Handler>;
  /** The error number of a call it does not take. */
  readonly unknownCall: number;
  /** Of a VM and what belongs to it: whether it was given up, so that every call answers EIO. */
  isDead?(): boolean;
  /** What a vcpu shares with its monitor. */
  readonly runPage?: SharedArrayBuffer;
  /** Of a VM or vcpu: itself, for other threads that are to have it under the same descriptor. */
  readonly vm?: VirtualMachine;
  readonly vcpu?: VirtualCpu;
  readonly eventfd?: Eventfd;
  /** Called when the descriptor is closed. */
  release?(): void;
}

/** 0 to 2 are the standard streams of any process. */
const firstDescriptor = 3;

export class Descriptors {
  readonly #handles: (Handle | undefined)[] = [];
  #vms = 0;

  /** A number that no other VM of these descriptors has, from 1 on. */
  numberVm(): number {
    return ++this.#vms;
  }

  /** The lowest free descriptor, which is the handle's from now on. */
  open(handle: Handle): number {
    const free = this.#handles.findIndex((taken) => taken === undefined);
    const index = free < 0 ? this.#handles.length : free;
    this.#handles[index] = handle;
    return firstDescriptor + index;
  }

  /** The VM of this number, if it is open. */
  vm(number: number): VirtualMachine | undefined {
    return this.#handles.find((handle) => handle?.vm?.number === number)?.vm;
  }

  at(fd: number): Handle | undefined {
    return this.#handles[fd - firstDescriptor];
  }

  close(fd: number) {
    const handle = this.at(fd);
    if (!handle) return;
    this.#handles[fd - firstDescriptor] = undefined;
    handle.release?.();
  }

  /** All that are open. */
  *all(): Generator<readonly [fd: number, handle: Handle]> {
    for (const [index, handle] of this.#handles.entries()) {
      if (handle) yield [firstDescriptor + index, handle];
    }
  }
}
