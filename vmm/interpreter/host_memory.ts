// Memory that guests can be given: shared WebAssembly memory, so that vcpus in other Workers can have it and
// generated code can address it.

import type { HostMemory } from "../kvm/backend.ts";
import { RequestError } from "../kvm/request_error.ts";

/** Bytes of a page of WebAssembly memory (WebAssembly Core Specification, "Memory Instances"). */
const wasmPage = 0x1_0000;
/** The first address that is given out: any but 0 would do. */
const firstAddress = 0x1_0000_0000n;

export class HostMemories {
  readonly #byAddress = new Map<bigint, WebAssembly.Memory>();
  #next = firstAddress;

  /** At least `size` bytes, in whole pages of 64 KiB. Throws RequestError if the host cannot give them. */
  allocate(size: number): HostMemory {
    const pages = Math.ceil(size / wasmPage);
    const memory = create(pages, size);
    const address = this.#next;
    this.#byAddress.set(address, memory);
    // The page left between two memories belongs to none.
    this.#next += BigInt((pages + 1) * wasmPage);
    return { address, buffer: memory.buffer };
  }

  at(address: bigint): ArrayBufferLike {
    const memory = this.#byAddress.get(address);
    if (!memory) throw new RangeError(`no memory was allocated at 0x${address.toString(16)}`);
    return memory.buffer;
  }

  free(address: bigint) {
    this.#byAddress.delete(address);
  }
}

function create(pages: number, size: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw new RequestError(
      "memory",
      `the host does not give ${size} bytes of memory (${(error as Error).message}); ask for less`,
    );
  }
}
