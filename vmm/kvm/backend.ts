// The seam: what stands below the contract. A backend takes ioctls as the kernel does, by file descriptor,
// number and bytes, and answers with a result or a negated error number. Everything typed is above it,
// written once; a recorder that wraps it sees every call.

import type { Ioctl } from "./ioctl.ts";

/** Zeroed memory of the monitor that a guest can be given. */
export interface HostMemory {
  /** What KVM_SET_USER_MEMORY_REGION takes as userspace_addr. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export interface HolePuncher {
  /** Gives back the disk space of a file's bytes, which then read as zero. False where the file system cannot. */
  punch(offset: number, size: number): boolean;
  close(): void;
}

export interface Backend {
  readonly name: "kvm" | "interpreter";
  /** The descriptor of the system handle. Throws RequestError if this machine has no such backend. */
  openSystem(): number;
  /**
   * @param argument the integer, or the structure's bytes (which the call may change)
   * @param pointee the bytes that the structure's pointer member is to point to
   * @returns the call's result, or minus the error number
   */
  ioctl(
    fd: number,
    ioctl: Ioctl,
    argument: number | Uint8Array<ArrayBuffer>,
    pointee?: Uint8Array<ArrayBuffer>,
  ): number;
  close(fd: number): void;
  /** The page that vcpu `fd` shares with its monitor; each isolate maps its own view of it. */
  mapRunPage(fd: number, size: number): ArrayBufferLike;
  unmapRunPage(page: ArrayBufferLike): void;
  /** Throws RequestError if the host cannot give this much. */
  allocate(size: number): HostMemory;
  /** The same memory, seen from another isolate. */
  memoryAt(address: bigint, size: number): Uint8Array;
  free(memory: HostMemory): void;
  /** Opens a file for giving back its disk space; undefined where that cannot be, and missing where nothing can. */
  openPuncher?(path: string): HolePuncher | undefined;
  /** The calling thread, for `interruptThread`. */
  currentThread(): number;
  /** Makes a KVM_RUN that this thread is in return with EINTR. */
  interruptThread(thread: number): void;
  /** Processor time that the VM's guest has had, on all of its vcpus. On KVM: all VMs' of this process. */
  secondsInGuest(vm: number): number;
}
