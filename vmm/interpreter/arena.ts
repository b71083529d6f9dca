// The one memory of everything that a backend's machines share between threads: guests' memory, vcpus' state and
// decoded code, in one shared WebAssembly memory, so that generated code can address it all.

import { RequestError } from "../kvm/request_error.ts";

/** Bytes of a page of WebAssembly memory (WebAssembly Core Specification, "Memory Instances"). */
const wasmPage = 0x1_0000;
/**
 * Words of 32 bits in the first page, which belongs to no allocation: the lock of atomic accesses that one
 * WebAssembly instruction cannot do, how many threads there are, and from the last one on what each runs.
 */
export const firstPage = { atomicsLock: 0, threadCount: 1, threads: 2, words: wasmPage / 4 } as const;

/**
 * The most that an engine gives a 64-bit memory, 16 GiB. All of it is there from the beginning, as address space: the
 * bounds of a memory that never grows are checked in half the instructions.
 */
export const arenaPages = 0x4_0000;

interface Extent {
  readonly offset: number;
  readonly size: number;
}

export class Arena {
  readonly #taken = new Map<number, Extent>();
  readonly #free: Extent[] = [];
  /** Bytes from the beginning on of which any were ever allocated. */
  #used = wasmPage;
  #memory: WebAssembly.Memory | undefined;

  /**
   * Made when it is first needed; its first page is no one's, so that no offset is 0. Throws RequestError if the host
   * does not give that much address space.
   */
  get memory(): WebAssembly.Memory {
    return this.#memory ??= reserve();
  }

  /** Zeroed bytes, in whole pages of 64 KiB: their offset. Throws RequestError if the host cannot give them. */
  allocate(bytes: number): number {
    const size = Math.max(1, Math.ceil(bytes / wasmPage)) * wasmPage;
    const offset = this.#reuse(size) ?? this.#grow(size);
    this.#taken.set(offset, { offset, size: bytes });
    return offset;
  }

  #reuse(size: number): number | undefined {
    const index = this.#free.findIndex((free) => free.size >= size);
    if (index < 0) return undefined;
    const { offset, size: room } = this.#free[index]!;
    if (room > size) this.#free[index] = { offset: offset + size, size: room - size };
    else this.#free.splice(index, 1);
    new Uint8Array(this.memory.buffer, offset, size).fill(0);
    return offset;
  }

  #grow(size: number): number {
    const offset = this.#used;
    const room = this.memory.buffer.byteLength - offset;
    if (size > room) {
      throw new RequestError(
        "memory",
        `${size} bytes of memory do not fit: the interpreter has ${room} left`,
      );
    }
    this.#used += size;
    return offset;
  }

  /** What was allocated at this offset, whole. Throws RangeError if nothing was. */
  bytesAt(offset: number): Uint8Array {
    const taken = this.#taken.get(offset);
    if (!taken) throw new RangeError(`no memory was allocated at 0x${offset.toString(16)}`);
    return new Uint8Array(this.memory.buffer, offset, taken.size);
  }

  free(offset: number) {
    const taken = this.#taken.get(offset);
    if (!taken) return;
    this.#taken.delete(offset);
    const size = Math.max(1, Math.ceil(taken.size / wasmPage)) * wasmPage;
    this.#free.push({ offset, size });
    this.#mergeFree();
  }

  #mergeFree() {
    this.#free.sort((a, b) => a.offset - b.offset);
    for (let n = this.#free.length - 1; n > 0; n--) {
      const [before, after] = [this.#free[n - 1]!, this.#free[n]!];
      if (before.offset + before.size !== after.offset) continue;
      this.#free.splice(n - 1, 2, { offset: before.offset, size: before.size + after.size });
    }
  }
}

function reserve(): WebAssembly.Memory {
  const pages = BigInt(arenaPages);
  try {
    // TypeScript's own declaration does not know 64-bit memories.
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true, address: "i64" } as never);
  } catch (error) {
    throw new RequestError(
      "memory",
      `the host does not give the interpreter 16 GiB of address space (${
        (error as Error).message
      }); raise its limit`,
    );
  }
}
